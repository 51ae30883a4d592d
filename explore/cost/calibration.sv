// What the cost model is calibrated with: a cast and an accumulator as one writes them for a small area. Overflow is
// seen in the top bits instead of by comparison, and rounding that depends on the dropped bits only enters the adder as
// its carry. A raw is two's complement where SIGNED is 1, bit 0 its least significant bit.
//
// ROUND: 0 TRN, 1 TRN_ZERO, 2 RND, 3 RND_ZERO, 4 RND_MIN_INF, 5 RND_INF, 6 RND_CONV, 7 RND_CONV_ODD.
// OVERFLOW: 0 WRAP, 1 SAT, 2 SAT_ZERO, 3 SAT_SYM, 4 WRAP_SM, 5 WRAP with N = 1.

// A signed number of IN bits whose lowest bit has the weight of the result's, into WIDTH bits.
module limit #(
    parameter int IN = 17,
    parameter int WIDTH = 16,
    parameter bit SIGNED = 1,
    parameter int OVERFLOW = 0
) (
    input  logic [   IN-1:0] x,
    output logic [WIDTH-1:0] y
);
    localparam int WIDE = IN > WIDTH + 1 ? IN : WIDTH + 1;
    wire [WIDE-1:0] wide = {{(WIDE - IN + 1) {x[IN-1]}}, x[IN-2:0]};
    wire sign = wide[WIDE-1];
    wire [WIDTH-1:0] low = wide[WIDTH-1:0];
    // The bits that must be copies of the sign, or zero. Where they are many they are looked at once for all result
    // bits; `keep` stops Yosys from doing it again for each of them to save a level.
    localparam int TOP = SIGNED ? WIDE - WIDTH + 1 : WIDE - WIDTH;
    wire [TOP-1:0] top = wide[WIDE-1:WIDE-TOP];
    wire all, none;
    generate
        if (TOP > 3 && OVERFLOW >= 1 && OVERFLOW <= 3) begin : g_shared
            (* keep *) wire kept_all = &top;
            (* keep *) wire kept_none = ~|top;
            assign all = kept_all;
            assign none = kept_none;
        end else begin : g_each
            assign all = &top;
            assign none = ~|top;
        end
    endgenerate
    wire outside = SIGNED ? !(all || none) : !none;
    (* keep *) wire rest_zero = OVERFLOW == 3 && SIGNED && ~|low[WIDTH-2:0];
    generate
        if (OVERFLOW == 0) begin : g_wrap
            assign y = low;
        end else if (OVERFLOW == 1) begin : g_sat
            assign y = !outside ? low : SIGNED ? {sign, {(WIDTH - 1) {!sign}}} : {WIDTH{!sign}};
        end else if (OVERFLOW == 2) begin : g_zero
            assign y = outside ? {WIDTH{1'b0}} : low;
        end else if (OVERFLOW == 3) begin : g_sym
            // Below -max only -max-1 is inside of the format: then bit 0 alone is wrong.
            if (SIGNED) assign y = outside ? {sign, {(WIDTH - 2) {!sign}}, 1'b1} : {low[WIDTH-1:1], low[0] || low[WIDTH-1] && rest_zero};
            else assign y = outside ? {WIDTH{!sign}} : low;
        end else if (OVERFLOW == 4) begin : g_wrap_sm
            wire deleted = wide[WIDTH];
            wire [WIDTH-1:0] folded = low ^ {WIDTH{deleted != low[WIDTH-1]}};
            assign y = {deleted, folded[WIDTH-2:0]};
        end else begin : g_wrap_one
            assign y = outside ? {SIGNED ? sign : 1'b1, low[WIDTH-2:0]} : low;
        end
    endgenerate
endmodule

// Whether the kept bits go up by one: `half` is the first dropped bit, `rest` whether another is set.
module up #(
    parameter int ROUND = 0
) (
    input  logic negative,
    input  logic odd,
    input  logic half,
    input  logic rest,
    output logic y
);
    assign y = ROUND == 1 ? negative && (half || rest)
             : ROUND == 2 ? half
             : ROUND == 3 ? half && (rest || negative)
             : ROUND == 4 ? half && rest
             : ROUND == 5 ? half && (rest || !negative)
             : ROUND == 6 ? half && (rest || odd)
             : ROUND == 7 ? half && (rest || !odd)
             : 1'b0;
endmodule

// A word into another type, DROP bits fewer behind the point.
module cast #(
    parameter int IN = 24,
    parameter bit IN_SIGNED = 1,
    parameter int DROP = 4,
    parameter int WIDTH = 8,
    parameter bit SIGNED = 1,
    parameter int ROUND = 0,
    parameter int OVERFLOW = 0
) (
    input  logic [   IN-1:0] x,
    output logic [WIDTH-1:0] y
);
    localparam int EXACT = IN_SIGNED ? IN : IN + 1;
    localparam int KEPT = EXACT - DROP;
    wire [EXACT-1:0] exact = IN_SIGNED ? x : {1'b0, x};
    wire [KEPT-1:0] kept = exact[EXACT-1:DROP];
    generate
        if (DROP == 0 || ROUND == 0) begin : g_floor
            limit #(.IN(KEPT), .WIDTH(WIDTH), .SIGNED(SIGNED), .OVERFLOW(OVERFLOW)) u_limit (.x(kept), .y(y));
        end else begin : g_round
            wire half = exact[DROP-1];
            wire rest = DROP > 1 ? |(exact & ((1 << (DROP - 1)) - 1)) : 1'b0;
            wire one;
            up #(.ROUND(ROUND)) u_up (.negative(exact[EXACT-1]), .odd(kept[0]), .half(half), .rest(rest), .y(one));
            wire [KEPT:0] rounded = {kept[KEPT-1], kept} + one;
            limit #(.IN(KEPT + 1), .WIDTH(WIDTH), .SIGNED(SIGNED), .OVERFLOW(OVERFLOW)) u_limit (.x(rounded), .y(y));
        end
    endgenerate
endmodule

// acc <= Q(acc + term), TERM bits signed, DROP of them behind the accumulator's point; `clear` starts at zero.
module accumulate #(
    parameter int TERM = 8,
    parameter int DROP = 0,
    parameter int WIDTH = 16,
    parameter bit SIGNED = 1,
    parameter int ROUND = 0,
    parameter int OVERFLOW = 0
) (
    input  logic             clk,
    input  logic             clear,
    input  logic [ TERM-1:0] term,
    output logic [WIDTH-1:0] acc
);
    localparam int KEPT = TERM - DROP;
    localparam int BASE = SIGNED ? WIDTH : WIDTH + 1;
    localparam int SUM = (BASE > KEPT ? BASE : KEPT) + 1;
    wire [BASE-1:0] base = SIGNED ? acc : {1'b0, acc};
    wire [KEPT-1:0] kept = term[TERM-1:DROP];
    wire [SUM-1:0] wide_base = {{(SUM - BASE) {base[BASE-1]}}, base};
    wire [SUM-1:0] wide_kept = {{(SUM - KEPT) {kept[KEPT-1]}}, kept};
    wire half = DROP > 0 ? term[DROP > 0 ? DROP - 1 : 0] : 1'b0;
    wire rest = DROP > 1 ? |(term & ((1 << (DROP > 1 ? DROP - 1 : 0)) - 1)) : 1'b0;
    wire [WIDTH-1:0] next;
    generate
        if (DROP == 0 || ROUND == 0) begin : g_floor
            wire [SUM-1:0] sum = wide_base + wide_kept;
            limit #(.IN(SUM), .WIDTH(WIDTH), .SIGNED(SIGNED), .OVERFLOW(OVERFLOW)) u_limit (.x(sum), .y(next));
        end else if (ROUND == 2 || ROUND == 4) begin : g_carry
            wire one;
            up #(.ROUND(ROUND)) u_up (.negative(1'b0), .odd(1'b0), .half(half), .rest(rest), .y(one));
            wire [SUM:0] sum = {wide_base, 1'b1} + {wide_kept, one};
            limit #(.IN(SUM), .WIDTH(WIDTH), .SIGNED(SIGNED), .OVERFLOW(OVERFLOW)) u_limit (.x(sum[SUM:1]), .y(next));
        end else begin : g_round
            wire [SUM-1:0] sum = wide_base + wide_kept;
            wire one;
            up #(.ROUND(ROUND)) u_up (.negative(sum[SUM-1]), .odd(sum[0]), .half(half), .rest(rest), .y(one));
            wire [SUM-1:0] rounded = sum + one;
            limit #(.IN(SUM), .WIDTH(WIDTH), .SIGNED(SIGNED), .OVERFLOW(OVERFLOW)) u_limit (.x(rounded), .y(next));
        end
    endgenerate
    always_ff @(posedge clk) acc <= clear ? {WIDTH{1'b0}} : next;
endmodule
