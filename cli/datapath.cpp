#include "datapath.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/emulator/single.hpp"
#include "bittrue/model/error.hpp"

namespace bittrue::cli {

namespace {

// Words of the images asked for, each a word of its format.
TensorWords taken(const TensorWords& given, const std::vector<std::uint32_t>* images) {
    const auto size = static_cast<std::size_t>(given.shape.count());
    if (given.words.size() != given.images * size) {
        throw std::logic_error(fmt::format("tensor '{}' has {} words, {} images of {} are expected", given.name,
                                           given.words.size(), given.images, size));
    }
    TensorWords out{.name = given.name, .shape = given.shape, .type = {.format = given.type.format}};
    out.images = images == nullptr ? given.images : images->size();
    if (images == nullptr) {
        out.words = given.words;
    } else {
        out.words.reserve(out.images * size);
        for (const std::uint32_t image : *images) {
            if (image >= given.images)
                throw std::logic_error(fmt::format("image {} of the {} of '{}'", image, given.images, given.name));
            const auto at = given.words.begin() + static_cast<std::ptrdiff_t>(image * size);
            out.words.insert(out.words.end(), at, at + static_cast<std::ptrdiff_t>(size));
        }
    }
    const Format format = out.type.format;
    for (std::int64_t& word : out.words) word = word_from_pattern(pattern_from_word(word, format), format);
    return out;
}

emulator::AccumulationFault::At place_of(MacFault::At at) {
    switch (at) {
        case MacFault::At::Product: return emulator::AccumulationFault::At::Product;
        case MacFault::At::Weight: return emulator::AccumulationFault::At::Weight;
        case MacFault::At::Input: return emulator::AccumulationFault::At::Input;
    }
    return emulator::AccumulationFault::At::Product;
}

emulator::LayerInput input_of(const TensorWords& tensor) {
    return {.shape = tensor.shape, .format = tensor.type.format, .words = tensor.words};
}

class EmulatorDatapath final : public Datapath {
public:
    [[nodiscard]] std::vector<TensorWords> run(const Chain& chain,
                                               const std::vector<std::uint32_t>* images) const override {
        return run_chain(chain, images, chain.nodes.size(), {});
    }

    [[nodiscard]] std::vector<TensorWords> run_faulty(const Chain& chain, std::size_t node, const MacFault& fault,
                                                      const std::vector<std::uint32_t>* images) const override {
        return run_chain(chain, images, node, emulator_fault(fault));
    }

    [[nodiscard]] i128 accumulate(const MacOperands& operands, const AccumulatorSpec& spec,
                                  const MacFault& fault) const override {
        return emulator::faulty_mac(operands, spec, emulator_fault(fault));
    }

    [[nodiscard]] std::vector<MacStep> steps(const MacOperands& operands, const AccumulatorSpec& spec) const override {
        return emulator::mac(operands, spec);
    }

    [[nodiscard]] Converted quantize(i128 raw, int frac, const FixedType& to) const override {
        return emulator::quantize(raw, frac, to);
    }

    [[nodiscard]] std::vector<ParameterWords> parameters(const Node& node, const TensorWords& input) const override {
        return emulator::parameters_of(node, input_of(input));
    }

private:
    // `faulty`: the node that has the fault, or none.
    static std::vector<TensorWords> run_chain(const Chain& chain, const std::vector<std::uint32_t>* images,
                                              std::size_t faulty, const emulator::AccumulationFault& fault) {
        std::vector<TensorWords> given;
        for (const TensorWords& tensor : chain.given) given.push_back(taken(tensor, images));
        const std::size_t count = given.empty() ? 0 : given.front().images;
        std::map<std::string, const TensorWords*> tensors;
        for (const TensorWords& tensor : given) {
            if (tensor.images != count)
                throw std::logic_error(fmt::format("tensor '{}' has other images than the first", tensor.name));
            tensors.emplace(tensor.name, &tensor);
        }
        std::vector<TensorWords> out(chain.nodes.size());
        for (std::size_t n = 0; n < chain.nodes.size(); ++n) {
            const Node& node = chain.nodes[n];
            std::vector<NodeInput> checked;
            std::vector<emulator::LayerInput> inputs;
            for (const std::string& name : node.inputs) {
                const auto found = tensors.find(name);
                if (found == tensors.end())
                    throw InputError(fmt::format("layer '{}'", node.name),
                                     fmt::format("its input '{}' is not known", name));
                checked.push_back({found->second->shape, found->second->type});
                inputs.push_back(input_of(*found->second));
            }
            const Shape shape = checked_shape(node, checked);
            out[n] = {.name = node.name, .shape = shape, .type = node.result, .images = count};
            out[n].words = emulator::run_layer(node, shape, inputs, count, n == faulty ? &fault : nullptr);
            tensors.insert_or_assign(node.name, &out[n]);
        }
        return out;
    }
};

}  // namespace

emulator::AccumulationFault emulator_fault(const MacFault& fault) {
    emulator::AccumulationFault out{.stuck = {}, .skip_first = fault.skip_first, .skip_last = fault.skip_last};
    if (fault.stuck) {
        out.stuck = {.bit = fault.stuck->bit,
                     .value = fault.stuck->value,
                     .lanes = std::max<std::int64_t>(fault.stuck->lanes, 1),
                     .lane = fault.stuck->lane,
                     .at = place_of(fault.stuck->at),
                     .outputs = std::max<std::int64_t>(fault.stuck->outputs, 1),
                     .output = fault.stuck->output};
    }
    return out;
}

std::unique_ptr<Datapath> make_datapath() {
    return std::make_unique<EmulatorDatapath>();
}

}  // namespace bittrue::cli
