// The hardware of mlp.toml: dense, relu, dense, each boundary a stream. The weights are those of mlp.toml, as raw words.
module mlp (
    input  logic       clk,
    input  logic       rst,
    input  logic       fault,
    input  logic [7:0] in_data,
    input  logic       in_valid,
    output logic       in_ready,
    output logic [7:0] hidden_data,
    output logic       hidden_valid,
    output logic       hidden_ready,
    output logic [5:0] relu_data,
    output logic [9:0] out_data,
    output logic       out_valid,
    input  logic       out_ready
);
    localparam logic signed [7:0] HIDDEN_WEIGHTS[16*8] = '{
        -7, -9, 71, 114, -110, 69, 39, 119, 90, -8, 80, -58, -7, 33, 52, 105,
        -62, -30, -121, 70, -59, 51, -75, -83, 84, -110, 21, 65, 26, -118, 14, 24,
        61, 112, -96, 90, 125, 80, -20, 48, -68, 30, 6, 64, 95, 64, 122, 35,
        114, 115, -47, 74, -17, -10, 8, -94, -106, -125, -49, 107, 4, -60, -117, -38,
        -95, 75, -107, 99, 4, 44, 17, 82, -105, -89, -107, 69, 27, -98, -97, 58,
        -122, -51, 26, -60, 95, -114, -65, -51, 65, -73, 45, -76, 45, 42, -118, -34,
        112, -10, -113, 59, 26, 15, -96, -118, 41, -112, 32, 10, -123, 110, 61, 32,
        4, -51, 9, -79, 87, -45, 118, 22, 14, -27, 56, 92, 84, 52, 0, 61
    };
    localparam logic signed [7:0] HIDDEN_BIAS[8] = '{7, 25, 65, -75, -115, -61, 30, -15};
    localparam logic signed [7:0] SCORES_WEIGHTS[8*4] = '{
        9, 94, 42, -88, 10, -31, 46, 87,
        -6, -79, -14, 44, -13, 33, -85, 21,
        39, -76, 96, -17, -67, -35, 48, 10,
        -33, 36, -42, 102, -111, 14, -62, 109
    };
    localparam logic signed [7:0] SCORES_BIAS[4] = '{49, 85, 20, 86};

    // Inputs have 4 fraction bits, weights and biases 7; results 3.
    dense #(
        .IN(16), .OUT(8), .X_BITS(8), .X_SIGNED(1), .Y_BITS(8), .ACC(24), .DROP(8), .BIAS_SHIFT(4),
        .WEIGHTS(HIDDEN_WEIGHTS), .BIAS(HIDDEN_BIAS)
    ) hidden (
        .clk, .rst, .fault,
        .x_data(in_data), .x_valid(in_valid), .x_ready(in_ready),
        .y_data(hidden_data), .y_valid(hidden_valid), .y_ready(hidden_ready)
    );

    // Relu into 6 unsigned bits with 2 fraction bits: rounds to nearest, ties up, and saturates.
    logic [6:0] rounded;
    always_comb begin
        rounded = {1'b0, hidden_data[6:1]} + 7'(hidden_data[0]);
        if (hidden_data[7]) relu_data = 0;
        else if (rounded[6]) relu_data = '1;
        else relu_data = rounded[5:0];
    end

    // Relu words have 2 fraction bits; scores 4.
    dense #(
        .IN(8), .OUT(4), .X_BITS(6), .X_SIGNED(0), .Y_BITS(10), .ACC(22), .DROP(5), .BIAS_SHIFT(2),
        .WEIGHTS(SCORES_WEIGHTS), .BIAS(SCORES_BIAS)
    ) scores (
        .clk, .rst, .fault(1'b0),
        .x_data(relu_data), .x_valid(hidden_valid), .x_ready(hidden_ready),
        .y_data(out_data), .y_valid(out_valid), .y_ready(out_ready)
    );
endmodule
