// Codes of the rounding and overflow parameters. The letters and numbers are rules of docs/numerics.md. The packages of
// `bittrue vectors --sv-package` have the same codes for the same modes, and some for modes that requantise refuses.
package fixed_point;
    // Rounding, to the lsb of the destination.
    localparam int TRN = 0;          // Q1: toward minus infinity
    localparam int TRN_ZERO = 1;     // Q2: toward zero
    localparam int RND = 2;          // Q3: nearest, a tie toward plus infinity
    localparam int RND_ZERO = 3;     // Q4: nearest, a tie toward zero
    localparam int RND_MIN_INF = 4;  // Q5: nearest, a tie toward minus infinity
    localparam int RND_INF = 5;      // Q6: nearest, a tie away from zero
    localparam int RND_CONV = 6;     // Q7: nearest, a tie to even

    // Overflow of the rounded number.
    localparam int WRAP = 0;      // O2: keep the low bits
    localparam int SAT = 1;       // O3: the nearest end of the range
    localparam int SAT_SYM = 2;   // O3: the same, the range being -max..max
    localparam int SAT_ZERO = 3;  // O3: zero
endpackage
