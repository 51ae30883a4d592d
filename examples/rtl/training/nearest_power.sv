// Shift of rule H1 without a logarithm: the j with 2^(2j-1) <= m*m < 2^(2j+1) for an integer m > 0. With t the place of
// m's leading one it is t or t+1, told by whether m*m reaches 2^(2t+1), which no square of an integer equals.
// (The same as comparing the bits of m behind its leading one with those of sqrt(2), as many as there are.)
// Combinational; of m = 0 there is no j: `none`.
module nearest_power #(
    parameter int WIDTH = 8,
    parameter int POWER_WIDTH = 4  // holds WIDTH
) (
    input  logic [      WIDTH-1:0] m,
    output logic [POWER_WIDTH-1:0] j,
    output logic                   none
);
    function automatic logic [POWER_WIDTH-1:0] leading_one(input logic [WIDTH-1:0] word);
        leading_one = '0;
        for (int i = 0; i < WIDTH; i = i + 1) if (word[i]) leading_one = i[POWER_WIDTH-1:0];
    endfunction

    wire [POWER_WIDTH-1:0] t = leading_one(m);
    wire [2*WIDTH-1:0] wide = {{WIDTH{1'b0}}, m};
    wire [2*WIDTH-1:0] square = wide * wide;
    wire [2*WIDTH-1:0] bound = ({{(2 * WIDTH - 1) {1'b0}}, 1'b1} << {t, 1'b0}) << 1;  // 2^(2t+1)
    assign j = square >= bound ? t + 1'b1 : t;
    assign none = m == '0;
endmodule
