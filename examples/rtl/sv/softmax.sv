// Softmax with tables (rule L13, "stable") of a vector that arrives one element a beat:
//   m = largest x;  e[i] = Q_acc(exp_table[top bits of Q_diff(m - x[i])]);  sum = tree of Q_acc(left + right);
//   out[i] = Q_result(e[i] * inv_table[top bits of Q_inv(sum)]).
// One element a clock in every phase: about 4 * N clocks a vector; the next vector waits until the last result has left.
// EXP_FILE and INV_FILE: 2^EXP_BITS and 2^INV_BITS words, one a line. Tables and sums are unsigned.
module softmax #(
    parameter int N = 10,
    parameter int IN_WIDTH = 8,
    parameter int IN_FRAC = 1,
    parameter bit IN_SIGNED = 1,
    parameter int DIFF_WIDTH = 8,
    parameter int DIFF_FRAC = 1,
    parameter int DIFF_ROUND = fixed_point::TRN,
    parameter int DIFF_OVERFLOW = fixed_point::SAT,
    parameter int EXP_BITS = 8,
    parameter int EXP_WIDTH = 16,
    parameter int EXP_FRAC = 15,
    parameter int ACC_WIDTH = 20,
    parameter int ACC_FRAC = 15,
    parameter int ACC_ROUND = fixed_point::TRN,
    parameter int ACC_OVERFLOW = fixed_point::SAT,
    parameter int INDEX_WIDTH = 12,
    parameter int INDEX_FRAC = 7,
    parameter int INDEX_ROUND = fixed_point::RND_CONV,
    parameter int INDEX_OVERFLOW = fixed_point::SAT,
    parameter int INV_BITS = 12,
    parameter int INV_WIDTH = 16,
    parameter int INV_FRAC = 15,
    parameter int OUT_WIDTH = 8,
    parameter int OUT_FRAC = 8,
    parameter bit OUT_SIGNED = 0,
    parameter int OUT_ROUND = fixed_point::RND_CONV,
    parameter int OUT_OVERFLOW = fixed_point::SAT,
    parameter EXP_FILE = "parameters/dense_1_softmax_exp_table.mem",
    parameter INV_FILE = "parameters/dense_1_softmax_inv_table.mem"
) (
    input  logic                 clk,
    input  logic                 rst,
    input  logic [ IN_WIDTH-1:0] in_data,
    input  logic                 in_valid,
    output logic                 in_ready,
    output logic [OUT_WIDTH-1:0] out_data,
    output logic                 out_valid,
    input  logic                 out_ready
);
    localparam int I_BITS = $clog2(N + 1);
    localparam logic [31:0] LAST = N - 1;
    localparam logic [31:0] COUNT = N;

    logic [EXP_WIDTH-1:0] exp_table[0:2**EXP_BITS-1];
    logic [INV_WIDTH-1:0] inv_table[0:2**INV_BITS-1];
    initial begin
        $readmemh(EXP_FILE, exp_table);
        $readmemh(INV_FILE, inv_table);
    end

    localparam logic [2:0] GATHER = 3'd0;  // elements arrive, the largest is kept
    localparam logic [2:0] LOOKUP = 3'd1;  // e[i]
    localparam logic [2:0] ADD = 3'd2;     // the tree, one node a clock
    localparam logic [2:0] INVERT = 3'd3;
    localparam logic [2:0] GIVE = 3'd4;
    logic [2:0] phase;
    logic [I_BITS-1:0] i;
    wire last = i == LAST[I_BITS-1:0];

    logic [IN_WIDTH-1:0] x[0:N-1];
    logic [IN_WIDTH-1:0] largest;
    wire [IN_WIDTH-1:0] larger_one;
    larger #(.BITS(IN_WIDTH), .SIGNED(IN_SIGNED)) u_larger (.a(largest), .b(in_data), .y(larger_one));

    // LOOKUP. The difference of two inputs, one bit wider and never negative.
    wire [IN_WIDTH-1:0] element = x[i];
    wire [IN_WIDTH:0] gap = {IN_SIGNED && largest[IN_WIDTH-1], largest} - {IN_SIGNED && element[IN_WIDTH-1], element};
    wire [DIFF_WIDTH-1:0] difference;
    requantise #(
        .IN_WIDTH(IN_WIDTH + 1), .IN_FRAC(IN_FRAC), .IN_SIGNED(1'b0),
        .OUT_WIDTH(DIFF_WIDTH), .OUT_FRAC(DIFF_FRAC), .OUT_SIGNED(1'b0),
        .ROUND(DIFF_ROUND), .OVERFLOW(DIFF_OVERFLOW)
    ) u_difference (.in_raw(gap), .out_raw(difference));
    wire [EXP_WIDTH-1:0] exponential = exp_table[difference[DIFF_WIDTH-1-:EXP_BITS]];
    wire [ACC_WIDTH-1:0] leaf;
    requantise #(
        .IN_WIDTH(EXP_WIDTH), .IN_FRAC(EXP_FRAC), .IN_SIGNED(1'b0),
        .OUT_WIDTH(ACC_WIDTH), .OUT_FRAC(ACC_FRAC), .OUT_SIGNED(1'b0),
        .ROUND(ACC_ROUND), .OVERFLOW(ACC_OVERFLOW)
    ) u_leaf (.in_raw(exponential), .out_raw(leaf));

    // ADD. `level` nodes are left; node i of the next level is the sum of 2i and 2i + 1, and an odd last one passes.
    logic [ACC_WIDTH-1:0] leaves[0:N-1];
    logic [ACC_WIDTH-1:0] nodes [0:N-1];
    logic [I_BITS-1:0] level;
    wire [I_BITS-1:0] next_level = (level >> 1) + {{(I_BITS - 1) {1'b0}}, level[0]};
    wire [I_BITS-1:0] left = i << 1;
    wire [I_BITS-1:0] right = left | {{(I_BITS - 1) {1'b0}}, 1'b1};
    wire single = right == level;
    wire level_done = i + 1'b1 == next_level;
    wire [ACC_WIDTH:0] sum = {1'b0, nodes[left]} + {1'b0, nodes[right]};
    wire [ACC_WIDTH-1:0] node;
    requantise #(
        .IN_WIDTH(ACC_WIDTH + 1), .IN_FRAC(ACC_FRAC), .IN_SIGNED(1'b0),
        .OUT_WIDTH(ACC_WIDTH), .OUT_FRAC(ACC_FRAC), .OUT_SIGNED(1'b0),
        .ROUND(ACC_ROUND), .OVERFLOW(ACC_OVERFLOW)
    ) u_node (.in_raw(sum), .out_raw(node));

    // INVERT and GIVE.
    wire [INDEX_WIDTH-1:0] inv_index;
    requantise #(
        .IN_WIDTH(ACC_WIDTH), .IN_FRAC(ACC_FRAC), .IN_SIGNED(1'b0),
        .OUT_WIDTH(INDEX_WIDTH), .OUT_FRAC(INDEX_FRAC), .OUT_SIGNED(1'b0),
        .ROUND(INDEX_ROUND), .OVERFLOW(INDEX_OVERFLOW)
    ) u_index (.in_raw(nodes[0]), .out_raw(inv_index));
    logic [INV_WIDTH-1:0] inverse;
    wire [ACC_WIDTH+INV_WIDTH-1:0] product = {{INV_WIDTH{1'b0}}, leaves[i]} * {{ACC_WIDTH{1'b0}}, inverse};
    requantise #(
        .IN_WIDTH(ACC_WIDTH + INV_WIDTH), .IN_FRAC(ACC_FRAC + INV_FRAC), .IN_SIGNED(1'b0),
        .OUT_WIDTH(OUT_WIDTH), .OUT_FRAC(OUT_FRAC), .OUT_SIGNED(OUT_SIGNED),
        .ROUND(OUT_ROUND), .OVERFLOW(OUT_OVERFLOW)
    ) u_result (.in_raw(product), .out_raw(out_data));

    assign in_ready = phase == GATHER;
    assign out_valid = phase == GIVE;

    always_ff @(posedge clk)
        if (rst) begin
            phase <= GATHER;
            i <= '0;
        end else
            case (phase)
                GATHER:
                if (in_valid) begin
                    x[i] <= in_data;
                    largest <= i == '0 ? in_data : larger_one;
                    i <= last ? '0 : i + 1'b1;
                    if (last) phase <= LOOKUP;
                end
                LOOKUP: begin
                    leaves[i] <= leaf;
                    nodes[i] <= leaf;
                    level <= COUNT[I_BITS-1:0];
                    i <= last ? '0 : i + 1'b1;
                    if (last) phase <= N > 1 ? ADD : INVERT;
                end
                ADD: begin
                    nodes[i] <= single ? nodes[left] : node;
                    i <= level_done ? '0 : i + 1'b1;
                    if (level_done) begin
                        level <= next_level;
                        if (next_level == 1) phase <= INVERT;
                    end
                end
                INVERT: begin
                    inverse <= inv_table[inv_index[INDEX_WIDTH-1-:INV_BITS]];
                    phase <= GIVE;
                end
                GIVE:
                if (out_ready) begin
                    i <= last ? '0 : i + 1'b1;
                    if (last) phase <= GATHER;
                end
                default: phase <= GATHER;
            endcase
endmodule
