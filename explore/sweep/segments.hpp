// The network in segments: each begins at a layer that accumulates or has several inputs, and ends where another one
// begins. What a sweep keeps of a run are the tensors between them.
#pragma once

#include <mutex>
#include <optional>

#include "bittrue/emulator/stages.hpp"

namespace bittrue::explore {

// Tensors are numbered as in emulator/stages.hpp: 0 is the input, i + 1 the result of node i.
struct Segment {
    std::size_t head = 0;                 // node
    std::size_t out = 0;                  // tensor
    std::vector<std::size_t> inputs{};    // of the head: ascending, each once
    std::optional<std::size_t> number{};  // of the accumulating layer that the head is
};

// One segment, maybe with another accumulator, ready to run. May be shared by threads.
using SegmentPart = std::shared_ptr<const emulator::Part>;

class Segments {
public:
    explicit Segments(const Graph& graph);  // validated; must outlive this

    [[nodiscard]] const Graph& graph() const { return graph_; }
    [[nodiscard]] const emulator::Stages& stages() const { return *stages_; }
    [[nodiscard]] const std::vector<Segment>& list() const { return list_; }        // in an order in which they can run
    [[nodiscard]] const std::vector<std::size_t>& nodes() const { return nodes_; }  // accumulating, by number
    [[nodiscard]] std::size_t output() const { return output_; }
    [[nodiscard]] std::size_t error() const { return error_; }
    [[nodiscard]] Format format_of(std::size_t tensor) const;
    [[nodiscard]] std::size_t elements_of(std::size_t tensor) const;
    [[nodiscard]] std::size_t bytes_of(std::size_t tensor) const;  // of one image's words
    [[nodiscard]] std::size_t kept_bytes() const;                  // of one image: the input and what segments end with
    [[nodiscard]] std::int64_t macs() const;                       // of one image

    // The segment's own layers, its accumulator replaced by `spec` (empty where it has none). `counted`: overflows are
    // told. From any thread; what is asked for again is mostly still there.
    [[nodiscard]] SegmentPart part(const Segment& segment, const std::optional<AccumulatorSpec>& spec,
                                   bool counted) const;

private:
    struct Kept {
        std::size_t head = 0;
        std::optional<AccumulatorSpec> spec{};
        bool counted = false;
        SegmentPart part{};
    };

    const Graph& graph_;
    std::unique_ptr<emulator::Stages> stages_;
    std::vector<std::size_t> nodes_;
    std::size_t output_ = 0, error_ = 0;
    std::vector<Segment> list_{};
    std::size_t most_parts_ = 0;  // that are kept
    mutable std::mutex mutex_{};
    mutable std::vector<Kept> parts_{};
};

}  // namespace bittrue::explore
