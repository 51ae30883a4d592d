// A register in a stream: what comes out is what went in, but for beat WRONG, whose bits are all inverted (x where
// UNKNOWN is 1), and beat LATE, whose top bit is inverted.
`timescale 1ns / 1ps

module pass #(
    parameter BITS    = 8,
    parameter WRONG   = -1,
    parameter UNKNOWN = 0,
    parameter LATE    = -1
) (
    input  wire            clock,
    input  wire            reset_n,
    input  wire [BITS-1:0] in_data,
    input  wire            in_valid,
    output wire            in_ready,
    output reg  [BITS-1:0] out_data,
    output reg             out_valid,
    input  wire            out_ready
);
    integer beat;
    assign in_ready = !out_valid || out_ready;

    always @(posedge clock) begin
        if (!reset_n) begin
            out_valid <= 0;
            beat      <= 0;
        end else if (in_ready) begin
            out_valid <= in_valid;
            out_data  <= in_data;
            if (beat == WRONG) out_data <= (UNKNOWN != 0) ? {BITS{1'bx}} : ~in_data;
            if (beat == LATE) out_data[BITS-1] <= !in_data[BITS-1];
            if (in_valid) beat <= beat + 1;
        end
    end
endmodule
