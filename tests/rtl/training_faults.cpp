#include "training_faults.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

namespace bittrue::test {

const TrainingRun& busy_run() {
    static const TrainingRun run = make_run({}, 20, 24, 7, 6, {128, 640, 1280, 128});
    return run;
}

std::vector<TrainingFault> training_faults() {
    return {
        {"a tie goes up instead of to even", "half_even_shift.sv", "(twice == one && floor[0])", "twice == one",
         "step0.hidden.activations"},
        {"errors and scaled gradients are truncated", "half_even_shift.sv",
         "assign y = floor + $signed({{(WIDTH - 1) {1'b0}}, up});",
         "assign y = SHIFT_WIDTH > 3 ? floor : floor + $signed({{(WIDTH - 1) {1'b0}}, up});", "step0.out.scaled"},
        {"a tap of the LFSR is missing", "galois_lfsr.sv", "? TAPS :", "? TAPS & ~(1 << 1) :", "step0.out.draws"},
        {"the bits of a draw are reversed", "galois_lfsr.sv", "draw[i] = z[0]", "draw[R-1-i] = z[0]",
         "step0.out.draws"},
        {"the LFSR starts anew with every step", "wage_fc.sv", "if (seed_valid) lfsr <= seed;",
         "if (seed_valid || start) lfsr <= seed;", "step1.out.draws"},
        {"a step goes up where the chance is equal", "stochastic_update.sv", "f > chance", "f >= chance",
         "step0.out.steps"},
        {"negative gradients are not made positive", "stochastic_update.sv", "n < 0 ? -wide : wide", "wide",
         "step0.out.steps"},
        {"stored weights wrap", "stochastic_update.sv", "STORE == 1 || !(above || below)", "1'b1",
         "step1.out.weights_after"},
        {"the lowest weight is -127", "stochastic_update.sv", ": ~TOP[G-1:0]", ": -TOP[G-1:0]",
         "step2.out.weights_after"},
        {"the exponent is that of the leading one", "nearest_power.sv", "square >= bound ? t + 1'b1 : t", "t",
         "step0.out.gradient_exponent"},
        {"the exponent is one too large", "nearest_power.sv", "square >= bound ? t + 1'b1 : t", "t + 1'b1",
         "step0.out.error_exponent"},
        {"the mask of clipped outputs is missing", "wage_fc.sv", "unclipped[place[EA-1:0]] ? e : '0", "e",
         "step0.out.deltas"},
        {"the mask of clipped activations is missing", "wage_fc.sv", "open[x_at[XA-1:0]] ? DW'(back_sum) : '0",
         "DW'(back_sum)", "step0.hidden.errors"},
        {"an activation at its largest counts as clipped", "wage_activation.sv", "positive <= LIMIT",
         "positive < LIMIT", "step0.hidden.errors"},
        {"errors are not clipped", "wage_fc.sv",
         "d_rounded > MOST ? MOST[E-1:0] : d_rounded < -MOST ? -MOST[E-1:0] : ", "", "step0.out.errors"},
        {"the output is not clipped at 1", "wage_fc.sv", "x_wide > ONE ? ONE[SUM_FRAC:0] : ", "",
         "step0.out.activations"},
        {"a weight of 0 counts as 1", "wage_weight.sv", "w > 0 ? OUT_WIDTH'(1) : '0", "OUT_WIDTH'(1)",
         "step0.out.sums"},
        {"gradients leave out the last image", "wage_fc.sv", "acc + left * right",
         "acc + (gather && last_inner ? '0 : left * right)", "step0.out.gradients"},
        {"the learning rate is ignored", "wage_fc.sv", "$signed({1'b0, rate})", "17'sd128", "step1.out.scaled"},
        {"a sum begins with the one before", "wage_fc.sv", "acc <= last_inner ? '0 : total;", "acc <= total;",
         "step0.out.sums"},
    };
}

void mutate(const TrainingFault& fault, const std::string& folder) {
    std::filesystem::copy(kTrainingRtl, folder, std::filesystem::copy_options::recursive);
    const std::string path = folder + "/" + fault.file;
    std::string text = slurp(path);
    const std::size_t at = text.find(fault.from);
    INFO(fault.what);
    REQUIRE(at != std::string::npos);
    REQUIRE(text.find(fault.from, at + 1) == std::string::npos);
    spill(path, text.replace(at, fault.from.size(), fault.to));
}

std::string without_step(const std::string& tensor) {
    return tensor.substr(tensor.find('.') + 1);
}

}  // namespace bittrue::test
