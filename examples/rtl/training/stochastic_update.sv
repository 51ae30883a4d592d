// Rules H12 and H14: the scaled gradient n becomes a step of whole LSBs of the weight, up or down by chance, and the
// weight is stored with saturation (STORE 0) or wraps (STORE 1). Combinational.
module stochastic_update #(
    parameter int G = 8,
    parameter int R = 8,
    parameter int SCALED_WIDTH = 9,
    parameter int STEP_WIDTH = 3,
    parameter int STORE = 0
) (
    input  logic signed [SCALED_WIDTH-1:0] n,
    input  logic        [           R-1:0] draw,
    input  logic signed [           G-1:0] weight,
    output logic signed [  STEP_WIDTH-1:0] step,
    output logic signed [           G-1:0] stored
);
    localparam int M_WIDTH = SCALED_WIDTH > G + STEP_WIDTH ? SCALED_WIDTH : G + STEP_WIDTH;
    localparam int W_WIDTH = (G > STEP_WIDTH ? G : STEP_WIDTH) + 1;

    wire signed [M_WIDTH-1:0] wide = {{(M_WIDTH - SCALED_WIDTH) {n[SCALED_WIDTH-1]}}, n};
    /* verilator lint_off UNUSEDSIGNAL */
    wire [M_WIDTH-1:0] magnitude = n < 0 ? -wide : wide;
    /* verilator lint_on UNUSEDSIGNAL */

    // |n| = t * S(G) + f; up where f / S(G) > draw / 2^R.
    wire [G+R-2:0] f = {magnitude[G-2:0], {R{1'b0}}};
    wire [G+R-2:0] chance = {draw, {(G - 1) {1'b0}}};
    wire up = f > chance;
    wire [STEP_WIDTH-1:0] size = magnitude[G-1+:STEP_WIDTH] + {{(STEP_WIDTH - 1) {1'b0}}, up};
    assign step = n < 0 ? -size : size;

    wire signed [W_WIDTH-1:0] moved = {{(W_WIDTH - G) {weight[G-1]}}, weight} - {{(W_WIDTH - STEP_WIDTH) {step[STEP_WIDTH-1]}}, step};
    localparam logic signed [W_WIDTH-1:0] TOP = (1 << (G - 1)) - 1;
    wire above = moved > TOP;
    wire below = moved < -TOP - 1;
    assign stored = STORE == 1 || !(above || below) ? moved[G-1:0]
                  : above ? TOP[G-1:0] : ~TOP[G-1:0];
endmodule
