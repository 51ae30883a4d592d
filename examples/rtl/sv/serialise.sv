// A beat of several elements becomes as many beats of one element, lane 0 (the low bits) first. No register: a beat is
// taken from the input together with its last element. The elements of a map in storage order: a flatten (rule L9).
module serialise #(
    parameter int LANES = 2,
    parameter int WIDTH = 8
) (
    input  logic                   clk,
    input  logic                   rst,
    input  logic [LANES*WIDTH-1:0] in_data,
    input  logic                   in_valid,
    output logic                   in_ready,
    output logic [      WIDTH-1:0] out_data,
    output logic                   out_valid,
    input  logic                   out_ready
);
    localparam int COUNT = LANES > 1 ? $clog2(LANES) : 1;
    localparam logic [31:0] LAST = LANES - 1;

    logic [COUNT-1:0] lane;
    wire last = lane == LAST[COUNT-1:0];

    assign out_data = in_data[lane*WIDTH+:WIDTH];
    assign out_valid = in_valid;
    assign in_ready = out_ready && last;

    always_ff @(posedge clk)
        if (rst) lane <= '0;
        else if (out_valid && out_ready) lane <= last ? '0 : lane + 1'b1;
endmodule
