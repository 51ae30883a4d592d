// Checks every beat of one layer boundary against the live model (bittrue_pkg::bittrue_model), word by word. Beats that
// come before their image was pushed whole wait here; they are checked when it was. Prints one line for each word
// that differs, up to MAX_LINES, as `bittrue diff` does; bittrue_finish() gives the verdict.
/* verilator lint_off TIMESCALEMOD */  // no delays here: any time unit will do
/* verilator lint_off BLKSEQ */        // nobody else reads what is assigned here
module bittrue_monitor #(
    parameter string LAYER = "",      // name in the network file
    parameter int    WIDTH = 8,       // bits of a word, as the network has it (else $fatal)
    parameter int    LANES = 1,       // words in a beat, the first one in the low bits
    parameter int    MAX_LINES = 10
) (
    input logic                   clk,
    input logic                   valid,  // sampled at the rising edge, before what the edge changes
    input logic                   ready,  // 1'b1 where the boundary has none
    input logic [LANES*WIDTH-1:0] data
);
    import bittrue_pkg::*;

    logic [WIDTH-1:0] seen[$];  // and not checked yet
    time              seen_times[$];
    int               layer = -1;
    int               lines = 0;

    function automatic void bind_layer();
        if (bittrue_model == null) $fatal(1, "%m: no network is open; call bittrue_pkg::bittrue_load first");
        layer = bittrue_layer_index(bittrue_model, LAYER);
        if (layer < 0) $fatal(1, "%m: %s", bittrue_message(bittrue_model));
        if (bittrue_layer_width(bittrue_model, layer) != WIDTH)
            $fatal(1, "%m: words of layer '%s' have %0d bits, WIDTH is %0d", LAYER,
                   bittrue_layer_width(bittrue_model, layer), WIDTH);
    endfunction

    // 0 while the image is pending.
    function automatic bit check(input logic [WIDTH-1:0] word, input time when_seen);
        int status;
        if ($isunknown(word)) status = bittrue_check_bits(bittrue_model, layer, $sformatf("%b", word));
        else status = bittrue_check(bittrue_model, layer, longint'(word), 1);
        if (status == BITTRUE_PENDING) return 0;
        if (status < 0) $fatal(1, "%m: %s", bittrue_message(bittrue_model));
        if (status == BITTRUE_DIFFERENT) begin
            if (lines < MAX_LINES) $display("%s, at %0t", bittrue_message(bittrue_model), when_seen);
            if (lines == MAX_LINES) $display("%s: more words differ; they are counted only", LAYER);
            lines++;
        end
        return 1;
    endfunction

    always @(posedge clk) begin
        if (valid === 1'b1 && ready === 1'b1) begin
            if (layer < 0) bind_layer();
            for (int lane = 0; lane < LANES; lane++) begin
                seen.push_back(data[lane*WIDTH+:WIDTH]);
                seen_times.push_back($time);
            end
        end
        // Not in the condition: there, Verilator 5.006 calls the function even if the left side of && is 0.
        while (seen.size() > 0) begin
            if (!check(seen[0], seen_times[0])) break;
            void'(seen.pop_front());
            void'(seen_times.pop_front());
        end
    end
endmodule
/* verilator lint_on BLKSEQ */
/* verilator lint_on TIMESCALEMOD */
