// The pipeline of pipe.v with beats of 12 elements, which are wider than 64 bits, and AXI4-Stream sidebands on its output.
// +BUG=N selects what is wrong, see also arithmetic.vh.
`timescale 1ns / 1ps

module wide #(
    parameter BEATS = 0  // of an image
) (
    input  wire         aclk,
    input  wire         aresetn,
    input  wire [119:0] s_data,
    input  wire         s_valid,
    output wire         s_ready,
    output wire  [95:0] mid_data,  // lane 0 is the highest
    output wire         mid_valid,
    output wire  [95:0] m_data,
    output wire  [11:0] m_keep,
    output wire         m_last,
    output wire         m_valid,
    input  wire         m_ready
);
    integer BUG;
    initial if (!$value$plusargs("BUG=%d", BUG)) BUG = 0;
`include "arithmetic.vh"

    reg  [95:0] scale;  // lane 0 is the lowest
    reg  [59:0] relu;
    reg         scale_full, relu_full, again;
    reg  [15:0] beats, sent;
    reg   [1:0] place;  // of the output's beat in its image

    // 5: stops after 7 beats   6: beats without end   7: takes words that are not valid
    wire advance = !relu_full || m_ready;
    wire offered = s_valid || BUG == 7;
    wire taken   = offered && s_ready;
    assign s_ready   = advance && !(BUG == 5 && beats >= 7) && !again;
    assign mid_valid = scale_full && advance;
    assign m_valid   = relu_full;
    assign m_last    = (place == BEATS - 1) != (BUG == 11 && sent == 4);   // 11: a wrong TLAST
    assign m_keep    = (place == BEATS - 1 && BUG != 12) ? 12'h0ff : 12'hfff;  // 12: TKEEP is always 1

    genvar i;
    generate
        for (i = 0; i < 12; i = i + 1) begin : lane
            assign mid_data[8*(11-i) +: 8] = scale[8*i +: 8];
            // 13: lanes 2 and 3 of the output are exchanged
            assign m_data[8*i +: 8] = {3'd0, relu[5*((BUG == 13 && (i == 2 || i == 3)) ? 5 - i : i) +: 5]};
        end
    endgenerate

    wire [4:0] lane_1 = rectify(scale[15:8]);
    integer k;
    always @(posedge aclk) begin
        if (!aresetn) begin
            scale_full <= 0;
            relu_full  <= 0;
            again      <= 0;
            beats      <= 0;
            sent       <= 0;
            place      <= 0;
        end else begin
            if (relu_full && m_ready) begin
                place <= (place == BEATS - 1) ? 2'd0 : place + 2'd1;
                sent  <= sent + 1;
                if (BUG == 14 && sent == 5) $finish;  // 14: ends the simulation
            end
            if (advance) begin
                relu_full  <= scale_full || (BUG == 6 && sent > 0);
                scale_full <= taken || again;
                again      <= 0;
                for (k = 0; k < 12; k = k + 1) relu[5*k +: 5] <= rectify(scale[8*k +: 8]);
                if (BUG == 15 && beats == 5) relu[5] <= !lane_1[0];  // 15: bit 0 of lane 1
                if (taken) begin
                    for (k = 0; k < 12; k = k + 1) scale[8*k +: 8] <= requantize(s_data[10*k +: 10]);
                    beats <= beats + 1;
                    if (BUG == 8 && beats == 4) scale_full <= 0;  // 8: a beat is lost
                    if (BUG == 9 && beats == 4) again <= 1;       // 9: it comes twice
                    if (BUG == 10 && beats == 11) again <= 1;     // 10: a beat too many at the very end
                end
            end
        end
    end
endmodule
