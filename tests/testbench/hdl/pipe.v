// Two layers as a pipeline of ready/valid streams: `scale` requantises s10.6 to s8.4, `relu` clips to u5.3. FAULT (or
// +bug=) selects what is wrong, see also arithmetic.vh.
`timescale 1ns / 1ps

module pipe #(
    parameter FAULT = 0
) (
    input  wire       clk,
    input  wire       rst,
    input  wire [9:0] in_data,
    input  wire       in_valid,
    output wire       in_ready,
    output wire [7:0] scale_data,
    output wire       scale_valid,
    output wire [4:0] out_data,
    output wire       out_valid,
    input  wire       out_ready
);
    reg [31:0] BUG;
    initial if ($value$plusargs("bug=%d", BUG) == 0) BUG = FAULT;

`include "arithmetic.vh"

    reg  [7:0] scale;
    reg        scale_full;
    reg  [4:0] relu;
    reg        relu_full;
    reg [15:0] beats;
    reg        again;

    // 5: stops after 50 beats   6: x bits in word 7 of scale
    wire advance = !relu_full || out_ready;
    assign in_ready    = advance && !(BUG == 5 && beats >= 50) && !again;
    assign scale_data  = (BUG == 6 && beats == 8) ? {scale[7:4], 4'bx} : scale;
    assign scale_valid = scale_full && advance;
    assign out_data    = relu;
    assign out_valid   = relu_full;

    always @(posedge clk) begin
        if (rst) begin
            scale_full <= 0;
            relu_full  <= 0;
            beats      <= 0;
            again      <= 0;
        end else if (advance) begin
            relu_full  <= scale_full;
            relu       <= rectify(scale_data) ^ ((BUG == 7 && beats == 10) ? 5'd1 : 5'd0);  // 7: one bit of word 9
            scale_full <= (in_valid && in_ready) || again;
            again      <= 0;
            if (in_valid && in_ready) begin
                scale <= requantize(in_data);
                beats <= beats + 1;
                if (BUG == 8 && beats == 20) scale_full <= 0;  // 8: beat 20 is lost
                if (BUG == 9 && beats == 20) again <= 1;       // 9: it comes twice
                if (BUG == 10 && beats == 127) again <= 1;     // 10: a beat too many at the very end
            end
        end
    end
endmodule
