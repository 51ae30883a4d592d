// One training step of a dense layer that is the last of its network (docs/numerics.md, chapter H): forward, errors,
// errors of the layer in front, gradients over the batch, stochastic update. One term a clock; the memories are read
// without a clock, as distributed RAM is.
//
// Once: weights [in][out] through `w`, the randomiser's state through `seed`. Every step: the sums of the layer in front
// [image][in] through `x`, labels [image] through `label`, then a clock of `start`, `rate` being held; `done` is high for
// a clock when the weights are new. Every tensor comes out on its way, in storage order, a word in each clock of its
// `_valid`; exponents are there from the first error or draw on until the next step.
//
// Tensors of zeros are held (H11). Accumulators have proven widths or wrap (H15). All parameters are names of the package
// that `bittrue train-vectors --sv-package` writes.
module wage_fc #(
    parameter int BATCH = 4,
    parameter int INPUTS = 12,
    parameter int OUTPUTS = 5,
    parameter int W = 1,
    parameter int A = 2,
    parameter int G = 8,
    parameter int E = 8,
    parameter int R = 8,
    parameter int FRONT_SUM_WIDTH = 8,
    parameter int FRONT_SUM_FRAC = 4,
    parameter int IN_WIDTH = 1,
    parameter int SUM_WIDTH = 8,
    parameter int SUM_FRAC = 4,
    parameter int LABEL_WIDTH = 4,
    parameter int W_FRAC = 3,
    parameter int BACK_SUM_WIDTH = 12,
    parameter int GRADIENT_WIDTH = 10,
    parameter int SCALED_WIDTH = 9,
    parameter int STEP_WIDTH = 3,
    parameter int RATE_FRAC = 7,
    parameter int EXPONENT_WIDTH = 8,
    parameter int NO_EXPONENT = -128,
    parameter int STORE = 0,
    parameter int LFSR_WIDTH = 32,
    parameter logic [LFSR_WIDTH-1:0] LFSR_TAPS = 32'h80200003
) (
    input  logic                             clk,
    input  logic                             rst,
    input  logic                             w_valid,
    input  logic signed [             G-1:0] w,
    input  logic                             seed_valid,
    input  logic        [    LFSR_WIDTH-1:0] seed,
    input  logic                             x_valid,
    input  logic signed [FRONT_SUM_WIDTH-1:0] x,
    input  logic                             label_valid,
    input  logic        [   LABEL_WIDTH-1:0] label,
    input  logic                             start,
    input  logic        [              15:0] rate,
    output logic                             done,
    output logic                             a_valid,
    output logic        [      IN_WIDTH-1:0] a,
    output logic                             sum_valid,
    output logic signed [     SUM_WIDTH-1:0] sum,
    output logic        [        SUM_FRAC:0] p,
    output logic                             error_valid,
    output logic signed [             E-1:0] error,
    output logic signed [             E-1:0] delta,
    output logic signed [EXPONENT_WIDTH-1:0] error_exponent,
    output logic                             back_valid,
    output logic signed [             E-1:0] back_error,
    output logic signed [EXPONENT_WIDTH-1:0] back_exponent,
    output logic                             gradient_valid,
    output logic signed [GRADIENT_WIDTH-1:0] gradient,
    output logic signed [EXPONENT_WIDTH-1:0] gradient_exponent,
    output logic                             update_valid,
    output logic signed [  SCALED_WIDTH-1:0] scaled,
    output logic        [             R-1:0] draw,
    output logic signed [    STEP_WIDTH-1:0] step,
    output logic signed [             G-1:0] weight_before,
    output logic signed [             G-1:0] weight_after,
    output logic        [    LFSR_WIDTH-1:0] lfsr
);
    generate
        if (STORE > 1) begin : g_store
            wage_fc_saturates_or_wraps_its_weights u_not_so ();
        end
    endgenerate

    localparam int XS = BATCH * INPUTS, ES = BATCH * OUTPUTS, WS = INPUTS * OUTPUTS;
    localparam int DS = XS > ES ? XS : ES;
    localparam int XA = XS > 1 ? $clog2(XS) : 1, EA = ES > 1 ? $clog2(ES) : 1, WA = WS > 1 ? $clog2(WS) : 1;
    localparam int DA = DS > 1 ? $clog2(DS) : 1, NA = BATCH > 1 ? $clog2(BATCH) : 1;
    localparam int QW = W == 1 ? 2 : W;  // of a word of H2, which has a sign
    // d of H7 and H9, and the accumulator of the three sums.
    localparam int DW = SUM_FRAC + 3 > BACK_SUM_WIDTH ? SUM_FRAC + 3 : BACK_SUM_WIDTH;
    localparam int DG = DW > GRADIENT_WIDTH ? DW : GRADIENT_WIDTH;
    localparam int ACC = DG > SUM_WIDTH ? DG : SUM_WIDTH;
    localparam int POWER = $clog2(ACC + 1);

    localparam logic [3:0] IDLE = 0, FORWARD = 1, ERROR_SCALE = 2, ERRORS = 3, BACK = 4, BACK_SCALE = 5, BACK_ERRORS = 6,
                           GRADIENT = 7, GRADIENT_SCALE = 8, UPDATE = 9;
    logic [3:0] phase;

    logic [IN_WIDTH-1:0] activations[0:XS-1];
    logic open[0:XS-1];  // the activation was not clipped (H8)
    logic [LABEL_WIDTH-1:0] labels[0:BATCH-1];
    logic signed [G-1:0] weights[0:WS-1];
    logic signed [DW-1:0] work[0:DS-1];  // d, first of this layer, then of the layer in front
    logic unclipped[0:ES-1];  // the sum was not clipped (H7)
    logic signed [E-1:0] deltas[0:ES-1];
    logic signed [GRADIENT_WIDTH-1:0] gradients[0:WS-1];

    // Activation and mask of the layer in front.
    wire [IN_WIDTH-1:0] x_activation;
    wire x_open;
    wage_activation #(.A(A), .SUM_WIDTH(FRONT_SUM_WIDTH), .SUM_FRAC(FRONT_SUM_FRAC), .OUT_WIDTH(IN_WIDTH)) u_activation (
        .v(x), .a(x_activation), .open(x_open)
    );

    logic [XA-1:0] x_fill;
    logic [WA-1:0] w_fill;
    logic [NA-1:0] label_fill;
    always_ff @(posedge clk)
        if (x_valid) begin
            activations[x_fill] <= x_activation;
            open[x_fill] <= x_open;
        end
    always_ff @(posedge clk) if (label_valid) labels[label_fill] <= label;
    always_ff @(posedge clk)
        if (rst || start) begin
            x_fill <= '0;
            w_fill <= '0;
            label_fill <= '0;
        end else begin
            if (x_valid) x_fill <= x_fill + 1'b1;
            if (w_valid) w_fill <= w_fill + 1'b1;
            if (label_valid) label_fill <= label_fill + 1'b1;
        end
    always_ff @(posedge clk) begin
        a_valid <= x_valid && !rst;
        a <= x_activation;
    end

    // Three loops, the innermost over the terms of a sum; `place` counts the sums, and elsewhere the words.
    logic [31:0] inner, middle, outer, place;
    wire forward = phase == FORWARD, back = phase == BACK, gather = phase == GRADIENT;
    wire summing = forward || back || gather;
    wire [31:0] image = gather ? inner : outer;
    wire [31:0] in = forward ? inner : back ? middle : outer;
    wire [31:0] out = back ? inner : middle;
    wire last_inner = inner + 1 == (forward ? INPUTS : back ? OUTPUTS : BATCH);
    wire last_middle = middle + 1 == (back ? INPUTS : OUTPUTS);
    wire last_outer = outer + 1 == (gather ? INPUTS : BATCH);
    wire sum_ends = summing && last_inner;
    wire words_end = place + 1 == (phase == ERRORS ? ES : phase == BACK_ERRORS ? XS : WS);
    /* verilator lint_off UNUSEDSIGNAL */
    wire [31:0] x_at = image * INPUTS + in;
    wire [31:0] e_at = image * OUTPUTS + out;
    wire [31:0] w_at = phase == UPDATE ? place : in * OUTPUTS + out;
    /* verilator lint_on UNUSEDSIGNAL */

    wire signed [G-1:0] weight = weights[w_at[WA-1:0]];
    wire signed [QW-1:0] q;
    wage_weight #(.W(W), .G(G), .OUT_WIDTH(QW)) u_weight (.w(weight), .q(q));
    wire signed [IN_WIDTH:0] activation = {1'b0, activations[x_at[XA-1:0]]};
    wire signed [E-1:0] delta_read = deltas[e_at[EA-1:0]];

    // H4, H9, H10: terms one by one.
    wire signed [ACC-1:0] left = back ? ACC'(delta_read) : ACC'(activation);
    wire signed [ACC-1:0] right = gather ? ACC'(delta_read) : ACC'(q);
    logic signed [ACC-1:0] acc;
    wire signed [ACC-1:0] total = acc + left * right;

    // H4 and H7 of one output.
    wire signed [SUM_WIDTH-1:0] x_sum = total[SUM_WIDTH-1:0];
    localparam logic signed [SUM_WIDTH+SUM_FRAC+1:0] ONE = (SUM_WIDTH + SUM_FRAC + 2)'(1) << SUM_FRAC;
    wire signed [SUM_WIDTH+SUM_FRAC+1:0] x_wide = (SUM_WIDTH + SUM_FRAC + 2)'(x_sum);
    wire x_inside = x_wide >= 0 && x_wide <= ONE;
    wire [SUM_FRAC:0] x_p = x_wide < 0 ? '0 : x_wide > ONE ? ONE[SUM_FRAC:0] : x_wide[SUM_FRAC:0];
    wire is_label = 32'(labels[outer[NA-1:0]]) == middle;
    wire signed [SUM_FRAC+2:0] distance =
        $signed({2'b00, x_p}) - (is_label ? $signed({2'b00, ONE[SUM_FRAC:0]}) : '0);
    wire signed [DW-1:0] d_forward = DW'(distance) <<< 1;
    // H8: nothing goes back to an activation that was clipped.
    wire signed [BACK_SUM_WIDTH-1:0] back_sum = total[BACK_SUM_WIDTH-1:0];
    wire signed [DW-1:0] d_back = open[x_at[XA-1:0]] ? DW'(back_sum) : '0;
    wire signed [GRADIENT_WIDTH-1:0] g_sum = total[GRADIENT_WIDTH-1:0];

    // H1 of the largest magnitude of a tensor.
    wire signed [ACC-1:0] result = forward ? ACC'(d_forward) : back ? ACC'(d_back) : ACC'(g_sum);
    wire [ACC-1:0] magnitude = result < 0 ? -result : result;
    logic [ACC-1:0] largest;
    wire [POWER-1:0] power_now;
    wire none_now;
    nearest_power #(.WIDTH(ACC), .POWER_WIDTH(POWER)) u_power (.m(largest), .j(power_now), .none(none_now));
    logic [POWER-1:0] power;
    logic none;
    function automatic logic signed [EXPONENT_WIDTH-1:0] exponent(input int frac);
        exponent = none_now ? EXPONENT_WIDTH'(NO_EXPONENT) : EXPONENT_WIDTH'(32'(power_now) - frac);
    endfunction

    // H6: the error of a d.
    wire [DA-1:0] d_at = place[DA-1:0];
    wire signed [DW+E-1:0] d_scaled = (DW + E)'(work[d_at]) <<< (E - 1);
    wire signed [DW+E-1:0] d_rounded;
    half_even_shift #(.WIDTH(DW + E), .SHIFT_WIDTH(POWER)) u_error (.x(d_scaled), .shift(power), .y(d_rounded));
    localparam logic signed [DW+E-1:0] MOST = ((DW + E)'(1) << (E - 1)) - 1;
    wire signed [E-1:0] e = none ? '0 : d_rounded > MOST ? MOST[E-1:0] : d_rounded < -MOST ? -MOST[E-1:0] : d_rounded[E-1:0];
    wire signed [E-1:0] e_delta = unclipped[place[EA-1:0]] ? e : '0;

    // H10: n of a gradient.
    localparam int NW = GRADIENT_WIDTH + G + 17;
    localparam int N_SHIFT = $clog2(GRADIENT_WIDTH + 17);
    wire signed [NW-1:0] g_rate = (NW'(gradients[place[WA-1:0]]) * NW'($signed({1'b0, rate}))) <<< (G - 1);
    wire [N_SHIFT-1:0] n_shift = N_SHIFT'(32'(power) + RATE_FRAC);
    /* verilator lint_off UNUSEDSIGNAL */
    wire signed [NW-1:0] n_rounded;
    /* verilator lint_on UNUSEDSIGNAL */
    half_even_shift #(.WIDTH(NW), .SHIFT_WIDTH(N_SHIFT)) u_scaled (.x(g_rate), .shift(n_shift), .y(n_rounded));
    wire signed [SCALED_WIDTH-1:0] n = none ? '0 : n_rounded[SCALED_WIDTH-1:0];

    // H12 to H14.
    wire [LFSR_WIDTH-1:0] lfsr_next;
    wire [R-1:0] draw_now;
    galois_lfsr #(.WIDTH(LFSR_WIDTH), .R(R), .TAPS(LFSR_TAPS)) u_lfsr (.state(lfsr), .next(lfsr_next), .draw(draw_now));
    wire signed [STEP_WIDTH-1:0] step_now;
    wire signed [G-1:0] stored;
    stochastic_update #(.G(G), .R(R), .SCALED_WIDTH(SCALED_WIDTH), .STEP_WIDTH(STEP_WIDTH), .STORE(STORE)) u_update (
        .n(n), .draw(draw_now), .weight(weight), .step(step_now), .stored(stored)
    );

    always_ff @(posedge clk)
        if (rst) phase <= IDLE;
        else
            case (phase)
                IDLE: if (start) phase <= FORWARD;
                FORWARD, BACK, GRADIENT: if (last_inner && last_middle && last_outer) phase <= phase + 1'b1;
                ERROR_SCALE, BACK_SCALE, GRADIENT_SCALE: phase <= phase + 1'b1;
                ERRORS, BACK_ERRORS: if (words_end) phase <= phase + 1'b1;
                default: if (words_end) phase <= IDLE;  // UPDATE
            endcase

    wire scaling = phase == ERROR_SCALE || phase == BACK_SCALE || phase == GRADIENT_SCALE;
    wire writing = phase == ERRORS || phase == BACK_ERRORS || phase == UPDATE;
    always_ff @(posedge clk)
        if (phase == IDLE || scaling || (writing && words_end)) begin
            inner <= '0;
            middle <= '0;
            outer <= '0;
            place <= '0;
            acc <= '0;
            largest <= '0;
        end else if (summing) begin
            acc <= last_inner ? '0 : total;
            inner <= last_inner ? '0 : inner + 1;
            if (last_inner) begin
                middle <= last_middle ? '0 : middle + 1;
                if (last_middle) outer <= outer + 1;
                place <= place + 1;
                if (magnitude > largest) largest <= magnitude;
            end
        end else place <= place + 1;

    always_ff @(posedge clk)
        if (scaling) begin
            power <= power_now;
            none <= none_now;
            if (phase == ERROR_SCALE) error_exponent <= exponent(SUM_FRAC);
            if (phase == BACK_SCALE) back_exponent <= exponent(E - 1 + W_FRAC);
            if (phase == GRADIENT_SCALE) gradient_exponent <= exponent(A - 1 + E - 1);
        end

    always_ff @(posedge clk) begin
        if (sum_ends && forward) begin
            work[d_at] <= d_forward;
            unclipped[place[EA-1:0]] <= x_inside;
        end
        if (sum_ends && back) work[d_at] <= d_back;
        if (sum_ends && gather) gradients[place[WA-1:0]] <= g_sum;
        if (phase == ERRORS) deltas[place[EA-1:0]] <= e_delta;
    end
    always_ff @(posedge clk)
        if (w_valid) weights[w_fill] <= w;
        else if (phase == UPDATE) weights[w_at[WA-1:0]] <= stored;
    always_ff @(posedge clk)
        if (seed_valid) lfsr <= seed;
        else if (phase == UPDATE) lfsr <= lfsr_next;

    always_ff @(posedge clk) begin
        sum_valid <= sum_ends && forward && !rst;
        sum <= x_sum;
        p <= x_p;
        error_valid <= phase == ERRORS && !rst;
        error <= e;
        delta <= e_delta;
        back_valid <= phase == BACK_ERRORS && !rst;
        back_error <= e;
        gradient_valid <= sum_ends && gather && !rst;
        gradient <= g_sum;
        update_valid <= phase == UPDATE && !rst;
        scaled <= n;
        draw <= draw_now;
        step <= step_now;
        weight_before <= weight;
        weight_after <= stored;
        done <= phase == UPDATE && words_end && !rst;
    end
endmodule
