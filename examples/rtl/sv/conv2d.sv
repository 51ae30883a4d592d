// KERNEL x KERNEL convolution without padding, stride 1 (rule L3), for a stream of pixels row by row. A beat is a pixel,
// lane c holding channel c. OUT_CHANNELS MACs work side by side on the same term, one term a clock: kernel row, then
// kernel column, then channel (rule A2, "input" order). So a result takes KERNEL * KERNEL * IN_CHANNELS clocks, during
// which the next pixel waits; pixels that complete no window take one clock.
//
// KERNEL - 1 rows are stored. WEIGHTS_FILE: word (row * KERNEL + column) * IN_CHANNELS + channel has one lane per output
// channel (packing "lanes=OUT_CHANNELS"); BIAS_FILE: one word, likewise.
module conv2d #(
    parameter int HEIGHT = 10,
    parameter int WIDTH = 9,
    parameter int KERNEL = 3,
    parameter int IN_CHANNELS = 2,
    parameter int OUT_CHANNELS = 3,
    parameter int IN_WIDTH = 6,
    parameter int IN_FRAC = 4,
    parameter bit IN_SIGNED = 1,
    parameter int W_WIDTH = 5,
    parameter int W_FRAC = 3,
    parameter bit W_SIGNED = 1,
    parameter int B_WIDTH = 6,
    parameter int B_FRAC = 3,
    parameter bit B_SIGNED = 1,
    parameter int ACC_WIDTH = 8,
    parameter int ACC_FRAC = 4,
    parameter bit ACC_SIGNED = 1,
    parameter int ACC_ROUND = fixed_point::RND,
    parameter int ACC_OVERFLOW = fixed_point::SAT,
    parameter bit PRODUCT_CAST = 0,
    parameter int OUT_WIDTH = 6,
    parameter int OUT_FRAC = 2,
    parameter bit OUT_SIGNED = 1,
    parameter int OUT_ROUND = fixed_point::RND_CONV,
    parameter int OUT_OVERFLOW = fixed_point::SAT,
    parameter WEIGHTS_FILE = "parameters/conv2d_weights.mem",
    parameter BIAS_FILE = "parameters/conv2d_bias.mem"
) (
    input  logic                              clk,
    input  logic                              rst,
    input  logic [  IN_CHANNELS*IN_WIDTH-1:0] in_data,
    input  logic                              in_valid,
    output logic                              in_ready,
    output logic [OUT_CHANNELS*OUT_WIDTH-1:0] out_data,
    output logic                              out_valid,
    input  logic                              out_ready
);
    localparam int PIXEL = IN_CHANNELS * IN_WIDTH;
    localparam int TERMS = KERNEL * KERNEL * IN_CHANNELS;
    localparam int Y_BITS = $clog2(HEIGHT);
    localparam int X_BITS = $clog2(WIDTH);
    localparam int T_BITS = $clog2(TERMS);
    localparam logic [31:0] LAST_Y = HEIGHT - 1;
    localparam logic [31:0] LAST_X = WIDTH - 1;
    localparam logic [31:0] EDGE = KERNEL - 1;  // first row and column that complete a window
    localparam logic [31:0] LAST_TERM = TERMS - 1;

    logic [OUT_CHANNELS*W_WIDTH-1:0] weights[0:TERMS-1];
    logic [OUT_CHANNELS*B_WIDTH-1:0] biases [0:0];
    initial begin
        $readmemh(WEIGHTS_FILE, weights);
        $readmemh(BIAS_FILE, biases);
    end

    // Where the next pixel belongs.
    logic [Y_BITS-1:0] y;
    logic [X_BITS-1:0] x;
    wire last_x = x == LAST_X[X_BITS-1:0];
    wire last_y = y == LAST_Y[Y_BITS-1:0];
    wire completes = x >= EDGE[X_BITS-1:0] && y >= EDGE[Y_BITS-1:0];

    // Terms of the window are handed to the MACs; the pipeline stands still while a finished result cannot leave.
    logic busy;
    logic [T_BITS-1:0] term;
    wire last_term = term == LAST_TERM[T_BITS-1:0];
    logic done;  // the accumulators hold a result
    wire step = !done || !out_valid || out_ready;
    assign in_ready = !busy || (last_term && step);
    wire take = in_valid && in_ready;

    always_ff @(posedge clk)
        if (rst) begin
            x <= '0;
            y <= '0;
            busy <= 1'b0;
            term <= '0;
        end else begin
            if (take) begin
                x <= last_x ? '0 : x + 1'b1;
                if (last_x) y <= last_y ? '0 : y + 1'b1;
                busy <= completes;
            end else if (last_term && step) busy <= 1'b0;
            if (busy && step) term <= last_term ? '0 : term + 1'b1;
        end

    // The column of KERNEL pixels that ends at the new one: older rows from the line memories, which each pass their
    // pixel on to the row above.
    wire [KERNEL*PIXEL-1:0] column;
    generate
        genvar r;
        for (r = 0; r < KERNEL - 1; r = r + 1) begin : g_line
            logic [PIXEL-1:0] line[0:WIDTH-1];
            assign column[r*PIXEL+:PIXEL] = line[x];
            always_ff @(posedge clk) if (take) line[x] <= column[(r+1)*PIXEL+:PIXEL];
        end
    endgenerate
    assign column[(KERNEL-1)*PIXEL+:PIXEL] = in_data;

    // The window, element (row * KERNEL + column) * IN_CHANNELS + channel in the bits of that number. Every row moves by
    // one pixel when a pixel arrives.
    logic [KERNEL*KERNEL*PIXEL-1:0] window;
    generate
        for (r = 0; r < KERNEL; r = r + 1) begin : g_row
            always_ff @(posedge clk)
                if (take)
                    window[r*KERNEL*PIXEL+:KERNEL*PIXEL] <=
                        {column[r*PIXEL+:PIXEL], window[(r*KERNEL+1)*PIXEL+:(KERNEL-1)*PIXEL]};
        end
    endgenerate

    // One stage in front of the MACs: the weights of the term and its input.
    logic [OUT_CHANNELS*W_WIDTH-1:0] weight;
    logic [IN_WIDTH-1:0] operand;
    logic feed, first, last;
    always_ff @(posedge clk)
        if (step) begin
            weight <= weights[term];
            operand <= window[term*IN_WIDTH+:IN_WIDTH];
            first <= term == '0;
            last <= last_term;
        end
    always_ff @(posedge clk)
        if (rst) begin
            feed <= 1'b0;
            done <= 1'b0;
        end else if (step) begin
            feed <= busy;
            done <= feed && last;
        end

    wire [OUT_CHANNELS*OUT_WIDTH-1:0] results;
    generate
        genvar o;
        for (o = 0; o < OUT_CHANNELS; o = o + 1) begin : g_channel
            wire [ACC_WIDTH-1:0] acc;
            mac #(
                .W_WIDTH(W_WIDTH), .W_FRAC(W_FRAC), .W_SIGNED(W_SIGNED),
                .X_WIDTH(IN_WIDTH), .X_FRAC(IN_FRAC), .X_SIGNED(IN_SIGNED),
                .B_WIDTH(B_WIDTH), .B_FRAC(B_FRAC), .B_SIGNED(B_SIGNED),
                .ACC_WIDTH(ACC_WIDTH), .ACC_FRAC(ACC_FRAC), .ACC_SIGNED(ACC_SIGNED),
                .ACC_ROUND(ACC_ROUND), .ACC_OVERFLOW(ACC_OVERFLOW), .PRODUCT_CAST(PRODUCT_CAST)
            ) u_mac (
                .clk(clk), .enable(feed && step), .first(first),
                .weight(weight[o*W_WIDTH+:W_WIDTH]), .x(operand), .bias(biases[0][o*B_WIDTH+:B_WIDTH]), .acc(acc)
            );
            requantise #(
                .IN_WIDTH(ACC_WIDTH), .IN_FRAC(ACC_FRAC), .IN_SIGNED(ACC_SIGNED),
                .OUT_WIDTH(OUT_WIDTH), .OUT_FRAC(OUT_FRAC), .OUT_SIGNED(OUT_SIGNED),
                .ROUND(OUT_ROUND), .OVERFLOW(OUT_OVERFLOW)
            ) u_result (.in_raw(acc), .out_raw(results[o*OUT_WIDTH+:OUT_WIDTH]));
        end
    endgenerate

    always_ff @(posedge clk) if (step && done) out_data <= results;
    always_ff @(posedge clk)
        if (rst) out_valid <= 1'b0;
        else if (step && done) out_valid <= 1'b1;
        else if (out_ready) out_valid <= 1'b0;
endmodule
