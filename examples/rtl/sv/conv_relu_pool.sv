// conv2d, relu with its own type, 2x2 max pool: three layers of a network in a row. The boundaries inside are watched
// at `conv2d_*` and `conv2d_relu_*`: valid is 1 in the clock in which a beat moves on. The last boundary is the output.
module conv_relu_pool #(
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
    parameter int CONV_WIDTH = 6,
    parameter int CONV_FRAC = 2,
    parameter bit CONV_SIGNED = 1,
    parameter int CONV_ROUND = fixed_point::RND_CONV,
    parameter int CONV_OVERFLOW = fixed_point::SAT,
    parameter int OUT_WIDTH = 5,
    parameter int OUT_FRAC = 1,
    parameter bit OUT_SIGNED = 1,
    parameter int OUT_ROUND = fixed_point::RND_CONV,
    parameter int OUT_OVERFLOW = fixed_point::SAT,
    parameter WEIGHTS_FILE = "parameters/conv2d_weights.mem",
    parameter BIAS_FILE = "parameters/conv2d_bias.mem"
) (
    input  logic                               clk,
    input  logic                               rst,
    input  logic [   IN_CHANNELS*IN_WIDTH-1:0] in_data,
    input  logic                               in_valid,
    output logic                               in_ready,
    output logic [OUT_CHANNELS*CONV_WIDTH-1:0] conv2d_data,
    output logic                               conv2d_valid,
    output logic [ OUT_CHANNELS*OUT_WIDTH-1:0] conv2d_relu_data,
    output logic                               conv2d_relu_valid,
    output logic [ OUT_CHANNELS*OUT_WIDTH-1:0] out_data,
    output logic                               out_valid,
    input  logic                               out_ready
);
    logic conv_valid, conv_ready;
    conv2d #(
        .HEIGHT(HEIGHT), .WIDTH(WIDTH), .KERNEL(KERNEL), .IN_CHANNELS(IN_CHANNELS), .OUT_CHANNELS(OUT_CHANNELS),
        .IN_WIDTH(IN_WIDTH), .IN_FRAC(IN_FRAC), .IN_SIGNED(IN_SIGNED),
        .W_WIDTH(W_WIDTH), .W_FRAC(W_FRAC), .W_SIGNED(W_SIGNED),
        .B_WIDTH(B_WIDTH), .B_FRAC(B_FRAC), .B_SIGNED(B_SIGNED),
        .ACC_WIDTH(ACC_WIDTH), .ACC_FRAC(ACC_FRAC), .ACC_SIGNED(ACC_SIGNED),
        .ACC_ROUND(ACC_ROUND), .ACC_OVERFLOW(ACC_OVERFLOW), .PRODUCT_CAST(PRODUCT_CAST),
        .OUT_WIDTH(CONV_WIDTH), .OUT_FRAC(CONV_FRAC), .OUT_SIGNED(CONV_SIGNED),
        .OUT_ROUND(CONV_ROUND), .OUT_OVERFLOW(CONV_OVERFLOW),
        .WEIGHTS_FILE(WEIGHTS_FILE), .BIAS_FILE(BIAS_FILE)
    ) u_conv2d (
        .clk(clk), .rst(rst), .in_data(in_data), .in_valid(in_valid), .in_ready(in_ready),
        .out_data(conv2d_data), .out_valid(conv_valid), .out_ready(conv_ready)
    );
    assign conv2d_valid = conv_valid && conv_ready;

    relu #(
        .LANES(OUT_CHANNELS), .IN_WIDTH(CONV_WIDTH), .IN_FRAC(CONV_FRAC), .IN_SIGNED(CONV_SIGNED),
        .OUT_WIDTH(OUT_WIDTH), .OUT_FRAC(OUT_FRAC), .OUT_SIGNED(OUT_SIGNED), .ROUND(OUT_ROUND), .OVERFLOW(OUT_OVERFLOW)
    ) u_relu (.in_data(conv2d_data), .out_data(conv2d_relu_data));
    assign conv2d_relu_valid = conv2d_valid;

    max_pool #(
        .HEIGHT(HEIGHT - KERNEL + 1), .WIDTH(WIDTH - KERNEL + 1), .CHANNELS(OUT_CHANNELS),
        .BITS(OUT_WIDTH), .SIGNED(OUT_SIGNED)
    ) u_max_pool (
        .clk(clk), .rst(rst), .in_data(conv2d_relu_data), .in_valid(conv_valid), .in_ready(conv_ready),
        .out_data(out_data), .out_valid(out_valid), .out_ready(out_ready)
    );
endmodule
