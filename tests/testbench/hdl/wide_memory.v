// The layers of pipe.v on memories of 12 elements a word: results are written by address. What is written of the inner
// layer is no port. +BUG=N selects what is wrong, see also arithmetic.vh.
`timescale 1ns / 1ps

module wide_memory (
    input  wire         clk,
    input  wire         rst,
    input  wire         start,
    output reg          done,
    output wire         in_en,
    output wire   [1:0] in_addr,
    input  wire [119:0] in_data,
    output reg          out_we,
    output reg    [1:0] out_addr,
    output reg   [95:0] out_data  // lanes of 8 bits, byte 0 in the highest bits
);
    integer BUG;
    initial if (!$value$plusargs("BUG=%d", BUG)) BUG = 0;
`include "arithmetic.vh"

    reg [2:0] count;  // address of the word that is read
    reg [1:0] here;   // address of the word in in_data
    reg       reading, arrived, last;
    reg [7:0] image;

    wire        mid_we   = arrived && !(BUG == 8 && image == 1 && here == 1);  // 8: word 1 of image 1 is never written
    wire  [1:0] mid_addr = (BUG == 9 && image == 2) ? 2'd3 : here;             // 9: out of range
    wire [95:0] mid_data;
    wire [95:0] swapped;

    assign in_addr = count[1:0];
    assign in_en   = reading;

    genvar i;
    generate
        for (i = 0; i < 12; i = i + 1) begin : lane
            assign mid_data[8*i +: 8] = requantize(in_data[10*i +: 10]);
            assign swapped[8*(11-i) +: 8] = {3'd0, rectify(mid_data[8*i +: 8])};
        end
    endgenerate

    always @(posedge clk) begin
        done   <= 0;
        out_we <= 0;
        if (rst) begin
            reading <= 0;
            arrived <= 0;
            last    <= 0;
            count   <= 0;
            here    <= 0;
            image   <= 0;
        end else begin
            if (start && BUG != 5) begin  // 5: never begins
                reading <= 1;
                count   <= 0;
            end else if (reading) begin
                count <= count + 1;
                if (count == 2) reading <= 0;
            end
            arrived  <= reading;
            here     <= count[1:0];
            out_we   <= arrived;
            out_addr <= (BUG == 6 && image == 3 && here == 2) ? 2'd1 : here;  // 6: word 1 is written twice, 2 never
            out_data <= swapped;
            last     <= arrived && here == 2;
            done     <= arrived && here == 2;
            if (BUG == 7) done <= arrived && here == 1;  // 7: done before the last word
            if (last) image <= image + 1;
        end
    end
endmodule
