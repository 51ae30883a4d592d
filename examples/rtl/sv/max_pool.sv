// The largest of each 2x2 window, windows side by side (rule L4, no padding). A beat is a pixel, one lane per channel;
// pixels come row by row. An odd last row or column belongs to no window. One row of half as many pixels is stored.
// HEIGHT is at least 2, WIDTH at least 3.
module max_pool #(
    parameter int HEIGHT = 26,
    parameter int WIDTH = 26,
    parameter int CHANNELS = 2,
    parameter int BITS = 8,
    parameter bit SIGNED = 0
) (
    input  logic                     clk,
    input  logic                     rst,
    input  logic [CHANNELS*BITS-1:0] in_data,
    input  logic                     in_valid,
    output logic                     in_ready,
    output logic [CHANNELS*BITS-1:0] out_data,
    output logic                     out_valid,
    input  logic                     out_ready
);
    localparam int Y_BITS = $clog2(HEIGHT);
    localparam int X_BITS = $clog2(WIDTH);
    localparam logic [31:0] LAST_Y = HEIGHT - 1;
    localparam logic [31:0] LAST_X = WIDTH - 1;

    logic [Y_BITS-1:0] y;
    logic [X_BITS-1:0] x;
    wire last_x = x == LAST_X[X_BITS-1:0];
    wire last_y = y == LAST_Y[Y_BITS-1:0];

    logic [CHANNELS*BITS-1:0] left;                      // the pixel before this one
    logic [CHANNELS*BITS-1:0] upper[0:(WIDTH+1)/2-1];  // the upper half of each window
    wire [X_BITS-2:0] window = x[X_BITS-1:1];
    wire [CHANNELS*BITS-1:0] above = upper[window];

    wire [CHANNELS*BITS-1:0] pair;   // the larger of this pixel and the one before
    wire [CHANNELS*BITS-1:0] whole;  // the largest of the window, at its last pixel
    generate
        genvar c;
        for (c = 0; c < CHANNELS; c = c + 1) begin : g_channel
            larger #(.BITS(BITS), .SIGNED(SIGNED)) u_pair (
                .a(left[c*BITS+:BITS]), .b(in_data[c*BITS+:BITS]), .y(pair[c*BITS+:BITS]));
            larger #(.BITS(BITS), .SIGNED(SIGNED)) u_whole (
                .a(above[c*BITS+:BITS]), .b(pair[c*BITS+:BITS]), .y(whole[c*BITS+:BITS]));
        end
    endgenerate

    wire completes = x[0] && y[0];
    assign in_ready = !completes || !out_valid || out_ready;
    wire take = in_valid && in_ready;

    always_ff @(posedge clk) begin
        if (take) begin
            left <= in_data;
            if (x[0] && !y[0]) upper[window] <= pair;
            if (completes) out_data <= whole;
        end
    end

    always_ff @(posedge clk)
        if (rst) begin
            x <= '0;
            y <= '0;
            out_valid <= 1'b0;
        end else begin
            if (take) begin
                x <= last_x ? '0 : x + 1'b1;
                if (last_x) y <= last_y ? '0 : y + 1'b1;
            end
            if (take && completes) out_valid <= 1'b1;
            else if (out_ready) out_valid <= 1'b0;
        end
endmodule
