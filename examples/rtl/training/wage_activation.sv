// The activation of a layer's sum v (rule H4) and whether errors pass it on their way back (H8). Combinational.
module wage_activation #(
    parameter int A = 2,
    parameter int SUM_WIDTH = 8,
    parameter int SUM_FRAC = 4,
    parameter int OUT_WIDTH = 1
) (
    input  logic signed [SUM_WIDTH-1:0] v,
    output logic        [OUT_WIDTH-1:0] a,
    output logic                        open
);
    // v * S(A), and the largest activation, 1 - 1/S(A) (A = 1: 1), in the same LSBs.
    localparam int WIDTH = SUM_WIDTH + SUM_FRAC + A + 2;
    localparam logic signed [WIDTH-1:0] TOP = A == 1 ? 1 : (1 << (A - 1)) - 1;
    localparam logic signed [WIDTH-1:0] LIMIT = TOP <<< SUM_FRAC;
    wire signed [WIDTH-1:0] positive = v < 0 ? '0 : WIDTH'(v) <<< (A - 1);
    assign open = positive <= LIMIT;

    localparam int SHIFT_WIDTH = $clog2(SUM_FRAC + 2);
    wire signed [WIDTH-1:0] rounded;
    half_even_shift #(.WIDTH(WIDTH), .SHIFT_WIDTH(SHIFT_WIDTH)) u_round (
        .x(positive), .shift(SHIFT_WIDTH'(SUM_FRAC)), .y(rounded)
    );
    assign a = A == 1 ? OUT_WIDTH'(v > 0) : rounded > TOP ? TOP[OUT_WIDTH-1:0] : rounded[OUT_WIDTH-1:0];
endmodule
