// A stream with gaps: word k is 37 k + 11 modulo 256 in `data`, in `pair` it is next to its complement. valid is 1 in
// two of three clocks, ready in three of four. Two words have bits that nobody drives. `memory` keeps the last four
// words, `down` is declared with its lowest index on the left.
module counter_stream (
    input wire clk,
    input wire rst,
    output reg [7:0] data,
    output reg valid,
    input wire ready
);
    reg [7:0] index;
    reg [1:0] gap;
    reg [7:0] memory[0:3];
    wire [15:0] pair = {~data, data};
    wire [0:7] down = data;
    wire [7:0] next = index * 8'd37 + 8'd11;
    wire not_valid = ~valid;

    always @(posedge clk) begin
        if (rst) begin
            index <= 8'd0;
            gap <= 2'd0;
            valid <= 1'b0;
            data <= 8'd0;
        end else begin
            gap <= gap == 2'd2 ? 2'd0 : gap + 2'd1;
            if (valid && ready) begin
                memory[index[1:0]] <= data;
                valid <= 1'b0;
            end
            if ((!valid || ready) && gap != 2'd2) begin
                valid <= 1'b1;
`ifdef UNDEFINED
                data <= index == 8'd5 ? {next[7:4], 2'bxx, next[1:0]} : index == 8'd9 ? {next[7:6], 3'bzzz, next[2:0]} : next;
`else
                data <= next;
`endif
                index <= index + 8'd1;
            end
        end
    end
endmodule
