// What a diagnosis computes with: one or a few layers on given words, and one accumulation with a fault in it. verify
// knows no engine; the program passes one that is made of the emulator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/engine.hpp"
#include "bittrue/model/graph.hpp"

namespace bittrue {

// Words of one tensor for some images.
struct TensorWords {
    std::string name{};
    Shape shape{};
    FixedType type{};
    std::vector<std::int64_t> words{};  // images first, storage order
    std::size_t images = 0;
};

// Some layers of a network behind tensors whose words are known. Nodes read those and each other, stand in order, and
// the last one is the layer in question.
struct Chain {
    std::vector<TensorWords> given{};  // types with modes that give every word of their format (TRN, WRAP)
    std::vector<Node> nodes{};
};

// What is wrong inside an accumulation, beyond what a network file can say. All of it at once; a default one is none.
struct MacFault {
    enum class At : std::uint8_t { Product, Weight, Input };
    // Bit `bit` of each product (after the product cast, where there is one), or of an operand of each product, reads
    // as `value`: of the terms t with t mod lanes == lane, in the sums of the channels o with o mod outputs == output.
    struct StuckBit {
        int bit = 0;
        bool value = false;
        std::int64_t lanes = 1, lane = 0;
        At at = At::Product;
        std::int64_t outputs = 1, output = 0;  // accumulate(), which knows no channel, takes its sum for one of them
        friend bool operator==(const StuckBit&, const StuckBit&) = default;
    };
    std::optional<StuckBit> stuck{};
    std::int64_t skip_first = 0, skip_last = 0;  // terms that are left out at either end
    friend bool operator==(const MacFault&, const MacFault&) = default;
};

class Datapath {
public:
    Datapath() = default;
    Datapath(const Datapath&) = delete;
    Datapath& operator=(const Datapath&) = delete;
    virtual ~Datapath() = default;

    // Words of every node, in the order of chain.nodes, of all images, or of those listed. InputError for nodes that
    // are no valid network.
    [[nodiscard]] virtual std::vector<TensorWords> run(const Chain& chain,
                                                       const std::vector<std::uint32_t>* images = nullptr) const = 0;

    // The same with a fault in every accumulation of chain.nodes[node], a dense or conv2d. Faster than accumulate()
    // word by word.
    [[nodiscard]] virtual std::vector<TensorWords> run_faulty(
        const Chain& chain, std::size_t node, const MacFault& fault,
        const std::vector<std::uint32_t>* images = nullptr) const = 0;

    // The raw of the accumulator after one accumulation (rules A) with a fault in it.
    [[nodiscard]] virtual i128 accumulate(const MacOperands& operands, const AccumulatorSpec& spec,
                                          const MacFault& fault) const = 0;

    // Rules A, step by step, without a fault.
    [[nodiscard]] virtual std::vector<MacStep> steps(const MacOperands& operands,
                                                     const AccumulatorSpec& spec) const = 0;

    // The cast of rules Q and O.
    [[nodiscard]] virtual Converted quantize(i128 raw, int frac, const FixedType& to) const = 0;

    // The layer's weights, biases and tables as words (roles as in ParameterWords).
    [[nodiscard]] virtual std::vector<ParameterWords> parameters(const Node& node, const TensorWords& input) const = 0;
};

}  // namespace bittrue
