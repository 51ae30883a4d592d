// max(x, 0) and the conversion into the result's type (rule L6), for each lane of a beat. Combinational.
module relu #(
    parameter int LANES = 1,
    parameter int IN_WIDTH = 8,
    parameter int IN_FRAC = 5,
    parameter bit IN_SIGNED = 1,
    parameter int OUT_WIDTH = 8,
    parameter int OUT_FRAC = 6,
    parameter bit OUT_SIGNED = 0,
    parameter int ROUND = fixed_point::RND_CONV,
    parameter int OVERFLOW = fixed_point::SAT
) (
    input  logic [ LANES*IN_WIDTH-1:0] in_data,
    output logic [LANES*OUT_WIDTH-1:0] out_data
);
    generate
        genvar lane;
        for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
            wire [IN_WIDTH-1:0] x = in_data[lane*IN_WIDTH+:IN_WIDTH];
            wire negative = IN_SIGNED && x[IN_WIDTH-1];
            wire [IN_WIDTH-1:0] positive = negative ? {IN_WIDTH{1'b0}} : x;
            requantise #(
                .IN_WIDTH(IN_WIDTH), .IN_FRAC(IN_FRAC), .IN_SIGNED(IN_SIGNED),
                .OUT_WIDTH(OUT_WIDTH), .OUT_FRAC(OUT_FRAC), .OUT_SIGNED(OUT_SIGNED),
                .ROUND(ROUND), .OVERFLOW(OVERFLOW)
            ) u_result (.in_raw(positive), .out_raw(out_data[lane*OUT_WIDTH+:OUT_WIDTH]));
        end
    endgenerate
endmodule
