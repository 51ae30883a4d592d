// A dense layer (rule L2) for a stream of elements. PARALLEL MACs work side by side on as many outputs, all on the same
// input, one input a clock in ascending order; so a vector takes INPUTS * OUTPUTS / PARALLEL clocks. The input is held
// in two banks: the next vector arrives while one is worked on. A beat of the output has PARALLEL lanes, the first
// output in the low bits.
//
// PARALLEL must divide OUTPUTS. WEIGHTS_FILE: word i * OUTPUTS / PARALLEL + g has lane p = weight of input i and output
// g * PARALLEL + p; BIAS_FILE: word g, lane p: the arrays in storage order, packed with "lanes=PARALLEL".
module dense #(
    parameter int INPUTS = 12,
    parameter int OUTPUTS = 8,
    parameter int PARALLEL = 2,
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
    parameter int ACC_ROUND = fixed_point::RND_CONV,
    parameter int ACC_OVERFLOW = fixed_point::SAT,
    parameter bit PRODUCT_CAST = 1,
    parameter int OUT_WIDTH = 5,
    parameter int OUT_FRAC = 2,
    parameter bit OUT_SIGNED = 1,
    parameter int OUT_ROUND = fixed_point::RND_CONV,
    parameter int OUT_OVERFLOW = fixed_point::SAT,
    parameter WEIGHTS_FILE = "parameters/dense_weights.mem",
    parameter BIAS_FILE = "parameters/dense_bias.mem"
) (
    input  logic                          clk,
    input  logic                          rst,
    input  logic [          IN_WIDTH-1:0] in_data,
    input  logic                          in_valid,
    output logic                          in_ready,
    output logic [PARALLEL*OUT_WIDTH-1:0] out_data,
    output logic                          out_valid,
    input  logic                          out_ready
);
    localparam int GROUPS = OUTPUTS / PARALLEL;
    localparam int I_BITS = INPUTS > 1 ? $clog2(INPUTS) : 1;
    localparam int G_BITS = GROUPS > 1 ? $clog2(GROUPS) : 1;
    localparam int A_BITS = INPUTS * GROUPS > 1 ? $clog2(INPUTS * GROUPS) : 1;
    localparam logic [31:0] LAST_INPUT = INPUTS - 1;
    localparam logic [31:0] LAST_GROUP = GROUPS - 1;
    localparam logic [31:0] STRIDE = GROUPS;  // from one input's weights to the next one's

    logic [PARALLEL*W_WIDTH-1:0] weights[0:INPUTS*GROUPS-1];
    logic [PARALLEL*B_WIDTH-1:0] biases [0:GROUPS-1];
    initial begin
        $readmemh(WEIGHTS_FILE, weights);
        $readmemh(BIAS_FILE, biases);
    end

    // Filling: one bank at a time; a bank is full from its last element until its last use.
    logic [IN_WIDTH-1:0] bank0[0:INPUTS-1];
    logic [IN_WIDTH-1:0] bank1[0:INPUTS-1];
    logic [1:0] full;
    logic fill_bank, work_bank;
    logic [I_BITS-1:0] fill;
    wire filled = fill == LAST_INPUT[I_BITS-1:0];
    assign in_ready = !full[fill_bank];
    wire take = in_valid && in_ready;

    always_ff @(posedge clk)
        if (take) begin
            if (fill_bank) bank1[fill] <= in_data;
            else bank0[fill] <= in_data;
        end

    // Working: all inputs for a group of outputs, then the next group.
    logic [I_BITS-1:0] index;
    logic [A_BITS-1:0] group;
    logic [A_BITS-1:0] address;  // index * GROUPS + group
    logic done;                  // the accumulators hold a result
    wire step = !done || !out_valid || out_ready;
    wire busy = full[work_bank];
    wire last_index = index == LAST_INPUT[I_BITS-1:0];
    wire last_group = group == LAST_GROUP[A_BITS-1:0];
    wire release_bank = busy && step && last_index && last_group;
    wire [A_BITS-1:0] next_group = last_group ? '0 : group + 1'b1;

    always_ff @(posedge clk)
        if (rst) begin
            full <= 2'b00;
            fill_bank <= 1'b0;
            work_bank <= 1'b0;
            fill <= '0;
            index <= '0;
            group <= '0;
            address <= '0;
        end else begin
            if (take) begin
                fill <= filled ? '0 : fill + 1'b1;
                if (filled) begin
                    full[fill_bank] <= 1'b1;
                    fill_bank <= !fill_bank;
                end
            end
            if (busy && step) begin
                index <= last_index ? '0 : index + 1'b1;
                if (last_index) group <= next_group;
                address <= last_index ? next_group : address + STRIDE[A_BITS-1:0];
            end
            if (release_bank) begin
                full[work_bank] <= 1'b0;
                work_bank <= !work_bank;
            end
        end

    // One stage in front of the MACs: what the memories hold for this term.
    logic [PARALLEL*W_WIDTH-1:0] weight;
    logic [PARALLEL*B_WIDTH-1:0] bias;
    logic [IN_WIDTH-1:0] operand;
    logic feed, first, last;
    always_ff @(posedge clk)
        if (step) begin
            weight <= weights[address];
            bias <= biases[group[G_BITS-1:0]];
            operand <= work_bank ? bank1[index] : bank0[index];
            first <= index == '0;
            last <= last_index;
        end
    always_ff @(posedge clk)
        if (rst) begin
            feed <= 1'b0;
            done <= 1'b0;
        end else if (step) begin
            feed <= busy;
            done <= feed && last;
        end

    wire [PARALLEL*OUT_WIDTH-1:0] results;
    generate
        genvar p;
        for (p = 0; p < PARALLEL; p = p + 1) begin : g_lane
            wire [ACC_WIDTH-1:0] acc;
            mac #(
                .W_WIDTH(W_WIDTH), .W_FRAC(W_FRAC), .W_SIGNED(W_SIGNED),
                .X_WIDTH(IN_WIDTH), .X_FRAC(IN_FRAC), .X_SIGNED(IN_SIGNED),
                .B_WIDTH(B_WIDTH), .B_FRAC(B_FRAC), .B_SIGNED(B_SIGNED),
                .ACC_WIDTH(ACC_WIDTH), .ACC_FRAC(ACC_FRAC), .ACC_SIGNED(ACC_SIGNED),
                .ACC_ROUND(ACC_ROUND), .ACC_OVERFLOW(ACC_OVERFLOW), .PRODUCT_CAST(PRODUCT_CAST)
            ) u_mac (
                .clk(clk), .enable(feed && step), .first(first),
                .weight(weight[p*W_WIDTH+:W_WIDTH]), .x(operand), .bias(bias[p*B_WIDTH+:B_WIDTH]), .acc(acc)
            );
            requantise #(
                .IN_WIDTH(ACC_WIDTH), .IN_FRAC(ACC_FRAC), .IN_SIGNED(ACC_SIGNED),
                .OUT_WIDTH(OUT_WIDTH), .OUT_FRAC(OUT_FRAC), .OUT_SIGNED(OUT_SIGNED),
                .ROUND(OUT_ROUND), .OVERFLOW(OUT_OVERFLOW)
            ) u_result (.in_raw(acc), .out_raw(results[p*OUT_WIDTH+:OUT_WIDTH]));
        end
    endgenerate

    always_ff @(posedge clk) if (step && done) out_data <= results;
    always_ff @(posedge clk)
        if (rst) out_valid <= 1'b0;
        else if (step && done) out_valid <= 1'b1;
        else if (out_ready) out_valid <= 1'b0;
endmodule
