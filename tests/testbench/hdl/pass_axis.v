// pass.v with TKEEP and TLAST.
`timescale 1ns / 1ps

module pass_axis #(
    parameter BITS    = 8,
    parameter WRONG   = -1,
    parameter UNKNOWN = 0,
    parameter LATE    = -1
) (
    input  wire              clock,
    input  wire              reset_n,
    input  wire [BITS-1:0]   in_data,
    input  wire [BITS/8-1:0] in_keep,
    input  wire              in_last,
    input  wire              in_valid,
    output wire              in_ready,
    output wire [BITS-1:0]   out_data,
    output wire [BITS/8-1:0] out_keep,
    output wire              out_last,
    output wire              out_valid,
    input  wire              out_ready
);
    pass #(
        .BITS(BITS + BITS / 8 + 1),
        .WRONG(WRONG),
        .UNKNOWN(UNKNOWN),
        .LATE(LATE)
    ) register (
        .clock(clock),
        .reset_n(reset_n),
        .in_data({in_last, in_keep, in_data}),
        .in_valid(in_valid),
        .in_ready(in_ready),
        .out_data({out_last, out_keep, out_data}),
        .out_valid(out_valid),
        .out_ready(out_ready)
    );
endmodule
