// Random images for mlp.sv; no vector file: each word that the design takes goes to the model, too, and a monitor at each
// boundary asks the model for the word that it sees. Plusargs: +network=FILE +images=N +seed=N +fault.
/* verilator lint_off BLKSEQ */  // clock and random numbers
module tb;
    import bittrue_pkg::*;

    bit clk = 0;
    always #5 clk = ~clk;

    bit rst = 1, fault = 0, in_valid = 0, out_ready = 0;
    bit [7:0] in_data = 0;
    logic in_ready, hidden_valid, hidden_ready, out_valid;
    logic [7:0] hidden_data;
    logic [5:0] relu_data;
    logic [9:0] out_data;
    mlp dut (.*);

    bittrue_monitor #(.LAYER("input"), .WIDTH(8)) at_input (.clk, .valid(in_valid), .ready(in_ready), .data(in_data));
    bittrue_monitor #(.LAYER("hidden"), .WIDTH(8)) at_hidden (
        .clk, .valid(hidden_valid), .ready(hidden_ready), .data(hidden_data));
    bittrue_monitor #(.LAYER("hidden_relu"), .WIDTH(6)) at_relu (
        .clk, .valid(hidden_valid), .ready(hidden_ready), .data(relu_data));
    bittrue_monitor #(.LAYER("scores"), .WIDTH(10)) at_scores (
        .clk, .valid(out_valid), .ready(out_ready), .data(out_data));

    // The same numbers in every simulator (xorshift).
    bit [31:0] random = 1;
    function automatic bit [31:0] next_random();
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        return random;
    endfunction

    int images = 1000, taken = 0, given = 0, idle = 0;
    string network = "mlp.toml";
    initial begin
        void'($value$plusargs("network=%s", network));
        void'($value$plusargs("images=%d", images));
        void'($value$plusargs("seed=%d", random));
        if ($test$plusargs("fault")) fault = 1;
        $timeformat(-9, 0, " ns", 0);
        bittrue_load(network);
        #42 rst = 0;
    end

    always @(posedge clk) if (!rst) begin
        if (in_valid && in_ready) begin
            bittrue_feed(longint'(in_data));
            taken <= taken + 1;
        end
        // A new word when the last one has gone, with gaps; the output stalls now and then.
        if (!in_valid || in_ready) begin
            in_valid <= taken + int'(in_valid && in_ready) < 16 * images && next_random() % 4 != 0;
            in_data <= 8'(next_random());
        end
        out_ready <= next_random() % 4 != 0;

        idle <= out_valid && out_ready ? 0 : idle + 1;
        if (out_valid && out_ready) given <= given + 1;
        if (given == 4 * images || idle == 10000) begin
            if (idle == 10000) $display("nothing came for 10000 clocks");
            else if (images > 0)
                $display("the last score: %0d, bittrue says %0d", last_score,
                         bittrue_word("scores", longint'(images) - 1, 3));
            bittrue_finish();
            $finish;
        end
    end

    logic signed [9:0] last_score;
    always @(posedge clk) if (out_valid && out_ready) last_score <= out_data;
endmodule
