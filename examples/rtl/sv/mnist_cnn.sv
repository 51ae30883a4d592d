// The networks of examples/mnist-cnn, every layer a block of its own, so that several images are under way at once.
// Sizes and formats are those of the package `cnn`, which `bittrue vectors NET --sv-package cnn` writes: NET is
// mnist_cnn_8bit.toml, or what `bittrue quantize` made of the float model. Files: the network's parameters with the
// packings conv2d.* "lanes=2" (the output channels), dense.* "lanes=PARALLEL".
//
// Boundaries inside are watched at <layer>_data and <layer>_valid; valid is 1 in the clock in which a beat moves on.
// Lanes of a beat: conv2d, conv2d_relu, max_pooling2d 2 (channels of a pixel), dense, dense_relu PARALLEL, others 1.
// Clocks per image: the slowest layer's, conv2d with 26 * 26 * 9 + 108 = 6192, or dense with 43264 / PARALLEL.
module mnist_cnn #(
    parameter int PARALLEL = 8,  // multipliers of the layer `dense`; a divisor of its outputs
    localparam int CHANNELS = cnn::CONV2D_OUT_CHANNELS
) (
    input  logic                                             clk,
    input  logic                                             rst,
    input  logic [                     cnn::INPUT_WIDTH-1:0] in_data,
    input  logic                                             in_valid,
    output logic                                             in_ready,
    output logic [       CHANNELS*cnn::CONV2D_OUT_WIDTH-1:0] conv2d_data,
    output logic                                             conv2d_valid,
    output logic [  CHANNELS*cnn::CONV2D_RELU_OUT_WIDTH-1:0] conv2d_relu_data,
    output logic                                             conv2d_relu_valid,
    output logic [CHANNELS*cnn::MAX_POOLING2D_OUT_WIDTH-1:0] max_pooling2d_data,
    output logic                                             max_pooling2d_valid,
    output logic [               cnn::FLATTEN_OUT_WIDTH-1:0] flatten_data,
    output logic                                             flatten_valid,
    output logic [        PARALLEL*cnn::DENSE_OUT_WIDTH-1:0] dense_data,
    output logic                                             dense_valid,
    output logic [   PARALLEL*cnn::DENSE_RELU_OUT_WIDTH-1:0] dense_relu_data,
    output logic                                             dense_relu_valid,
    output logic [               cnn::DENSE_1_OUT_WIDTH-1:0] dense_1_data,
    output logic                                             dense_1_valid,
    output logic [       cnn::DENSE_1_SOFTMAX_OUT_WIDTH-1:0] out_data,
    output logic                                             out_valid,
    input  logic                                             out_ready
);
    mnist_cnn_fits u_fits ();  // no other network

    logic pool_valid, pool_ready;
    conv_relu_pool #(
        .HEIGHT(cnn::CONV2D_IN_ROWS), .WIDTH(cnn::CONV2D_IN_COLUMNS), .KERNEL(cnn::CONV2D_KERNEL_ROWS),
        .IN_CHANNELS(cnn::CONV2D_IN_CHANNELS), .OUT_CHANNELS(CHANNELS),
        .IN_WIDTH(cnn::CONV2D_IN_WIDTH), .IN_FRAC(cnn::CONV2D_IN_FRAC), .IN_SIGNED(cnn::CONV2D_IN_SIGNED),
        .W_WIDTH(cnn::CONV2D_W_WIDTH), .W_FRAC(cnn::CONV2D_W_FRAC), .W_SIGNED(cnn::CONV2D_W_SIGNED),
        .B_WIDTH(cnn::CONV2D_B_WIDTH), .B_FRAC(cnn::CONV2D_B_FRAC), .B_SIGNED(cnn::CONV2D_B_SIGNED),
        .ACC_WIDTH(cnn::CONV2D_ACC_WIDTH), .ACC_FRAC(cnn::CONV2D_ACC_FRAC), .ACC_SIGNED(cnn::CONV2D_ACC_SIGNED),
        .ACC_ROUND(cnn::CONV2D_ACC_ROUND), .ACC_OVERFLOW(cnn::CONV2D_ACC_OVERFLOW),
        .PRODUCT_CAST(cnn::CONV2D_PRODUCT_CAST),
        .CONV_WIDTH(cnn::CONV2D_OUT_WIDTH), .CONV_FRAC(cnn::CONV2D_OUT_FRAC), .CONV_SIGNED(cnn::CONV2D_OUT_SIGNED),
        .CONV_ROUND(cnn::CONV2D_OUT_ROUND), .CONV_OVERFLOW(cnn::CONV2D_OUT_OVERFLOW),
        .OUT_WIDTH(cnn::CONV2D_RELU_OUT_WIDTH), .OUT_FRAC(cnn::CONV2D_RELU_OUT_FRAC),
        .OUT_SIGNED(cnn::CONV2D_RELU_OUT_SIGNED),
        .OUT_ROUND(cnn::CONV2D_RELU_OUT_ROUND), .OUT_OVERFLOW(cnn::CONV2D_RELU_OUT_OVERFLOW),
        .WEIGHTS_FILE("parameters/conv2d_weights.mem"), .BIAS_FILE("parameters/conv2d_bias.mem")
    ) u_conv_relu_pool (
        .clk(clk), .rst(rst), .in_data(in_data), .in_valid(in_valid), .in_ready(in_ready),
        .conv2d_data(conv2d_data), .conv2d_valid(conv2d_valid),
        .conv2d_relu_data(conv2d_relu_data), .conv2d_relu_valid(conv2d_relu_valid),
        .out_data(max_pooling2d_data), .out_valid(pool_valid), .out_ready(pool_ready)
    );
    assign max_pooling2d_valid = pool_valid && pool_ready;

    logic flat_valid, flat_ready;
    serialise #(.LANES(CHANNELS), .WIDTH(cnn::FLATTEN_OUT_WIDTH)) u_flatten (
        .clk(clk), .rst(rst), .in_data(max_pooling2d_data), .in_valid(pool_valid), .in_ready(pool_ready),
        .out_data(flatten_data), .out_valid(flat_valid), .out_ready(flat_ready)
    );
    assign flatten_valid = flat_valid && flat_ready;

    logic hidden_valid, hidden_ready;
    dense #(
        .INPUTS(cnn::DENSE_IN_ELEMENTS), .OUTPUTS(cnn::DENSE_OUT_ELEMENTS), .PARALLEL(PARALLEL),
        .IN_WIDTH(cnn::DENSE_IN_WIDTH), .IN_FRAC(cnn::DENSE_IN_FRAC), .IN_SIGNED(cnn::DENSE_IN_SIGNED),
        .W_WIDTH(cnn::DENSE_W_WIDTH), .W_FRAC(cnn::DENSE_W_FRAC), .W_SIGNED(cnn::DENSE_W_SIGNED),
        .B_WIDTH(cnn::DENSE_B_WIDTH), .B_FRAC(cnn::DENSE_B_FRAC), .B_SIGNED(cnn::DENSE_B_SIGNED),
        .ACC_WIDTH(cnn::DENSE_ACC_WIDTH), .ACC_FRAC(cnn::DENSE_ACC_FRAC), .ACC_SIGNED(cnn::DENSE_ACC_SIGNED),
        .ACC_ROUND(cnn::DENSE_ACC_ROUND), .ACC_OVERFLOW(cnn::DENSE_ACC_OVERFLOW),
        .PRODUCT_CAST(cnn::DENSE_PRODUCT_CAST),
        .OUT_WIDTH(cnn::DENSE_OUT_WIDTH), .OUT_FRAC(cnn::DENSE_OUT_FRAC), .OUT_SIGNED(cnn::DENSE_OUT_SIGNED),
        .OUT_ROUND(cnn::DENSE_OUT_ROUND), .OUT_OVERFLOW(cnn::DENSE_OUT_OVERFLOW),
        .WEIGHTS_FILE("parameters/dense_weights.mem"), .BIAS_FILE("parameters/dense_bias.mem")
    ) u_dense (
        .clk(clk), .rst(rst), .in_data(flatten_data), .in_valid(flat_valid), .in_ready(flat_ready),
        .out_data(dense_data), .out_valid(hidden_valid), .out_ready(hidden_ready)
    );
    assign dense_valid = hidden_valid && hidden_ready;

    relu #(
        .LANES(PARALLEL),
        .IN_WIDTH(cnn::DENSE_RELU_IN_WIDTH), .IN_FRAC(cnn::DENSE_RELU_IN_FRAC), .IN_SIGNED(cnn::DENSE_RELU_IN_SIGNED),
        .OUT_WIDTH(cnn::DENSE_RELU_OUT_WIDTH), .OUT_FRAC(cnn::DENSE_RELU_OUT_FRAC),
        .OUT_SIGNED(cnn::DENSE_RELU_OUT_SIGNED),
        .ROUND(cnn::DENSE_RELU_OUT_ROUND), .OVERFLOW(cnn::DENSE_RELU_OUT_OVERFLOW)
    ) u_dense_relu (
        .in_data(dense_data), .out_data(dense_relu_data)
    );
    assign dense_relu_valid = dense_valid;

    logic [cnn::DENSE_1_IN_WIDTH-1:0] element_data;
    logic element_valid, element_ready;
    serialise #(.LANES(PARALLEL), .WIDTH(cnn::DENSE_1_IN_WIDTH)) u_elements (
        .clk(clk), .rst(rst), .in_data(dense_relu_data), .in_valid(hidden_valid), .in_ready(hidden_ready),
        .out_data(element_data), .out_valid(element_valid), .out_ready(element_ready)
    );

    logic logit_valid, logit_ready;
    dense #(
        .INPUTS(cnn::DENSE_1_IN_ELEMENTS), .OUTPUTS(cnn::DENSE_1_OUT_ELEMENTS), .PARALLEL(1),
        .IN_WIDTH(cnn::DENSE_1_IN_WIDTH), .IN_FRAC(cnn::DENSE_1_IN_FRAC), .IN_SIGNED(cnn::DENSE_1_IN_SIGNED),
        .W_WIDTH(cnn::DENSE_1_W_WIDTH), .W_FRAC(cnn::DENSE_1_W_FRAC), .W_SIGNED(cnn::DENSE_1_W_SIGNED),
        .B_WIDTH(cnn::DENSE_1_B_WIDTH), .B_FRAC(cnn::DENSE_1_B_FRAC), .B_SIGNED(cnn::DENSE_1_B_SIGNED),
        .ACC_WIDTH(cnn::DENSE_1_ACC_WIDTH), .ACC_FRAC(cnn::DENSE_1_ACC_FRAC), .ACC_SIGNED(cnn::DENSE_1_ACC_SIGNED),
        .ACC_ROUND(cnn::DENSE_1_ACC_ROUND), .ACC_OVERFLOW(cnn::DENSE_1_ACC_OVERFLOW),
        .PRODUCT_CAST(cnn::DENSE_1_PRODUCT_CAST),
        .OUT_WIDTH(cnn::DENSE_1_OUT_WIDTH), .OUT_FRAC(cnn::DENSE_1_OUT_FRAC), .OUT_SIGNED(cnn::DENSE_1_OUT_SIGNED),
        .OUT_ROUND(cnn::DENSE_1_OUT_ROUND), .OUT_OVERFLOW(cnn::DENSE_1_OUT_OVERFLOW),
        .WEIGHTS_FILE("parameters/dense_1_weights.mem"), .BIAS_FILE("parameters/dense_1_bias.mem")
    ) u_dense_1 (
        .clk(clk), .rst(rst), .in_data(element_data), .in_valid(element_valid), .in_ready(element_ready),
        .out_data(dense_1_data), .out_valid(logit_valid), .out_ready(logit_ready)
    );
    assign dense_1_valid = logit_valid && logit_ready;

    softmax #(
        .N(cnn::DENSE_1_SOFTMAX_IN_ELEMENTS),
        .IN_WIDTH(cnn::DENSE_1_SOFTMAX_IN_WIDTH), .IN_FRAC(cnn::DENSE_1_SOFTMAX_IN_FRAC),
        .IN_SIGNED(cnn::DENSE_1_SOFTMAX_IN_SIGNED),
        .DIFF_WIDTH(cnn::DENSE_1_SOFTMAX_DIFF_WIDTH), .DIFF_FRAC(cnn::DENSE_1_SOFTMAX_DIFF_FRAC),
        .DIFF_ROUND(cnn::DENSE_1_SOFTMAX_DIFF_ROUND), .DIFF_OVERFLOW(cnn::DENSE_1_SOFTMAX_DIFF_OVERFLOW),
        .EXP_BITS(cnn::DENSE_1_SOFTMAX_EXP_BITS), .EXP_WIDTH(cnn::DENSE_1_SOFTMAX_EXP_WIDTH),
        .EXP_FRAC(cnn::DENSE_1_SOFTMAX_EXP_FRAC),
        .ACC_WIDTH(cnn::DENSE_1_SOFTMAX_ACC_WIDTH), .ACC_FRAC(cnn::DENSE_1_SOFTMAX_ACC_FRAC),
        .ACC_ROUND(cnn::DENSE_1_SOFTMAX_ACC_ROUND), .ACC_OVERFLOW(cnn::DENSE_1_SOFTMAX_ACC_OVERFLOW),
        .INDEX_WIDTH(cnn::DENSE_1_SOFTMAX_INDEX_WIDTH), .INDEX_FRAC(cnn::DENSE_1_SOFTMAX_INDEX_FRAC),
        .INDEX_ROUND(cnn::DENSE_1_SOFTMAX_INDEX_ROUND), .INDEX_OVERFLOW(cnn::DENSE_1_SOFTMAX_INDEX_OVERFLOW),
        .INV_BITS(cnn::DENSE_1_SOFTMAX_INV_BITS), .INV_WIDTH(cnn::DENSE_1_SOFTMAX_INV_WIDTH),
        .INV_FRAC(cnn::DENSE_1_SOFTMAX_INV_FRAC),
        .OUT_WIDTH(cnn::DENSE_1_SOFTMAX_OUT_WIDTH), .OUT_FRAC(cnn::DENSE_1_SOFTMAX_OUT_FRAC),
        .OUT_SIGNED(cnn::DENSE_1_SOFTMAX_OUT_SIGNED),
        .OUT_ROUND(cnn::DENSE_1_SOFTMAX_OUT_ROUND), .OUT_OVERFLOW(cnn::DENSE_1_SOFTMAX_OUT_OVERFLOW),
        .EXP_FILE("parameters/dense_1_softmax_exp_table.mem"), .INV_FILE("parameters/dense_1_softmax_inv_table.mem")
    ) u_dense_1_softmax (
        .clk(clk), .rst(rst), .in_data(dense_1_data), .in_valid(logit_valid), .in_ready(logit_ready),
        .out_data(out_data), .out_valid(out_valid), .out_ready(out_ready)
    );
endmodule
