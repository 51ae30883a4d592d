// The constants of one dense layer's training, for its RTL and testbench.
#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/vectors/training_vectors.hpp"
#include "sv_package/identifiers.hpp"
#include "training/layer_index.hpp"
#include "training/tensor_types.hpp"

namespace bittrue {

namespace training {
namespace {

class Package {
public:
    Package(const TrainingNetwork& network, const std::vector<TrainedStep>& steps, std::size_t l)
        : network_(network), steps_(steps), types_(network, steps), l_(l) {}

    std::string body() {
        const TrainingLayer& layer = network_.layers[l_];
        const bool is_first = l_ == 0;
        text("LAYER", file_stems({layer.name})[0], "in the names of the set's files");
        text("FRONT", is_first ? "" : file_stems({network_.layers[l_ - 1].name})[0], "the layer whose sums it reads");
        flag("FIRST", is_first, "it reads the network's input, and no errors go back");
        flag("LAST", l_ + 1 == network_.layers.size(), "H7, else H8");
        number("FIRST_STEP", static_cast<std::int64_t>(steps_.front().number), "of the set");
        number("STEPS", static_cast<std::int64_t>(steps_.size()), "");
        number("BATCH", batch(), "images of a step");
        number("INPUTS", layer.input.elements(), "");
        number("OUTPUTS", layer.sums.channels, "");
        bits();
        widths();
        randomizer();
        rates();
        return out_;
    }

    [[nodiscard]] std::int64_t batch() const {
        const std::size_t images = steps_.front().batch.labels.size();
        for (const TrainedStep& step : steps_) {
            if (step.batch.labels.size() == images) continue;
            throw InputError("--sv-package",
                             fmt::format("the steps have {} and {} images; RTL has one batch size: take "
                                         "images of which whole batches can be made",
                                         images, step.batch.labels.size()));
        }
        return static_cast<std::int64_t>(images);
    }

private:
    void line(const std::string& declaration, const std::string& value, const std::string& comment) {
        out_ +=
            fmt::format("    localparam {} = {};{}{}\n", declaration, value, comment.empty() ? "" : "  // ", comment);
    }
    void number(const std::string& name, std::int64_t value, const std::string& comment) {
        line("int " + name, std::to_string(value), comment);
    }
    void flag(const std::string& name, bool value, const std::string& comment) {
        line("bit " + name, value ? "1'b1" : "1'b0", comment);
    }
    void text(const std::string& name, const std::string& value, const std::string& comment) {
        line(name, "\"" + value + "\"", comment);
    }

    void bits() {
        const TrainingBits& b = network_.bits;
        number("W", b.weights, "bits of a weight's word, H2");
        number("A", b.activations, "of an activation, H3 and H4");
        number("G", b.gradients, "of a stored weight, H2");
        number("E", b.errors, "of an error, H6");
        number("R", b.randomizer, "of a draw, H13");
    }

    void format(const std::string& name, const FixedType& type) {
        number(name + "_WIDTH", type.format.width, print_type(type));
        number(name + "_FRAC", type.format.frac(), "");
    }

    void widths() {
        const TrainingLayer& layer = network_.layers[l_];
        const TrainingBits& b = network_.bits;
        if (l_ > 0) format("FRONT_SUM", types_.sums(l_ - 1));
        format("IN", types_.input());
        format("SUM", types_.sums(l_));
        flag("SUM_SATURATES", layer.forward.saturate, "at every addition, H15; else it wraps");
        format("OUT", types_.activations(l_));
        format("LABEL", types_.labels());
        format("ERROR", types_.errors());
        format("BACK_SUM", types_.error_sums(l_));
        flag("BACK_SUM_SATURATES", layer.error.saturate, "");
        format("GRADIENT", types_.gradients(l_));
        flag("GRADIENT_SATURATES", layer.gradient.saturate, "");
        format("SCALED", types_.scaled());
        format("STEP", types_.steps());
        format("WEIGHT", types_.weights());
        number("EXPONENT_WIDTH", TensorTypes::exponent().format.width, "signed");
        number("NO_EXPONENT", kNoExponent, "of a tensor of zeros, H11");
        number("W_FRAC", network_.sum_frac(l_) - (b.activations - 1), "fw of H2");
        const char* store = network_.store == WeightStore::Saturate ? "0"
                            : network_.store == WeightStore::Wrap   ? "1"
                                                                    : "2";
        line("int STORE", store, "H14: 0 saturate, 1 wrap, 2 unbounded");
        flag("ZEROS_HOLD", network_.zero_scale == ZeroScale::Hold, "H11; else they become NaN");
    }

    void randomizer() {
        const Randomizer& r = network_.randomizer;
        number("LFSR_WIDTH", r.width, "H13");
        line(fmt::format("bit [{}:0] LFSR_TAPS", r.width - 1), fmt::format("{}'h{:x}", r.width, r.taps), "");
    }

    void rates() {
        std::string words;
        for (const TrainedStep& step : steps_) {
            if (step.rate.frac != steps_.front().rate.frac)
                throw InputError("--sv-package", "the steps' learning rates have different fraction bits");
            words = fmt::format("16'd{}{}{}", step.rate.raw, words.empty() ? "" : ", ", words);
        }
        number("RATE_FRAC", steps_.front().rate.frac, "H10");
        line("bit [16*STEPS-1:0] RATES", "{" + words + "}", "a learning rate per step, the first in the low bits");
    }

    const TrainingNetwork& network_;
    const std::vector<TrainedStep>& steps_;
    TensorTypes types_;
    std::size_t l_;
    std::string out_{};
};

}  // namespace
}  // namespace training

SetFile make_training_package(const TrainingNetwork& network, const std::vector<TrainedStep>& steps,
                              const std::string& layer, const std::string& name) {
    if (!sv_package::is_identifier(name))
        throw InputError("--sv-package", fmt::format("'{}' is no name of a SystemVerilog package; it takes letters, "
                                                     "digits and '_', begins with no digit and is no keyword, as wage",
                                                     name));
    const std::size_t l = training::layer_index(network, layer);
    if (network.layers[l].is_conv())
        throw InputError("--layer", fmt::format("'{}' is a convolution; the package is of a dense layer", layer));
    std::string text = fmt::format(
        "// Training of the dense layer \"{}\". Written by bittrue train-vectors: with other settings, write it "
        "again.\n"
        "// value = raw * 2^-FRAC. The rules are those of bittrue's docs/numerics.md.\n"
        "/* verilator lint_off UNUSEDPARAM */\n"
        "package {};\n",
        file_stems({layer})[0], name);
    text += training::Package(network, steps, l).body() + "endpackage\n/* verilator lint_on UNUSEDPARAM */\n";
    return {.path = name + ".sv", .bytes = text};
}

}  // namespace bittrue
