// The network of examples/mnist-cnn/mnist_cnn_8bit.toml, every layer a block of its own, so that several images are under
// way at once. Files: the network's parameters with the packings conv2d.* "lanes=2", dense.* "lanes=PARALLEL".
//
// Boundaries inside are watched at <layer>_data and <layer>_valid; valid is 1 in the clock in which a beat moves on.
// Lanes of a beat: conv2d, conv2d_relu, max_pooling2d 2 (the channels of a pixel), dense, dense_relu PARALLEL, others 1.
// Clocks per image: the slowest layer's, conv2d with 26 * 26 * 9 + 108 = 6192, or dense with 43264 / PARALLEL.
module mnist_cnn #(
    parameter int PARALLEL = 8  // multipliers of the layer `dense`; a divisor of 128
) (
    input  logic                  clk,
    input  logic                  rst,
    input  logic [           7:0] in_data,
    input  logic                  in_valid,
    output logic                  in_ready,
    output logic [          15:0] conv2d_data,
    output logic                  conv2d_valid,
    output logic [          15:0] conv2d_relu_data,
    output logic                  conv2d_relu_valid,
    output logic [          15:0] max_pooling2d_data,
    output logic                  max_pooling2d_valid,
    output logic [           7:0] flatten_data,
    output logic                  flatten_valid,
    output logic [8*PARALLEL-1:0] dense_data,
    output logic                  dense_valid,
    output logic [8*PARALLEL-1:0] dense_relu_data,
    output logic                  dense_relu_valid,
    output logic [           7:0] dense_1_data,
    output logic                  dense_1_valid,
    output logic [           7:0] out_data,
    output logic                  out_valid,
    input  logic                  out_ready
);
    logic pool_valid, pool_ready;
    conv_relu_pool #(
        .HEIGHT(28), .WIDTH(28), .IN_CHANNELS(1), .OUT_CHANNELS(2),
        .IN_WIDTH(8), .IN_FRAC(8), .IN_SIGNED(1'b0),
        .W_WIDTH(8), .W_FRAC(6), .B_WIDTH(8), .B_FRAC(7),
        .ACC_WIDTH(19), .ACC_FRAC(14), .ACC_ROUND(fixed_point::TRN), .ACC_OVERFLOW(fixed_point::SAT), .PRODUCT_CAST(1'b0),
        .CONV_WIDTH(8), .CONV_FRAC(5), .CONV_ROUND(fixed_point::RND_CONV), .CONV_OVERFLOW(fixed_point::SAT),
        .OUT_WIDTH(8), .OUT_FRAC(6), .OUT_SIGNED(1'b0),
        .OUT_ROUND(fixed_point::RND_CONV), .OUT_OVERFLOW(fixed_point::SAT),
        .WEIGHTS_FILE("parameters/conv2d_weights.mem"), .BIAS_FILE("parameters/conv2d_bias.mem")
    ) u_conv_relu_pool (
        .clk(clk), .rst(rst), .in_data(in_data), .in_valid(in_valid), .in_ready(in_ready),
        .conv2d_data(conv2d_data), .conv2d_valid(conv2d_valid),
        .conv2d_relu_data(conv2d_relu_data), .conv2d_relu_valid(conv2d_relu_valid),
        .out_data(max_pooling2d_data), .out_valid(pool_valid), .out_ready(pool_ready)
    );
    assign max_pooling2d_valid = pool_valid && pool_ready;

    logic flat_valid, flat_ready;
    serialise #(.LANES(2), .WIDTH(8)) u_flatten (
        .clk(clk), .rst(rst), .in_data(max_pooling2d_data), .in_valid(pool_valid), .in_ready(pool_ready),
        .out_data(flatten_data), .out_valid(flat_valid), .out_ready(flat_ready)
    );
    assign flatten_valid = flat_valid && flat_ready;

    logic hidden_valid, hidden_ready;
    dense #(
        .INPUTS(338), .OUTPUTS(128), .PARALLEL(PARALLEL),
        .IN_WIDTH(8), .IN_FRAC(6), .IN_SIGNED(1'b0), .W_WIDTH(8), .W_FRAC(7), .B_WIDTH(8), .B_FRAC(7),
        .ACC_WIDTH(20), .ACC_FRAC(13), .ACC_ROUND(fixed_point::TRN), .ACC_OVERFLOW(fixed_point::SAT), .PRODUCT_CAST(1'b0),
        .OUT_WIDTH(8), .OUT_FRAC(3), .OUT_ROUND(fixed_point::RND_CONV), .OUT_OVERFLOW(fixed_point::SAT),
        .WEIGHTS_FILE("parameters/dense_weights.mem"), .BIAS_FILE("parameters/dense_bias.mem")
    ) u_dense (
        .clk(clk), .rst(rst), .in_data(flatten_data), .in_valid(flat_valid), .in_ready(flat_ready),
        .out_data(dense_data), .out_valid(hidden_valid), .out_ready(hidden_ready)
    );
    assign dense_valid = hidden_valid && hidden_ready;

    relu #(
        .LANES(PARALLEL), .IN_WIDTH(8), .IN_FRAC(3), .IN_SIGNED(1'b1), .OUT_WIDTH(8), .OUT_FRAC(4), .OUT_SIGNED(1'b0),
        .ROUND(fixed_point::RND_CONV), .OVERFLOW(fixed_point::SAT)
    ) u_dense_relu (.in_data(dense_data), .out_data(dense_relu_data));
    assign dense_relu_valid = dense_valid;

    logic [7:0] element_data;
    logic element_valid, element_ready;
    serialise #(.LANES(PARALLEL), .WIDTH(8)) u_elements (
        .clk(clk), .rst(rst), .in_data(dense_relu_data), .in_valid(hidden_valid), .in_ready(hidden_ready),
        .out_data(element_data), .out_valid(element_valid), .out_ready(element_ready)
    );

    logic logit_valid, logit_ready;
    dense #(
        .INPUTS(128), .OUTPUTS(10), .PARALLEL(1),
        .IN_WIDTH(8), .IN_FRAC(4), .IN_SIGNED(1'b0), .W_WIDTH(8), .W_FRAC(7), .B_WIDTH(8), .B_FRAC(7),
        .ACC_WIDTH(19), .ACC_FRAC(11), .ACC_ROUND(fixed_point::TRN), .ACC_OVERFLOW(fixed_point::SAT), .PRODUCT_CAST(1'b0),
        .OUT_WIDTH(8), .OUT_FRAC(1), .OUT_ROUND(fixed_point::RND_CONV), .OUT_OVERFLOW(fixed_point::SAT),
        .WEIGHTS_FILE("parameters/dense_1_weights.mem"), .BIAS_FILE("parameters/dense_1_bias.mem")
    ) u_dense_1 (
        .clk(clk), .rst(rst), .in_data(element_data), .in_valid(element_valid), .in_ready(element_ready),
        .out_data(dense_1_data), .out_valid(logit_valid), .out_ready(logit_ready)
    );
    assign dense_1_valid = logit_valid && logit_ready;

    softmax #(
        .N(10), .IN_WIDTH(8), .IN_FRAC(1), .IN_SIGNED(1'b1),
        .DIFF_WIDTH(8), .DIFF_FRAC(1), .DIFF_ROUND(fixed_point::TRN), .DIFF_OVERFLOW(fixed_point::SAT),
        .EXP_BITS(8), .EXP_WIDTH(16), .EXP_FRAC(15),
        .ACC_WIDTH(20), .ACC_FRAC(15), .ACC_ROUND(fixed_point::TRN), .ACC_OVERFLOW(fixed_point::SAT),
        .INDEX_WIDTH(12), .INDEX_FRAC(7), .INDEX_ROUND(fixed_point::RND_CONV), .INDEX_OVERFLOW(fixed_point::SAT),
        .INV_BITS(12), .INV_WIDTH(16), .INV_FRAC(15),
        .OUT_WIDTH(8), .OUT_FRAC(8), .OUT_SIGNED(1'b0),
        .OUT_ROUND(fixed_point::RND_CONV), .OUT_OVERFLOW(fixed_point::SAT),
        .EXP_FILE("parameters/dense_1_softmax_exp_table.mem"), .INV_FILE("parameters/dense_1_softmax_inv_table.mem")
    ) u_dense_1_softmax (
        .clk(clk), .rst(rst), .in_data(dense_1_data), .in_valid(logit_valid), .in_ready(logit_ready),
        .out_data(out_data), .out_valid(out_valid), .out_ready(out_ready)
    );
endmodule
