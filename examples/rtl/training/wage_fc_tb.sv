// Replays the steps of a vector set of training into wage_fc and dumps every tensor, what it fed included, under the
// set's names, so that `bittrue diff SET DUMP` compares all. Weights and randomiser are loaded once: from then on they
// are the hardware's own. Run it in the folder of the set: +dump=FOLDER (default: dump).
module wage_fc_tb;
    localparam int XS = wage::BATCH * wage::INPUTS, ES = wage::BATCH * wage::OUTPUTS, WS = wage::INPUTS * wage::OUTPUTS;
    localparam int CLOCKS = (XS * wage::OUTPUTS) * 3 + XS + ES + WS + 1000;  // no step takes longer

    generate
        if (!wage::LAST || wage::FIRST || !wage::ZEROS_HOLD || wage::SUM_SATURATES || wage::BACK_SUM_SATURATES ||
            wage::GRADIENT_SATURATES) begin : g_fits
            wage_fc_is_the_last_of_several_layers_holds_zeros_and_does_not_saturate_sums u_not_so ();
        end
    endgenerate

    logic clk = 0, rst = 1;
    always #5 clk = !clk;

    // What is fed, and every tensor of a step as it comes out.
    logic signed [wage::FRONT_SUM_WIDTH-1:0] front_sums[0:XS-1];
    logic [wage::LABEL_WIDTH-1:0] labels[0:wage::BATCH-1];
    logic signed [wage::WEIGHT_WIDTH-1:0] first_weights[0:WS-1];
    logic [wage::LFSR_WIDTH-1:0] first_lfsr[0:0];
    logic [wage::IN_WIDTH-1:0] activations[0:XS-1];
    logic signed [wage::SUM_WIDTH-1:0] sums[0:ES-1];
    logic [wage::OUT_WIDTH-1:0] outputs[0:ES-1];
    logic signed [wage::ERROR_WIDTH-1:0] errors[0:ES-1], deltas[0:ES-1], back_errors[0:XS-1];
    logic signed [wage::EXPONENT_WIDTH-1:0] error_exponents[0:0], back_exponents[0:0], gradient_exponents[0:0];
    logic signed [wage::GRADIENT_WIDTH-1:0] gradients[0:WS-1];
    logic signed [wage::SCALED_WIDTH-1:0] scaled_words[0:WS-1];
    logic [wage::R-1:0] draws[0:WS-1];
    logic signed [wage::STEP_WIDTH-1:0] steps[0:WS-1];
    logic signed [wage::WEIGHT_WIDTH-1:0] weights_before[0:WS-1], weights_after[0:WS-1];
    logic [wage::LFSR_WIDTH-1:0] lfsr_before[0:0], lfsr_after[0:0];

    logic w_valid = 0, seed_valid = 0, x_valid = 0, label_valid = 0, start = 0;
    logic signed [wage::WEIGHT_WIDTH-1:0] w = 0;
    logic [wage::LFSR_WIDTH-1:0] seed = 0;
    logic signed [wage::FRONT_SUM_WIDTH-1:0] x = 0;
    logic [wage::LABEL_WIDTH-1:0] label = 0;
    logic [15:0] rate = 0;
    wire done, a_valid, sum_valid, error_valid, back_valid, gradient_valid, update_valid;
    wire [wage::IN_WIDTH-1:0] a;
    wire signed [wage::SUM_WIDTH-1:0] sum;
    wire [wage::OUT_WIDTH-1:0] p;
    wire signed [wage::ERROR_WIDTH-1:0] error, delta, back_error;
    wire signed [wage::EXPONENT_WIDTH-1:0] error_exponent, back_exponent, gradient_exponent;
    wire signed [wage::GRADIENT_WIDTH-1:0] gradient;
    wire signed [wage::SCALED_WIDTH-1:0] scaled;
    wire [wage::R-1:0] draw;
    wire signed [wage::STEP_WIDTH-1:0] step;
    wire signed [wage::WEIGHT_WIDTH-1:0] weight_before, weight_after;
    wire [wage::LFSR_WIDTH-1:0] lfsr;

    wage_fc #(
        .BATCH(wage::BATCH), .INPUTS(wage::INPUTS), .OUTPUTS(wage::OUTPUTS),
        .W(wage::W), .A(wage::A), .G(wage::G), .E(wage::E), .R(wage::R),
        .FRONT_SUM_WIDTH(wage::FRONT_SUM_WIDTH), .FRONT_SUM_FRAC(wage::FRONT_SUM_FRAC), .IN_WIDTH(wage::IN_WIDTH),
        .SUM_WIDTH(wage::SUM_WIDTH), .SUM_FRAC(wage::SUM_FRAC), .LABEL_WIDTH(wage::LABEL_WIDTH), .W_FRAC(wage::W_FRAC),
        .BACK_SUM_WIDTH(wage::BACK_SUM_WIDTH), .GRADIENT_WIDTH(wage::GRADIENT_WIDTH),
        .SCALED_WIDTH(wage::SCALED_WIDTH), .STEP_WIDTH(wage::STEP_WIDTH), .RATE_FRAC(wage::RATE_FRAC),
        .EXPONENT_WIDTH(wage::EXPONENT_WIDTH), .NO_EXPONENT(wage::NO_EXPONENT), .STORE(wage::STORE),
        .LFSR_WIDTH(wage::LFSR_WIDTH), .LFSR_TAPS(wage::LFSR_TAPS)
    ) dut (
        .clk(clk), .rst(rst), .w_valid(w_valid), .w(w), .seed_valid(seed_valid), .seed(seed), .x_valid(x_valid), .x(x),
        .label_valid(label_valid), .label(label), .start(start), .rate(rate), .done(done), .a_valid(a_valid), .a(a),
        .sum_valid(sum_valid), .sum(sum), .p(p), .error_valid(error_valid), .error(error), .delta(delta),
        .error_exponent(error_exponent), .back_valid(back_valid), .back_error(back_error),
        .back_exponent(back_exponent), .gradient_valid(gradient_valid), .gradient(gradient),
        .gradient_exponent(gradient_exponent), .update_valid(update_valid), .scaled(scaled), .draw(draw), .step(step),
        .weight_before(weight_before), .weight_after(weight_after), .lfsr(lfsr)
    );

    int a_at, sum_at, error_at, back_at, gradient_at, update_at;
    int words = 0;
    always @(negedge clk) begin
        if (a_valid) begin
            activations[a_at] = a;
            a_at = a_at + 1;
        end
        if (sum_valid) begin
            sums[sum_at] = sum;
            outputs[sum_at] = p;
            sum_at = sum_at + 1;
        end
        if (error_valid) begin
            errors[error_at] = error;
            deltas[error_at] = delta;
            error_at = error_at + 1;
        end
        if (back_valid) begin
            back_errors[back_at] = back_error;
            back_at = back_at + 1;
        end
        if (gradient_valid) begin
            gradients[gradient_at] = gradient;
            gradient_at = gradient_at + 1;
        end
        if (update_valid) begin
            scaled_words[update_at] = scaled;
            draws[update_at] = draw;
            steps[update_at] = step;
            weights_before[update_at] = weight_before;
            weights_after[update_at] = weight_after;
            update_at = update_at + 1;
        end
    end

    task automatic check_count(input string tensor, input int got, input int expected);
        if (got != expected) begin
            $display("wage_fc: FAIL: %0d words of %s instead of %0d", got, tensor, expected);
            $fatal(1);
        end
        words = words + expected;
    endtask

    string folder, name, dump;

    task automatic feed;
        for (int i = 0; i < XS; i = i + 1) begin
            @(posedge clk) #1;
            x_valid = 1;
            x = front_sums[i];
            label_valid = i < wage::BATCH;
            if (i < wage::BATCH) label = labels[i];
        end
        @(posedge clk) #1;
        x_valid = 0;
        label_valid = 0;
        start = 1;
        @(posedge clk) #1;
        start = 0;
    endtask

    task automatic wait_done;
        int clocks;
        clocks = 0;
        while (!done) begin
            @(posedge clk) #1;
            clocks = clocks + 1;
            if (clocks > CLOCKS) begin
                $display("wage_fc: FAIL: no end after %0d clocks", clocks);
                $fatal(1);
            end
        end
        @(posedge clk) #1;
        $display("wage_fc: a step in %0d clocks", clocks);
    endtask

    initial begin
        if (!$value$plusargs("dump=%s", dump)) dump = "dump";
        $readmemh($sformatf("step%0d.%s.weights_before.mem", wage::FIRST_STEP, wage::LAYER), first_weights);
        $readmemh($sformatf("step%0d.%s.lfsr_before.mem", wage::FIRST_STEP, wage::LAYER), first_lfsr);
        repeat (3) @(posedge clk) #1;
        rst = 0;
        for (int i = 0; i < WS; i = i + 1) begin
            @(posedge clk) #1;
            w_valid = 1;
            w = first_weights[i];
            seed_valid = 1;
            seed = first_lfsr[0];
        end
        @(posedge clk) #1;
        w_valid = 0;
        seed_valid = 0;
        for (int s = 0; s < wage::STEPS; s = s + 1) begin
            {a_at, sum_at, error_at, back_at, gradient_at, update_at} = '0;
            name = $sformatf("step%0d.%s", wage::FIRST_STEP + s, wage::LAYER);
            $readmemh($sformatf("step%0d.%s.sums.mem", wage::FIRST_STEP + s, wage::FRONT), front_sums);
            $readmemh($sformatf("step%0d.labels.mem", wage::FIRST_STEP + s), labels);
            rate = wage::RATES[16*s+:16];
            @(posedge clk) #1;
            lfsr_before[0] = lfsr;
            feed();
            wait_done();
            lfsr_after[0] = lfsr;
            error_exponents[0] = error_exponent;
            back_exponents[0] = back_exponent;
            gradient_exponents[0] = gradient_exponent;
            check_count("activations", a_at, XS);
            check_count("sums", sum_at, ES);
            check_count("errors", error_at, ES);
            check_count("errors that go back", back_at, XS);
            check_count("gradients", gradient_at, WS);
            check_count("weights", update_at, WS);
            write_dump(s);
        end
        $display("wage_fc: %0d steps, %0d words, dumped to %s", wage::STEPS, words, dump);
        $finish;
    end

    task automatic write_dump(input int s);
        string front;
        front = $sformatf("%s/step%0d.%s", dump, wage::FIRST_STEP + s, wage::FRONT);
        folder = $sformatf("%s/%s", dump, name);
        $writememh($sformatf("%s/step%0d.labels.mem", dump, wage::FIRST_STEP + s), labels);
        $writememh({front, ".sums.mem"}, front_sums);
        $writememh({front, ".activations.mem"}, activations);
        $writememh({front, ".errors.mem"}, back_errors);
        $writememh({front, ".error_exponent.mem"}, back_exponents);
        $writememh({folder, ".sums.mem"}, sums);
        $writememh({folder, ".activations.mem"}, outputs);
        $writememh({folder, ".errors.mem"}, errors);
        $writememh({folder, ".deltas.mem"}, deltas);
        $writememh({folder, ".error_exponent.mem"}, error_exponents);
        $writememh({folder, ".gradients.mem"}, gradients);
        $writememh({folder, ".gradient_exponent.mem"}, gradient_exponents);
        $writememh({folder, ".scaled.mem"}, scaled_words);
        $writememh({folder, ".draws.mem"}, draws);
        $writememh({folder, ".steps.mem"}, steps);
        $writememh({folder, ".weights_before.mem"}, weights_before);
        $writememh({folder, ".weights_after.mem"}, weights_after);
        $writememh({folder, ".lfsr_before.mem"}, lfsr_before);
        $writememh({folder, ".lfsr_after.mem"}, lfsr_after);
    endtask
endmodule
