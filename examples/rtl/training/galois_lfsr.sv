// A draw of the randomiser (rule H13): R shifts of a Galois LFSR in one clock; the bit of the i-th shift is bit i of the
// draw. Combinational, from one state to the next.
module galois_lfsr #(
    parameter int WIDTH = 32,
    parameter int R = 8,
    parameter logic [WIDTH-1:0] TAPS = 32'h80200003
) (
    input  logic [WIDTH-1:0] state,
    output logic [WIDTH-1:0] next,
    output logic [    R-1:0] draw
);
    // State i in bits i * WIDTH and up.
    wire [(R+1)*WIDTH-1:0] states  /* verilator split_var */;
    assign states[WIDTH-1:0] = state;
    generate
        genvar i;
        for (i = 0; i < R; i = i + 1) begin : g_shift
            wire [WIDTH-1:0] z = states[i*WIDTH+:WIDTH];
            assign states[(i+1)*WIDTH+:WIDTH] = (z >> 1) ^ (z[0] ? TAPS : {WIDTH{1'b0}});
            assign draw[i] = z[0];
        end
    endgenerate
    assign next = states[R*WIDTH+:WIDTH];
endmodule
