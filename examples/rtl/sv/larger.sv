// The larger of two words of one format. Combinational.
module larger #(
    parameter int BITS = 8,
    parameter bit SIGNED = 0
) (
    input  logic [BITS-1:0] a,
    input  logic [BITS-1:0] b,
    output logic [BITS-1:0] y
);
    wire signed [BITS:0] wide_a = {SIGNED && a[BITS-1], a};
    wire signed [BITS:0] wide_b = {SIGNED && b[BITS-1], b};
    assign y = wide_a > wide_b ? a : b;
endmodule
