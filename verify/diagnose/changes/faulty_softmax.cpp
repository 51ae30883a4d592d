#include "changes/faulty_softmax.hpp"

#include <algorithm>
#include <bit>

#include "bittrue/model/error.hpp"

namespace bittrue::diagnose_detail {

namespace {

std::vector<std::int64_t> table_words(const Datapath& datapath, const Node& node, const TensorWords& input,
                                      const std::string& role) {
    for (ParameterWords& words : datapath.parameters(node, input)) {
        if (words.role == role) return std::move(words.tensor.words);
    }
    return {};
}

// T4
std::size_t top_bits(std::int64_t word, Format format, std::size_t entries) {
    const auto bits = static_cast<int>(std::bit_width(entries - 1));
    return static_cast<std::size_t>(pattern_from_word(word, format) >> (format.width - bits));
}

// A second change may have made the layer another one.
const Softmax& softmax_of(const Node& node) {
    const auto* op = std::get_if<Softmax>(&node.op);
    if (op == nullptr || (op->kind != SoftmaxKind::Stable && op->kind != SoftmaxKind::Latency))
        throw InputError("layer '" + node.name + "'", "it is of another kind now");
    return *op;
}

}  // namespace

FaultySoftmax::FaultySoftmax(const Node& node, const TensorWords& input, const Datapath& datapath,
                             const SoftmaxFault& fault)
    : exponentials(table_words(datapath, node, input, "exp_table")),
      inverses(table_words(datapath, node, input, "inv_table")),
      node_(node),
      op_(softmax_of(node)),
      format_(input.type.format),
      datapath_(datapath),
      fault_(fault) {}

void FaultySoftmax::run(const std::int64_t* in, std::int64_t count, i128 largest, std::int64_t* out, Used* used) const {
    const FixedType& acc = op_.accumulator;
    std::vector<i128> leaves;
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t word = in[i];
        Format format = format_;
        if (op_.kind == SoftmaxKind::Stable) {
            word = datapath_.quantize(largest - raw_from_word(word, format_), format_.frac(), op_.difference).word;
            format = op_.difference.format;
        }
        const std::size_t place = top_bits(word, format, exponentials.size());
        if (used != nullptr) used->exponentials.push_back(place);
        const std::int64_t entry = exponentials[place];
        const Format table = op_.exp_table.entries.type.format;
        leaves.push_back(
            raw_from_word(datapath_.quantize(raw_from_word(entry, table), table.frac(), acc).word, acc.format));
    }
    std::vector<i128> nodes = leaves;
    if (fault_.drops_last) nodes.back() = 0;
    if (fault_.drops_first) nodes.front() = 0;
    while (nodes.size() > 1) {
        std::vector<i128> next;
        for (std::size_t i = 0; i + 1 < nodes.size(); i += 2) {
            const i128 sum = nodes[i] + nodes[i + 1];
            next.push_back(raw_from_word(datapath_.quantize(sum, acc.format.frac(), acc).word, acc.format));
        }
        if (nodes.size() % 2 != 0) next.push_back(fault_.drops_single ? 0 : nodes.back());
        nodes = std::move(next);
    }
    const std::int64_t index = datapath_.quantize(nodes[0], acc.format.frac(), op_.inv_input).word;
    const Format table = op_.inv_table.entries.type.format;
    const std::size_t place = top_bits(index, op_.inv_input.format, inverses.size());
    if (used != nullptr) used->inverse = place;
    const i128 inverse = raw_from_word(inverses[place], table);
    for (std::int64_t i = 0; i < count; ++i) {
        const i128 product = leaves[static_cast<std::size_t>(i)] * inverse;
        out[i] = datapath_.quantize(product, acc.format.frac() + table.frac(), node_.result).word;
    }
}

i128 largest_of(const std::int64_t* words, std::int64_t count, Format format) {
    i128 largest = raw_min(format);
    for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, raw_from_word(words[i], format));
    return largest;
}

}  // namespace bittrue::diagnose_detail
