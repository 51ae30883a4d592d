#include "sweep/block_network.hpp"

#include <bit>
#include <set>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "sweep/numbers.hpp"
#include "sweep/tally.hpp"

namespace bittrue::explore {

namespace {

constexpr int kWordBits = 31;  // of a lane, with the sign
constexpr int kInputEntries = 4096;

const Tensor* find(const std::vector<ParameterWords>& parameters, const std::string& layer, const std::string& role) {
    for (const ParameterWords& p : parameters) {
        if (p.layer == layer && p.role == role) return &p.tensor;
    }
    return nullptr;
}

}  // namespace

BlockNetwork::BlockNetwork(const Graph& graph) : input_type(graph.input.type) {
    std::vector<std::size_t> numbers{0};  // of each tensor, without renaming
    elements.push_back(graph.input.shape.count());
    if (signed_width(graph.input.type.format) > kWordBits) {
        declined_ = "the input has words of more than 31 bits";
        return;
    }
    const auto parameters = emulator::make_engine(graph)->parameters();
    for (std::size_t i = 0; i < graph.nodes.size() && declined_.empty(); ++i) add_node(graph, i, parameters, numbers);
    if (!declined_.empty()) return;
    const auto number_of = [&](const std::string& tensor) {
        return numbers[static_cast<std::size_t>(node_index(graph, tensor) + 1)];
    };
    output = number_of(graph.output);
    error = number_of(error_tensor(graph));
    kept.assign(elements.size(), false);
    kept[output] = kept[error] = true;
    for (const NodePlan& node : nodes) {
        for (const std::size_t in : node.inputs) kept[in] = kept[in] || node.mac != nullptr || node.inputs.size() > 1;
    }
    for (std::size_t t = 0; t < elements.size(); ++t) kept_elements += kept[t] ? elements[t] : 0;
}

void BlockNetwork::add_node(const Graph& graph, std::size_t index, const std::vector<ParameterWords>& parameters,
                            std::vector<std::size_t>& numbers) {
    const Node& node = graph.nodes[index];
    elements.push_back(node.shape.count());
    NodePlan plan{.output = index + 1};
    for (const std::string& in : node.inputs)
        plan.inputs.push_back(numbers[static_cast<std::size_t>(node_index(graph, in) + 1)]);
    if (signed_width(node.result.format) > kWordBits) {
        declined_ = fmt::format("layer '{}' has words of more than {} bits", node.name, kWordBits);
        return;
    }
    if (is_renaming(graph, node)) {
        numbers.push_back(plan.inputs.front());
        return;
    }
    numbers.push_back(index + 1);
    if (const Tensor* weights = find(parameters, node.name, "weights")) {
        if (signed_width(weights->format) > kWordBits) {
            declined_ = fmt::format("layer '{}' has weights of more than {} bits", node.name, kWordBits);
            return;
        }
        plan.mac = std::make_unique<MacLayer>(graph, node, *weights, find(parameters, node.name, "bias"));
        plan.number = layers++;
    } else {
        plan.stage = make_stage(graph, node);
        if (!plan.stage) declined_ = fmt::format("layer '{}' has sums of more than 62 bits", node.name);
    }
    nodes.push_back(std::move(plan));
}

std::vector<AccumulatorSpec> Family::key_of(std::span<const AccumulatorSpec> specs) {
    constexpr int kAnyWidth = 62;
    std::vector<AccumulatorSpec> key(specs.begin(), specs.end());
    for (AccumulatorSpec& spec : key) {
        const bool follows = spec.product == spec.type;
        spec.type.format = {.width = kAnyWidth, .integer = kAnyWidth - spec.type.format.frac(), .is_signed = true};
        spec.type.overflow = Overflow::Wrap;
        spec.type.saturated_bits = 0;
        if (follows) spec.product = spec.type;
    }
    return key;
}

Family::Family(const BlockNetwork& network, std::span<const AccumulatorSpec> specs) : key(key_of(specs)) {
    macs.resize(network.layers);
    for (const BlockNetwork::NodePlan& node : network.nodes) {
        if (!node.mac) continue;
        auto& mac = macs[node.number] = std::make_unique<MacFamily>(*node.mac, key[node.number]);
        if (!mac->declined().empty()) declined = mac->declined();
        lossless = lossless && mac->lossless();
    }
}

InputWords::InputWords(const FixedType& type) : type_(type), entries_(kInputEntries) {}

std::int32_t InputWords::word_of(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    Entry& entry = entries_[(bits * 0x9e3779b97f4a7c15U) >> 52];  // 12 bits
    if (!entry.filled || entry.value != bits) {
        entry = {bits, static_cast<std::int32_t>(emulator::quantize_real(value, type_).word), true};
    }
    return entry.word;
}

void InputWords::convert(const InputBatch& batch, std::size_t first, int images, Block& out) {
    constexpr std::int64_t kTogether = 8;  // a cache line of values
    const std::int64_t size = element_count(batch.dims);
    out.reset(size, images);
    const double* values = batch.values.data() + first * static_cast<std::size_t>(size);
    for (std::int64_t e = 0; e < size; e += kTogether) {
        const std::int64_t end = std::min(e + kTogether, size);
        for (int l = 0; l < images; ++l) {
            for (std::int64_t k = e; k < end; ++k) out.plane(k)[l] = word_of(values[l * size + k]);
        }
        for (std::int64_t k = e; k < end; ++k) std::fill(out.plane(k) + images, out.plane(k) + out.lanes(), 0);
    }
}

ChunkBase base_pass(const BlockNetwork& network, const Family& family, const InputBatch& batch, std::size_t first,
                    int images, Room& room) {
    ChunkBase base{.first = first, .images = images};
    auto& tensors = room.tensors;
    tensors.resize(network.elements.size());
    base.tensors.resize(network.elements.size());
    base.ranges.resize(network.layers);
    const auto block = [&](std::size_t t) -> Block& { return network.kept[t] ? base.tensors[t] : tensors[t]; };
    room.input.convert(batch, first, images, block(0));
    std::vector<const Block*> inputs;
    for (const BlockNetwork::NodePlan& node : network.nodes) {
        Block& out = block(node.output);
        if (node.mac) {
            const Block& in = block(node.inputs.front());
            out.reset(network.elements[node.output], in.lanes());
            run_mac(*family.macs[node.number], Want::Range, nullptr, in, out, &base.ranges[node.number], nullptr,
                    room.mac);
            continue;
        }
        inputs.clear();
        for (const std::size_t in : node.inputs) inputs.push_back(&block(in));
        node.stage->run(inputs, images, out);
    }
    const Block& output = base.tensors[network.output];
    for (int l = 0; l < images; ++l)
        base.best.push_back(argmax(output.elements(), [&](std::int64_t e) { return output.plane(e)[l]; }));
    return base;
}

}  // namespace bittrue::explore
