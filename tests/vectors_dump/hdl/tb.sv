`timescale 1ns / 1ps
module tb;
    reg clk = 1'b0;
    reg rst = 1'b1;
    reg [1:0] phase = 2'd0;
    wire ready = phase != 2'd3;
    wire valid;
    wire [7:0] data;
    wire running = ~rst;
    real level = 0.0;
    integer log;

    counter_stream dut (.clk(clk), .rst(rst), .data(data), .valid(valid), .ready(ready));

    always #5 clk = ~clk;
    // What a flip-flop behind the stream takes is the truth that the reader of the dump must find.
    always @(posedge clk) begin
        phase <= phase + 2'd1;
        level = level + 0.5;
        if (!rst && valid && ready) $fwrite(log, "%0t %b\n", $time, data);
    end
    initial begin
        log = $fopen("taken.txt");
        $dumpfile("tb.vcd");
        $dumpvars(0, tb);
`ifdef UNDEFINED
        $dumpvars(0, dut.memory[0], dut.memory[3]);
`endif
        #23 rst = 1'b0;
        #1000;
        $fclose(log);
        $finish;
    end
endmodule
