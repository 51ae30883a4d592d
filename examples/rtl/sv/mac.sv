// Multiply-accumulate, one term a clock, every step rounded and saturated (rule A6: sequential, step, bias first).
//
// Where `enable` is 1 at a rising edge:  acc <= Q(base + term),  base = first ? Q(bias) : acc,  with Q the conversion
// into the accumulator's type and term = weight * x, exact, or Q(weight * x) if PRODUCT_CAST (rule A1).
// So a bias costs no clock, and without one `bias` is tied to zero. The first term needs no reset in front of it.
module mac #(
    parameter int W_WIDTH = 8,
    parameter int W_FRAC = 7,
    parameter bit W_SIGNED = 1,
    parameter int X_WIDTH = 8,
    parameter int X_FRAC = 7,
    parameter bit X_SIGNED = 1,
    parameter int B_WIDTH = 8,
    parameter int B_FRAC = 7,
    parameter bit B_SIGNED = 1,
    parameter int ACC_WIDTH = 20,
    parameter int ACC_FRAC = 14,
    parameter bit ACC_SIGNED = 1,
    parameter int ACC_ROUND = fixed_point::TRN,
    parameter int ACC_OVERFLOW = fixed_point::SAT,
    parameter bit PRODUCT_CAST = 0
) (
    input  logic                 clk,
    input  logic                 enable,
    input  logic                 first,
    input  logic [  W_WIDTH-1:0] weight,
    input  logic [  X_WIDTH-1:0] x,
    input  logic [  B_WIDTH-1:0] bias,
    output logic [ACC_WIDTH-1:0] acc
);
    // One bit more than the factors together: the product of two unsigned numbers as a signed one.
    localparam int P_WIDTH = W_WIDTH + X_WIDTH + 1;
    localparam int P_FRAC = W_FRAC + X_FRAC;
    wire signed [P_WIDTH-1:0] wide_weight = {{(P_WIDTH - W_WIDTH) {W_SIGNED && weight[W_WIDTH-1]}}, weight};
    wire signed [P_WIDTH-1:0] wide_x = {{(P_WIDTH - X_WIDTH) {X_SIGNED && x[X_WIDTH-1]}}, x};
    wire signed [P_WIDTH-1:0] product = wide_weight * wide_x;

    localparam int T_WIDTH = PRODUCT_CAST ? ACC_WIDTH : P_WIDTH;
    localparam int T_FRAC = PRODUCT_CAST ? ACC_FRAC : P_FRAC;
    localparam bit T_SIGNED = PRODUCT_CAST ? ACC_SIGNED : 1'b1;
    wire [T_WIDTH-1:0] term;
    generate
        if (PRODUCT_CAST) begin : g_cast
            requantise #(
                .IN_WIDTH(P_WIDTH), .IN_FRAC(P_FRAC), .IN_SIGNED(1'b1),
                .OUT_WIDTH(ACC_WIDTH), .OUT_FRAC(ACC_FRAC), .OUT_SIGNED(ACC_SIGNED),
                .ROUND(ACC_ROUND), .OVERFLOW(ACC_OVERFLOW)
            ) u_product (.in_raw(product), .out_raw(term));
        end else begin : g_exact
            assign term = product;
        end
    endgenerate

    wire [ACC_WIDTH-1:0] start;
    requantise #(
        .IN_WIDTH(B_WIDTH), .IN_FRAC(B_FRAC), .IN_SIGNED(B_SIGNED),
        .OUT_WIDTH(ACC_WIDTH), .OUT_FRAC(ACC_FRAC), .OUT_SIGNED(ACC_SIGNED),
        .ROUND(ACC_ROUND), .OVERFLOW(ACC_OVERFLOW)
    ) u_bias (.in_raw(bias), .out_raw(start));
    wire [ACC_WIDTH-1:0] base = first ? start : acc;

    // The exact sum, both sides aligned to the finer lsb.
    localparam int S_FRAC = ACC_FRAC > T_FRAC ? ACC_FRAC : T_FRAC;
    localparam int A_SHIFT = S_FRAC - ACC_FRAC;
    localparam int T_SHIFT = S_FRAC - T_FRAC;
    localparam int S_WIDTH = (ACC_WIDTH + A_SHIFT > T_WIDTH + T_SHIFT ? ACC_WIDTH + A_SHIFT : T_WIDTH + T_SHIFT) + 2;
    wire [S_WIDTH-1:0] wide_base = {{(S_WIDTH - ACC_WIDTH) {ACC_SIGNED && base[ACC_WIDTH-1]}}, base} << A_SHIFT;
    wire [S_WIDTH-1:0] wide_term = {{(S_WIDTH - T_WIDTH) {T_SIGNED && term[T_WIDTH-1]}}, term} << T_SHIFT;
    wire [S_WIDTH-1:0] sum = wide_base + wide_term;

    wire [ACC_WIDTH-1:0] next;
    requantise #(
        .IN_WIDTH(S_WIDTH), .IN_FRAC(S_FRAC), .IN_SIGNED(1'b1),
        .OUT_WIDTH(ACC_WIDTH), .OUT_FRAC(ACC_FRAC), .OUT_SIGNED(ACC_SIGNED),
        .ROUND(ACC_ROUND), .OVERFLOW(ACC_OVERFLOW)
    ) u_accumulator (.in_raw(sum), .out_raw(next));

    always_ff @(posedge clk) if (enable) acc <= next;
endmodule
