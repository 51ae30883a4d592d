// mnist_cnn with memory-style ports: `start` reads one image by address (the data follow one clock after the address) and
// every boundary is written by address; `done` is 1 for one clock after the last word. One image at a time.
module mnist_cnn_memory #(
    parameter int PARALLEL = 8,  // less than the outputs of `dense`, and a divisor of them
    localparam int CHANNELS = cnn::CONV2D_OUT_CHANNELS,
    // Words of the boundaries, and the bits that count them.
    localparam int PIXELS = cnn::INPUT_ELEMENTS / cnn::INPUT_CHANNELS,
    localparam int MAP = cnn::CONV2D_OUT_ELEMENTS / CHANNELS,
    localparam int POOL = cnn::MAX_POOLING2D_OUT_ELEMENTS / CHANNELS,
    localparam int FLAT = cnn::FLATTEN_OUT_ELEMENTS,
    localparam int GROUPS = cnn::DENSE_OUT_ELEMENTS / PARALLEL,
    localparam int LOGITS = cnn::DENSE_1_OUT_ELEMENTS,
    localparam int INPUT_BITS = $clog2(PIXELS),
    localparam int MAP_BITS = $clog2(MAP),
    localparam int POOL_BITS = $clog2(POOL),
    localparam int FLAT_BITS = $clog2(FLAT),
    localparam int DENSE_BITS = $clog2(GROUPS),
    localparam int LOGIT_BITS = $clog2(LOGITS)
) (
    input  logic                                             clk,
    input  logic                                             rst,
    input  logic                                             start,
    output logic                                             done,
    output logic [                           INPUT_BITS-1:0] in_addr,
    input  logic [                     cnn::INPUT_WIDTH-1:0] in_data,
    output logic                                             conv2d_we,
    output logic [                             MAP_BITS-1:0] conv2d_addr,
    output logic [       CHANNELS*cnn::CONV2D_OUT_WIDTH-1:0] conv2d_data,
    output logic                                             conv2d_relu_we,
    output logic [                             MAP_BITS-1:0] conv2d_relu_addr,
    output logic [  CHANNELS*cnn::CONV2D_RELU_OUT_WIDTH-1:0] conv2d_relu_data,
    output logic                                             max_pooling2d_we,
    output logic [                            POOL_BITS-1:0] max_pooling2d_addr,
    output logic [CHANNELS*cnn::MAX_POOLING2D_OUT_WIDTH-1:0] max_pooling2d_data,
    output logic                                             flatten_we,
    output logic [                            FLAT_BITS-1:0] flatten_addr,
    output logic [               cnn::FLATTEN_OUT_WIDTH-1:0] flatten_data,
    output logic                                             dense_we,
    output logic [                           DENSE_BITS-1:0] dense_addr,
    output logic [        PARALLEL*cnn::DENSE_OUT_WIDTH-1:0] dense_data,
    output logic                                             dense_relu_we,
    output logic [                           DENSE_BITS-1:0] dense_relu_addr,
    output logic [   PARALLEL*cnn::DENSE_RELU_OUT_WIDTH-1:0] dense_relu_data,
    output logic                                             dense_1_we,
    output logic [                           LOGIT_BITS-1:0] dense_1_addr,
    output logic [               cnn::DENSE_1_OUT_WIDTH-1:0] dense_1_data,
    output logic                                             out_we,
    output logic [                           LOGIT_BITS-1:0] out_addr,
    output logic [       cnn::DENSE_1_SOFTMAX_OUT_WIDTH-1:0] out_data
);
    // Reading: one clock for the address, then the word waits until the network takes it.
    localparam logic [31:0] LAST_PIXEL = PIXELS - 1;
    localparam logic [INPUT_BITS-1:0] LAST = LAST_PIXEL[INPUT_BITS-1:0];
    logic reading, word_valid, in_ready;
    always_ff @(posedge clk)
        if (rst) begin
            reading <= 1'b0;
            word_valid <= 1'b0;
            in_addr <= '0;
        end else if (start) begin
            reading <= 1'b1;
            word_valid <= 1'b0;
            in_addr <= '0;
        end else if (reading) begin
            word_valid <= !(word_valid && in_ready);
            if (word_valid && in_ready) begin
                in_addr <= in_addr == LAST ? '0 : in_addr + 1'b1;
                reading <= in_addr != LAST;
            end
        end

    mnist_cnn #(.PARALLEL(PARALLEL)) u_network (
        .clk(clk), .rst(rst), .in_data(in_data), .in_valid(word_valid), .in_ready(in_ready),
        .conv2d_data(conv2d_data), .conv2d_valid(conv2d_we),
        .conv2d_relu_data(conv2d_relu_data), .conv2d_relu_valid(conv2d_relu_we),
        .max_pooling2d_data(max_pooling2d_data), .max_pooling2d_valid(max_pooling2d_we),
        .flatten_data(flatten_data), .flatten_valid(flatten_we),
        .dense_data(dense_data), .dense_valid(dense_we),
        .dense_relu_data(dense_relu_data), .dense_relu_valid(dense_relu_we),
        .dense_1_data(dense_1_data), .dense_1_valid(dense_1_we),
        .out_data(out_data), .out_valid(out_we), .out_ready(1'b1)
    );

    logic [7:0] last;
    write_counter #(.WORDS(MAP), .ADDRESS(MAP_BITS)) u_conv2d (
        .clk(clk), .rst(rst), .valid(conv2d_we), .address(conv2d_addr), .last(last[0]));
    write_counter #(.WORDS(MAP), .ADDRESS(MAP_BITS)) u_conv2d_relu (
        .clk(clk), .rst(rst), .valid(conv2d_relu_we), .address(conv2d_relu_addr), .last(last[1]));
    write_counter #(.WORDS(POOL), .ADDRESS(POOL_BITS)) u_max_pooling2d (
        .clk(clk), .rst(rst), .valid(max_pooling2d_we), .address(max_pooling2d_addr), .last(last[2]));
    write_counter #(.WORDS(FLAT), .ADDRESS(FLAT_BITS)) u_flatten (
        .clk(clk), .rst(rst), .valid(flatten_we), .address(flatten_addr), .last(last[3]));
    write_counter #(.WORDS(GROUPS), .ADDRESS(DENSE_BITS)) u_dense (
        .clk(clk), .rst(rst), .valid(dense_we), .address(dense_addr), .last(last[4]));
    write_counter #(.WORDS(GROUPS), .ADDRESS(DENSE_BITS)) u_dense_relu (
        .clk(clk), .rst(rst), .valid(dense_relu_we), .address(dense_relu_addr), .last(last[5]));
    write_counter #(.WORDS(LOGITS), .ADDRESS(LOGIT_BITS)) u_dense_1 (
        .clk(clk), .rst(rst), .valid(dense_1_we), .address(dense_1_addr), .last(last[6]));
    write_counter #(.WORDS(LOGITS), .ADDRESS(LOGIT_BITS)) u_out (
        .clk(clk), .rst(rst), .valid(out_we), .address(out_addr), .last(last[7]));

    always_ff @(posedge clk) done <= !rst && out_we && last[7];
    wire unused = &{1'b0, last[6:0]};
endmodule
