// Beats of two scores of examples/live/mlp.toml, known from a second network, for bittrue_monitor; garbage wherever valid
// or ready is 0. Plusargs: +network=FILE +late (images are pushed after most beats) +swap (lanes) +extra (one beat more).
module monitor_tb (
    input logic clk
);
    import bittrue_pkg::*;

    localparam int Images = 10;
    chandle shadow;
    bit late, swap, extra;
    int step = 0, beat = 0;
    logic valid = 0, ready = 0;
    logic [19:0] data = 0;
    bittrue_monitor #(.LAYER("scores"), .WIDTH(10), .LANES(2)) monitor (.*);

    function automatic logic [9:0] score(input int number);
        longint word = 0;
        if (bittrue_expected(shadow, 3, longint'(number) / 4, longint'(number) % 4, word) == BITTRUE_UNUSABLE)
            $fatal(1, "%s", bittrue_message(shadow));
        return 10'(word);
    endfunction

    function automatic void feed();
        for (int i = 0; i < 16 * Images; i++) bittrue_feed(longint'(i * 7));
    endfunction

    initial begin
        string network = "";
        void'($value$plusargs("network=%s", network));
        late = $test$plusargs("late") != 0;
        swap = $test$plusargs("swap") != 0;
        extra = $test$plusargs("extra") != 0;
        bittrue_load(network);
        shadow = bittrue_open(network);
        for (int i = 0; i < 16 * Images; i++) void'(bittrue_push(shadow, longint'(i * 7)));
        if (!late) feed();
    end

    always @(posedge clk) begin
        step <= step + 1;
        valid <= step % 3 != 0;
        ready <= step % 5 != 0;
        data <= 20'h5a5a5;
        if (step % 3 != 0 && step % 5 != 0) begin
            if (beat < 2 * Images + int'(extra)) begin
                data <= swap ? {score(2 * beat), score(2 * beat + 1)} : {score(2 * beat + 1), score(2 * beat)};
                beat <= beat + 1;
            end else valid <= 0;
        end
        if (late && step == 25) feed();
        if (step == 60) begin
            bittrue_finish();
            $finish;
        end
    end
endmodule
