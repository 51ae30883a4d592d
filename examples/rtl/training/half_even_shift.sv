// A word divided by 2^shift, rounded to the nearest integer, a tie to the even one (rule Q7). Combinational.
// `shift` must be below WIDTH - 1.
module half_even_shift #(
    parameter int WIDTH = 16,
    parameter int SHIFT_WIDTH = 4
) (
    input  logic signed [      WIDTH-1:0] x,
    input  logic        [SHIFT_WIDTH-1:0] shift,
    output logic signed [      WIDTH-1:0] y
);
    wire signed [WIDTH-1:0] floor = x >>> shift;
    wire [WIDTH-1:0] dropped = x - (floor << shift);  // 0 .. 2^shift - 1
    wire [WIDTH:0] twice = {dropped, 1'b0};
    wire [WIDTH:0] one = {{WIDTH{1'b0}}, 1'b1} << shift;
    wire up = twice > one || (twice == one && floor[0]);
    assign y = floor + $signed({{(WIDTH - 1) {1'b0}}, up});
endmodule
