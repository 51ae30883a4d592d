#include "mutants.hpp"

#include <filesystem>
#include <stdexcept>

#include "simulation.hpp"

namespace bittrue::test {

namespace {

std::vector<Mutant> arithmetic_mutants() {
    return {
        {.fault = "a tie goes up instead of to even",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"requantise.sv", "half && (rest || floor[0])", "half"}},
         .named = {{{Cause::AccumulatorRounding}, "RND"}, {{Cause::ResultRounding}, "RND"}},
         .everywhere = true},
        {.fault = "a tie goes away from zero instead of to even",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"requantise.sv", "half && (rest || floor[0])", "half && (rest || !negative)"}},
         .named = {{{Cause::AccumulatorRounding}, "RND_INF"}, {{Cause::ResultRounding}, "RND_INF"}},
         .everywhere = true},
        {.fault = "the result is truncated",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d",
         .replacements = {{"conv2d.sv", ".ROUND(OUT_ROUND)", ".ROUND(fixed_point::TRN)"}},
         .named = {{{Cause::ResultRounding}, "TRN"}}},
        {.fault = "the accumulator is truncated",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d",
         .replacements = {{"conv2d.sv", ".ACC_ROUND(ACC_ROUND)", ".ACC_ROUND(fixed_point::TRN)"}},
         .named = {{{Cause::AccumulatorRounding}, "TRN"}}},
        {.fault = "the accumulator wraps",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d",
         .replacements = {{"conv2d.sv", ".ACC_OVERFLOW(ACC_OVERFLOW)", ".ACC_OVERFLOW(fixed_point::WRAP)"}},
         .named = {{{Cause::AccumulatorOverflow}, "WRAP"}}},
        {.fault = "the result wraps",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d",
         .replacements = {{"conv2d.sv", ".OVERFLOW(OUT_OVERFLOW)", ".OVERFLOW(fixed_point::WRAP)"}},
         .named = {{{Cause::ResultOverflow}, "WRAP"}}},
        {.fault = "the accumulator saturates symmetrically",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"dense.sv", ".ACC_OVERFLOW(ACC_OVERFLOW)", ".ACC_OVERFLOW(fixed_point::SAT_SYM)"}},
         .named = {{{Cause::AccumulatorOverflow}, "SAT_SYM"}}},
        {.fault = "the accumulator is one bit short",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d",
         .replacements = {{"conv_relu_pool.sv", "parameter int ACC_WIDTH = 8", "parameter int ACC_WIDTH = 7"}},
         .named = {{{Cause::AccumulatorFormat}, ""}}},
        {.fault = "the accumulator has one fraction bit too few",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"dense.sv", "parameter int ACC_WIDTH = 8", "parameter int ACC_WIDTH = 7"},
                          {"dense.sv", "parameter int ACC_FRAC = 4", "parameter int ACC_FRAC = 3"}},
         .named = {{{Cause::AccumulatorFormat}, ""}}},
        {.fault = "products are not cast",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"dense.sv", "parameter bit PRODUCT_CAST = 1", "parameter bit PRODUCT_CAST = 0"}},
         .named = {{{Cause::ProductCast}, ""}}},
        {.fault = "weights are read as unsigned",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d",
         .replacements = {{"conv_relu_pool.sv", "parameter bit W_SIGNED = 1", "parameter bit W_SIGNED = 0"}},
         .named = {{{Cause::Signedness}, "weight"}}},
        {.fault = "the input is read as unsigned",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"dense.sv", "parameter bit IN_SIGNED = 1", "parameter bit IN_SIGNED = 0"}},
         .named = {{{Cause::Signedness}, "input"}}},
        {.fault = "the bias is shifted by one bit",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"dense.sv", "parameter int B_FRAC = 3", "parameter int B_FRAC = 2"}},
         .named = {{{Cause::BiasAlignment, Cause::BiasDoubled}, ""}}},
        {.fault = "the bias comes last instead of first",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements =
             {{"mac.sv", "first ? start : acc", "first ? {ACC_WIDTH{1'b0}} : acc"},
              {"dense.sv", "            wire [ACC_WIDTH-1:0] acc;\n",
               "            wire [ACC_WIDTH-1:0] acc, products;\n"
               "            logic signed [B_WIDTH-1:0] late;\n"
               "            always_ff @(posedge clk) if (step) late <= bias[p*B_WIDTH+:B_WIDTH];\n"
               "            wire signed [15:0] whole = $signed(products) + (late <<< (ACC_FRAC - B_FRAC));\n"
               "            requantise #(.IN_WIDTH(16), .IN_FRAC(ACC_FRAC), .IN_SIGNED(1'b1), .OUT_WIDTH(ACC_WIDTH),\n"
               "                .OUT_FRAC(ACC_FRAC), .OUT_SIGNED(1'b1), .ROUND(ACC_ROUND), .OVERFLOW(ACC_OVERFLOW)\n"
               "            ) u_late (.in_raw(whole), .out_raw(acc));\n"},
              {"dense.sv", ".acc(acc)", ".acc(products)"}},
         .named = {{{Cause::BiasPosition}, ""}}},
        {.fault = "terms come in kernel order, channel slowest",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d",
         .replacements = {{"conv2d.sv", "weights[term]", "weights[term % 9 * 2 + term / 9]"},
                          {"conv2d.sv", "window[term*IN_WIDTH+:IN_WIDTH]",
                           "window[(term%9*2+term/9)*IN_WIDTH+:IN_WIDTH]"}},
         .named = {{{Cause::TermOrder}, ""}}},
    };
}

std::vector<Mutant> addressing_mutants() {
    return {
        {.fault = "weights are transposed",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"dense.sv", "last_index ? next_group : address + STRIDE[A_BITS-1:0]",
                           "last_index && last_group ? '0 : address + 1'b1"}},
         .named = {{{Cause::WeightOrder}, ""}}},
        {.fault = "the kernel's rows and columns are exchanged",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d",
         .replacements = {{"conv2d.sv", "weights[term]", "weights[term / 2 % 3 * 6 + term / 6 * 2 + term % 2]"}},
         .named = {{{Cause::WeightOrder}, ""}}},
        {.fault = "the input's address is one behind",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"dense.sv", "work_bank ? bank1[index] : bank0[index]",
                           "work_bank ? bank1[index == 0 ? 0 : index - 1] : bank0[index == 0 ? 0 : index - 1]"}},
         .named = {{{Cause::InputOrder, Cause::Offset}, ""}}},
        {.fault = "the bias of the next outputs is added",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"dense.sv", "biases[group[G_BITS-1:0]]", "biases[next_group[G_BITS-1:0]]"}},
         .named = {{{Cause::BiasOrder}, ""}}},
        {.fault = "a line buffer is read one pixel too far right",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d",
         .replacements = {{"conv2d.sv", "PIXEL+:PIXEL] = line[x];", "PIXEL+:PIXEL] = line[last_x ? '0 : x + 1'b1];"}},
         .named = {{{Cause::InputOrder, Cause::Offset}, ""}}},
        {.fault = "the accumulator is cleared for an image's first outputs only",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"dense.sv", "first <= index == '0;", "first <= index == '0 && group == '0;"}},
         .named = {{{Cause::StaleState}, ""}}},
        {.fault = "a bank of the input is overwritten while it is used",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"dense.sv", "if (fill_bank) bank1[fill] <= in_data;", "if (1'b0) bank1[fill] <= in_data;"},
                          {"dense.sv", "work_bank ? bank1[index] : bank0[index]", "bank0[index]"}},
         .named = {{{Cause::StaleImage}, ""}}},
        {.fault = "ready of the reader is ignored",
         .bench = Bench::Softmax,
         .layer = "dense_1_softmax",
         .replacements = {{"softmax.sv", "if (out_ready) begin", "begin"}}},
    };
}

std::vector<Mutant> stream_mutants() {
    return {
        {.fault = "lanes are reversed",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d",
         .replacements = {{"conv2d.sv", ".out_raw(results[o*OUT_WIDTH+:OUT_WIDTH])",
                           ".out_raw(results[(OUT_CHANNELS-1-o)*OUT_WIDTH+:OUT_WIDTH])"}},
         .finding = FindingKind::Lanes},
        {.fault = "one beat is dropped",
         .bench = Bench::ConvReluPool,
         .layer = "max_pooling2d",
         .replacements = {{"max_pool.sv", "if (take && completes) out_valid <= 1'b1;",
                           "if (take && completes && !(first && y > 2)) out_valid <= 1'b1;"},
                          {"max_pool.sv", "    wire completes =",
                           "    logic first;\n"
                           "    always_ff @(posedge clk)\n"
                           "        if (rst) first <= 1'b1;\n"
                           "        else if (take && completes && y > 2) first <= 1'b0;\n"
                           "    wire completes ="}},
         .finding = FindingKind::Dropped,
         .from = 9},
        {.fault = "one beat is sent twice",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"dense.sv", "        else if (out_ready) out_valid <= 1'b0;",
                           "        else if (out_ready && out_valid) begin\n"
                           "            out_valid <= beats == 5;\n"
                           "            beats <= beats + 1;\n"
                           "        end"},
                          {"dense.sv", "    always_ff @(posedge clk) if (step && done) out_data",
                           "    int beats = 0;\n    always_ff @(posedge clk) if (step && done) out_data"}},
         .finding = FindingKind::Duplicated,
         .from = 10},
        {.fault = "the design stops in the middle of the first image",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d",
         .replacements = {{"max_pool.sv", "    assign in_ready = !completes || !out_valid || out_ready;",
                           "    int taken = 0;\n"
                           "    always_ff @(posedge clk) if (!rst && in_valid && in_ready) taken <= taken + 1;\n"
                           "    assign in_ready = taken < 20 && (!completes || !out_valid || out_ready);"}},
         .stops = true},
        {.fault = "the design never begins",
         .bench = Bench::Dense,
         .layer = "dense",
         .replacements = {{"dense.sv", "        else if (step && done) out_valid <= 1'b1;",
                           "        else if (1'b0) out_valid <= 1'b1;"}},
         .stops = true},
    };
}

std::vector<Mutant> layer_mutants() {
    return {
        {.fault = "relu is missing",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d_relu",
         .replacements = {{"relu.sv", "negative ? {IN_WIDTH{1'b0}} : x", "x"}},
         .named = {{{Cause::ActivationMissing}, ""}}},
        {.fault = "relu truncates",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d_relu",
         .replacements = {{"relu.sv", ".ROUND(ROUND)", ".ROUND(fixed_point::TRN)"}},
         .named = {{{Cause::ResultRounding}, "TRN"}}},
        {.fault = "relu wraps",
         .bench = Bench::ConvReluPool,
         .layer = "conv2d_relu",
         .replacements = {{"relu.sv", ".OVERFLOW(OVERFLOW)", ".OVERFLOW(fixed_point::WRAP)"}},
         .named = {{{Cause::ResultOverflow}, "WRAP"}}},
        {.fault = "the pool takes the smallest",
         .bench = Bench::ConvReluPool,
         .layer = "max_pooling2d",
         .replacements = {{"larger.sv", "wide_a > wide_b", "wide_a < wide_b"}},
         .named = {{{Cause::PoolRule}, ""}}},
        {.fault = "the pool's upper half is that of the window before",
         .bench = Bench::ConvReluPool,
         .layer = "max_pooling2d",
         .replacements = {{"max_pool.sv", "above = upper[window]", "above = upper[window == 0 ? window : window - 1]"}},
         .named = {{{Cause::PoolRule, Cause::InputOrder, Cause::StaleState}, ""}}},
        {.fault = "the pool ignores its left column",
         .bench = Bench::ConvReluPool,
         .layer = "max_pooling2d",
         .replacements = {{"max_pool.sv", ".a(left[c*BITS+:BITS])", ".a(in_data[c*BITS+:BITS])"}},
         .named = {{{Cause::PoolRule}, ""}}},
        {.fault = "the exponential's index is one too high",
         .bench = Bench::Softmax,
         .layer = "dense_1_softmax",
         .replacements = {{"softmax.sv", "exp_table[difference[DIFF_WIDTH-1-:EXP_BITS]]",
                           "exp_table[difference[DIFF_WIDTH-1-:EXP_BITS] + 1'b1]"}},
         .named = {{{Cause::TableIndex, Cause::TableContents}, ""}}},
        {.fault = "the reciprocal's index is truncated",
         .bench = Bench::Softmax,
         .layer = "dense_1_softmax",
         .replacements = {{"softmax.sv", ".ROUND(INDEX_ROUND)", ".ROUND(fixed_point::TRN)"}},
         .named = {{{Cause::SoftmaxInner}, "TRN"}}},
        {.fault = "the largest logit of the vector before counts too",
         .bench = Bench::Softmax,
         .layer = "dense_1_softmax",
         .replacements = {{"softmax.sv", "largest <= i == '0 ? in_data : larger_one;",
                           "largest <= i == '0 && largest === 'x ? in_data : larger_one;"}},
         .named = {{{Cause::StaleState}, ""}}},
        {.fault = "the sum leaves out the odd last element",
         .bench = Bench::Softmax,
         .layer = "dense_1_softmax",
         .replacements = {{"softmax.sv", "nodes[i] <= single ? nodes[left] : node;",
                           "nodes[i] <= single ? '0 : node;"}},
         .named = {{{Cause::TermsLeftOut, Cause::SoftmaxInner}, ""}}},
    };
}

}  // namespace

std::vector<Mutant> all_mutants() {
    std::vector<Mutant> all;
    for (const auto& part : {arithmetic_mutants(), addressing_mutants(), stream_mutants(), layer_mutants()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

void mutate(const Mutant& mutant, const std::string& folder) {
    std::filesystem::copy(kRtl, folder, std::filesystem::copy_options::recursive);
    for (const Replacement& r : mutant.replacements) {
        const std::string path = folder + "/sv/" + r.file;
        std::string text = slurp(path);
        const std::size_t at = text.find(r.from);
        if (at == std::string::npos || text.find(r.from, at + 1) != std::string::npos)
            throw std::runtime_error(mutant.fault + ": not exactly once in " + r.file + ": " + r.from);
        spill(path, text.replace(at, r.from.size(), r.to));
    }
}

}  // namespace bittrue::test
