// Numbers the beats of one boundary: 0 .. WORDS-1, then 0 again. Memory style: we and address of a word.
module write_counter #(
    parameter int WORDS = 10,
    parameter int ADDRESS = 4
) (
    input  logic               clk,
    input  logic               rst,
    input  logic               valid,
    output logic [ADDRESS-1:0] address,
    output logic               last  // the word at `address` is the image's last
);
    localparam logic [31:0] LAST = WORDS - 1;
    assign last = address == LAST[ADDRESS-1:0];
    always_ff @(posedge clk)
        if (rst) address <= '0;
        else if (valid) address <= last ? '0 : address + 1'b1;
endmodule
