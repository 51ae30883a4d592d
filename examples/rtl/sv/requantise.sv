// A number of one fixed-point format becomes one of another: first rounded to the lsb of the destination (rules Q0 to
// Q7), then what does not fit is wrapped or saturated (O1 to O3, D4 of ap). Combinational and exact for any two formats:
// FRAC may be negative or larger than WIDTH.
//
// value = raw * 2^-FRAC. A raw is two's complement where SIGNED is 1, bit 0 its least significant bit.
module requantise #(
    parameter int IN_WIDTH = 16,
    parameter int IN_FRAC = 8,
    parameter bit IN_SIGNED = 1,
    parameter int OUT_WIDTH = 8,
    parameter int OUT_FRAC = 4,
    parameter bit OUT_SIGNED = 1,
    parameter int ROUND = fixed_point::RND_CONV,
    parameter int OVERFLOW = fixed_point::SAT
) (
    input  logic [ IN_WIDTH-1:0] in_raw,
    output logic [OUT_WIDTH-1:0] out_raw
);
    // A code of bittrue that fixed_point.sv does not have: the design does not elaborate.
    generate
        if (ROUND < 0 || ROUND > fixed_point::RND_CONV || OVERFLOW < 0 || OVERFLOW > fixed_point::SAT_ZERO) begin : g_mode
            requantise_has_no_such_rounding_or_overflow u_not_so ();
        end
    endgenerate

    // Bits to append, and bits to drop.
    localparam int LEFT = OUT_FRAC > IN_FRAC ? OUT_FRAC - IN_FRAC : 0;
    localparam int RIGHT = IN_FRAC > OUT_FRAC ? IN_FRAC - OUT_FRAC : 0;

    // The input as a signed number, scaled, with at least two bits above those that are dropped.
    localparam int NEEDED = IN_WIDTH + 1 + LEFT;
    localparam int EXACT = NEEDED > RIGHT + 2 ? NEEDED : RIGHT + 2;
    // What is kept, with room for the carry of rounding and for the ends of the destination's range.
    localparam int KEPT = EXACT - RIGHT;
    localparam int WIDE = KEPT > OUT_WIDTH + 1 ? KEPT + 1 : OUT_WIDTH + 2;

    wire negative = IN_SIGNED && in_raw[IN_WIDTH-1];
    wire [EXACT-1:0] exact = {{(EXACT - IN_WIDTH) {negative}}, in_raw} << LEFT;
    wire [KEPT-1:0] floor = exact[EXACT-1:RIGHT];

    // What was dropped: its first bit, and whether any other bit is set.
    logic half, rest;
    generate
        if (RIGHT == 0) begin : g_none
            assign half = 1'b0;
            assign rest = 1'b0;
        end else if (RIGHT == 1) begin : g_one
            assign half = exact[0];
            assign rest = 1'b0;
        end else begin : g_more
            assign half = exact[RIGHT-1];
            assign rest = |exact[RIGHT-2:0];
        end
    endgenerate

    wire up = ROUND == fixed_point::TRN ? 1'b0
            : ROUND == fixed_point::TRN_ZERO ? negative && (half || rest)
            : ROUND == fixed_point::RND ? half
            : ROUND == fixed_point::RND_ZERO ? half && (rest || negative)
            : ROUND == fixed_point::RND_MIN_INF ? half && rest
            : ROUND == fixed_point::RND_INF ? half && (rest || !negative)
            : ROUND == fixed_point::RND_CONV ? half && (rest || floor[0])
            : 1'bx;
    wire signed [WIDE-1:0] rounded = {{(WIDE - KEPT) {floor[KEPT-1]}}, floor} + {{(WIDE - 1) {1'b0}}, up};

    // The ends of the range.
    localparam logic signed [WIDE-1:0] ONE = {{(WIDE - 1) {1'b0}}, 1'b1};
    localparam logic signed [WIDE-1:0] HIGH = (ONE <<< (OUT_SIGNED ? OUT_WIDTH - 1 : OUT_WIDTH)) - ONE;
    localparam bit SYMMETRIC = OVERFLOW == fixed_point::SAT_SYM && OUT_WIDTH > 1;
    localparam logic signed [WIDE-1:0] LOW = !OUT_SIGNED ? ONE - ONE : SYMMETRIC ? -HIGH : -HIGH - ONE;

    wire above = rounded > HIGH;
    wire below = rounded < LOW;
    assign out_raw = OVERFLOW == fixed_point::WRAP || !(above || below) ? rounded[OUT_WIDTH-1:0]
                   : OVERFLOW == fixed_point::SAT_ZERO ? {OUT_WIDTH{1'b0}}
                   : above ? HIGH[OUT_WIDTH-1:0] : LOW[OUT_WIDTH-1:0];
endmodule
