// The layers of pipe.v on memories: a word of the input each clock, results written by address.
`timescale 1ns / 1ps

module pipe_memory #(
    parameter FAULT = 0
) (
    input  wire       clk,
    input  wire       rst,
    input  wire       start,
    output reg        done,
    output wire [4:0] in_addr,
    input  wire [9:0] in_data,
    output wire       scale_we,
    output wire [4:0] scale_addr,
    output wire [7:0] scale_data,
    output reg        out_we,
    output reg  [4:0] out_addr,
    output reg  [4:0] out_data
);
    reg [31:0] BUG;
    initial if ($value$plusargs("bug=%d", BUG) == 0) BUG = FAULT;

`include "arithmetic.vh"

    reg [5:0] count;    // address of the word that is read
    reg [5:0] arrived;  // address of the word in in_data
    reg       reading;
    reg       here;

    assign in_addr    = count[4:0];
    assign scale_we   = here && !(BUG == 8 && arrived == 20);  // 8: word 20 is never written
    assign scale_addr = arrived[4:0];
    assign scale_data = (BUG == 6 && arrived == 7) ? {4'd3, 4'bx} : requantize(in_data);

    always @(posedge clk) begin
        done   <= 0;
        out_we <= 0;
        if (rst) begin
            reading <= 0;
            here    <= 0;
            count   <= 0;
        end else begin
            if (start) begin
                reading <= 1;
                count   <= 0;
            end else if (reading) begin
                count <= count + 1;
                if (count == 31) reading <= 0;
            end
            arrived <= count;
            here    <= reading;
            if (here) begin
                out_we   <= 1;
                out_addr <= (BUG == 9 && arrived == 20) ? 5'd19 : arrived[4:0];  // 9: word 19 is written twice
                out_data <= rectify(scale_data) ^ ((BUG == 7 && arrived == 9) ? 5'd1 : 5'd0);  // 7: one bit of word 9
                if (arrived == 31) done <= !(BUG == 5);                              // 5: never done
            end
            if (BUG == 10 && done) out_we <= 1;  // 10: a write behind done
        end
    end
endmodule
