// A dense layer, one multiply-accumulate per clock: takes IN words, then gives OUT words. Weights stand output by output.
// The sum is exact in ACC bits; DROP of its fraction bits are rounded to nearest, ties to even, and the result saturates.
module dense #(
    parameter int IN = 16,
    parameter int OUT = 8,
    parameter int X_BITS = 8,
    parameter bit X_SIGNED = 1,
    parameter int Y_BITS = 8,
    parameter int ACC = 24,
    parameter int DROP = 8,
    parameter int BIAS_SHIFT = 4,  // from the bias' binary point to the sum's
    parameter logic signed [7:0] WEIGHTS[IN*OUT],
    parameter logic signed [7:0] BIAS[OUT]
) (
    input  logic              clk,
    input  logic              rst,
    input  logic              fault,  // plants a bug for the demonstration: ties go up instead of to even
    input  logic [X_BITS-1:0] x_data,
    input  logic              x_valid,
    output logic              x_ready,
    output logic [Y_BITS-1:0] y_data,
    output logic              y_valid,
    input  logic              y_ready
);
    typedef enum logic [1:0] {FILL, START, SUM, GIVE} state_t;
    state_t state;
    int i, o;
    logic [X_BITS-1:0] x[IN];
    logic signed [ACC-1:0] acc;

    assign x_ready = state == FILL;
    assign y_valid = state == GIVE;

    logic signed [X_BITS:0] operand;
    logic signed [ACC-1:0] kept;
    logic half, rest, up;
    always_comb begin
        operand = {X_SIGNED & x[i][X_BITS-1], x[i]};
        kept = acc >>> DROP;
        half = acc[DROP-1];
        rest = |acc[DROP-2:0];
        up = half && (rest || kept[0] || fault);
        kept = kept + ACC'(up);
        if (kept > ACC'(2 ** (Y_BITS - 1) - 1)) y_data = {1'b0, {(Y_BITS - 1) {1'b1}}};
        else if (kept < -ACC'(2 ** (Y_BITS - 1))) y_data = {1'b1, {(Y_BITS - 1) {1'b0}}};
        else y_data = kept[Y_BITS-1:0];
    end

    always_ff @(posedge clk) begin
        case (state)
            FILL:
            if (x_valid) begin
                x[i] <= x_data;
                i <= i == IN - 1 ? 0 : i + 1;
                if (i == IN - 1) state <= START;
            end
            START: begin
                acc <= ACC'(BIAS[o]) <<< BIAS_SHIFT;
                state <= SUM;
            end
            SUM: begin
                acc <= acc + ACC'(operand) * ACC'(WEIGHTS[o*IN+i]);
                i <= i == IN - 1 ? 0 : i + 1;
                if (i == IN - 1) state <= GIVE;
            end
            GIVE:
            if (y_ready) begin
                o <= o == OUT - 1 ? 0 : o + 1;
                state <= o == OUT - 1 ? FILL : START;
            end
        endcase
        if (rst) begin
            state <= FILL;
            i <= 0;
            o <= 0;
        end
    end
endmodule
