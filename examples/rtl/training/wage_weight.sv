// The word that a layer uses of a stored weight (rule H2): its sign, or its upper bits, rounded and clipped.
// Combinational.
module wage_weight #(
    parameter int W = 1,
    parameter int G = 8,
    parameter int OUT_WIDTH = 2
) (
    input  logic signed [        G-1:0] w,
    output logic signed [OUT_WIDTH-1:0] q
);
    generate
        if (W == 1) begin : g_sign
            assign q = w < 0 ? -OUT_WIDTH'(1) : w > 0 ? OUT_WIDTH'(1) : '0;
        end else begin : g_word
            localparam int WIDTH = G + W + 1;
            localparam logic signed [WIDTH-1:0] TOP = (1 << (W - 1)) - 1;
            wire signed [WIDTH-1:0] rounded;
            half_even_shift #(.WIDTH(WIDTH), .SHIFT_WIDTH($clog2(G + 1))) u_round (
                .x(WIDTH'(w) <<< (W - 1)), .shift($clog2(G + 1)'(G - 1)), .y(rounded)
            );
            assign q = rounded > TOP ? TOP[OUT_WIDTH-1:0] : rounded < -TOP ? -TOP[OUT_WIDTH-1:0] : rounded[OUT_WIDTH-1:0];
        end
    endgenerate
endmodule
