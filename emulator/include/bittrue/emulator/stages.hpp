// Parts of a network on some of the images, with other accumulators: what a sweep over datapaths asks for again and
// again. Weights and tables are cast once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "bittrue/emulator/isa.hpp"
#include "bittrue/model/engine.hpp"

namespace bittrue::emulator {

// Tensors are numbered: 0 is the network's input, i + 1 the result of graph.nodes[i].
struct PartRequest {
    std::vector<std::size_t> known{0};                  // given as words; ascending
    std::vector<std::size_t> wanted{};                  // asked for; ascending; each follows from known ones
    std::map<std::size_t, AccumulatorSpec> replaced{};  // by node: a dense or conv2d with this accumulator instead
    bool count_events = false;
};

struct PartResult {
    std::vector<WordBatch> wanted{};    // as in the request; the images in the order they were asked for
    std::vector<LayerEvents> events{};  // per tensor, of the layers that ran; zero unless counted, `weights` always
    // Per tensor, of the dense and conv2d layers that ran counted, image by image: whether a product, a bias or a sum
    // overflowed (rule E4). Empty for other tensors.
    std::vector<std::vector<std::uint8_t>> overflowed{};
};

// The layers between the known and the wanted tensors. Lives no longer than its Stages.
class Part {
public:
    Part() = default;
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    virtual ~Part() = default;

    // known[k] holds the words of the k-th known tensor for all images, words of its format, dims and word_bytes() as
    // words_of() gives them, that the network gives (InputError for words of an input that rule I3 refuses, otherwise
    // std::logic_error); `images` says which of them run, in any order. May be called from several threads at once;
    // runs on the calling thread.
    [[nodiscard]] virtual PartResult run(std::span<const WordBatch* const> known,
                                         std::span<const std::uint32_t> images) const = 0;
};

// How far the running sums of one dense or conv2d layer go.
class SumRange {
public:
    SumRange() = default;
    SumRange(const SumRange&) = delete;
    SumRange& operator=(const SumRange&) = delete;
    virtual ~SumRange() = default;

    // As raws of the accumulator, which may need more bits than its type has: 0 and every number that an accumulator
    // without ends would take for the image stand within low..high.
    struct Extent {
        std::int64_t low = 0, high = 0;
    };
    // Of the images asked for, by their order. Where images leave `ends`, less of them may be looked at: their extent
    // leaves `ends`, too. Threads as Part::run.
    [[nodiscard]] virtual std::vector<Extent> run(const WordBatch& input, std::span<const std::uint32_t> images,
                                                  std::optional<Extent> ends = {}) const = 0;
};

class Stages {
public:
    Stages() = default;
    Stages(const Stages&) = delete;
    Stages& operator=(const Stages&) = delete;
    virtual ~Stages() = default;

    // Costs the preparation of the replaced layers (their kernels from words that are cast already) and no more than
    // some microseconds for each other layer. std::logic_error when a wanted tensor does not follow from the known
    // ones.
    [[nodiscard]] virtual std::unique_ptr<Part> part(const PartRequest& request) const = 0;

    // Of a dense or conv2d node with this accumulator, whose width and overflow mode do not matter. Null where its sums
    // are no sequence of exact steps (an order with partial sums, a moment of quantising other than each step, dropped
    // bits, a product type that changes products), and where operands exceed 16 or sums 31 bits.
    [[nodiscard]] virtual std::unique_ptr<SumRange> sum_range(std::size_t node, const AccumulatorSpec& spec) const = 0;

    // Weights, biases and tables after the cast, as Engine::parameters() of the graph.
    [[nodiscard]] virtual std::vector<ParameterWords> parameters() const = 0;
};

// `graph` is validated.
[[nodiscard]] std::unique_ptr<Stages> make_stages(Graph graph, Isa isa = best_isa());

}  // namespace bittrue::emulator
