// The interface both engines implement: a validated graph in, words and what happened out.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bittrue/model/error.hpp"
#include "bittrue/model/events.hpp"
#include "bittrue/model/graph.hpp"

namespace bittrue {

struct RunOptions {
    bool keep_layers = false;                                 // keep the words of every layer, not only of the output
    int threads = 0;                                          // 0: all cores. Results do not depend on it.
    std::function<void(std::size_t images_done)> progress{};  // called from any thread, now and then
    const std::atomic<bool>* cancel = nullptr;                // becomes true: run() throws Interrupted soon
    // false: events of the images and the ranges stay zero, which lets the emulator use kernels that do not see them.
    bool count_events = true;
    // true: the events of dense and convolution layers also by output channel (rule E5); only where events are counted.
    bool count_channels = false;
};

// Images as words of the network's input type: what the cast of rule I2 gives, or what a testbench feeds.
struct WordBatch {
    std::size_t images = 0;
    Dims dims{};                    // of one image
    int bytes = 8;                  // of one word: 1, 2, 4 or 8
    std::vector<std::byte> data{};  // images first, storage order; little endian, sign- or zero-extended by the format
    EventCounts cast{};             // what the cast into these words met; zero when they were words from the start

    // Word i of all, extended to 64 bits as everywhere.
    [[nodiscard]] std::int64_t word(std::size_t i, Format format) const;
};

// The smallest bytes per word (1, 2, 4, 8) that hold every word of the format.
[[nodiscard]] int word_bytes(Format format);

// Events of one output channel (rule E5), summed over all its words of all images.
struct ChannelEvents {
    EventCounts product{};
    EventCounts accumulator{};
    EventCounts result{};

    [[nodiscard]] std::uint64_t overflows() const {
        return product.overflows() + accumulator.overflows() + result.overflows();
    }
    ChannelEvents& operator+=(const ChannelEvents& o) {
        product += o.product;
        accumulator += o.accumulator;
        result += o.result;
        return *this;
    }
    friend bool operator==(const ChannelEvents&, const ChannelEvents&) = default;
};

// Events of one layer, by the conversion that caused them (rule E4), summed over all images.
struct LayerEvents {
    EventCounts weights{};  // casting stored weights, biases, constants and table entries: counted once, not per image
    EventCounts product{};  // products cast to a product type
    EventCounts accumulator{};              // every quantisation into an accumulator or another inner type
    EventCounts result{};                   // the cast into the layer's result type
    std::vector<ChannelEvents> channels{};  // of a dense or conv2d layer with RunOptions::count_channels, else empty

    // Per-image events only: what a run reports as the layer's overflows and saturations.
    [[nodiscard]] std::uint64_t overflows() const {
        return product.overflows() + accumulator.overflows() + result.overflows();
    }
    [[nodiscard]] std::uint64_t saturations() const {
        return product.saturations + accumulator.saturations + result.saturations;
    }
    friend bool operator==(const LayerEvents&, const LayerEvents&) = default;
};

struct LayerResult {
    std::string name{};
    FixedType type{};
    Shape shape{};                      // of one image
    std::vector<std::int64_t> words{};  // images first, storage order; empty unless kept (the output always is)
    LayerEvents events{};
    i128 min_raw = 0, max_raw = 0;  // over all words of all images
};

struct RunResult {
    std::size_t images = 0;
    std::vector<LayerResult> layers{};  // [0] is the network's input, then the nodes in graph order
};

// Weights, biases and tables as the layers hold them, after the cast.
struct ParameterWords {
    std::string layer{};
    std::string role{};  // "weights", "bias", "alpha", "table", "exp_table", "inv_table"
    Tensor tensor{};
};

// That a word of an image is none the input can have (rule I3): what engines throw. `index` is that of the element.
[[nodiscard]] InputError outside_input(const InputSpec& input, std::size_t image, std::size_t index, i128 raw);

class Engine {
public:
    Engine() = default;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    virtual ~Engine() = default;

    // Batch dims must equal the graph's input shape and values must be finite and become
    // words within the declared range (rule I3); otherwise InputError.
    [[nodiscard]] virtual RunResult run(const InputBatch& batch, const RunOptions& options) const = 0;

    // The same from words, which must be words of the input's format that its cast can give; the events of the input
    // layer are batch.cast. What stands here converts the words to values and needs a format of at most 53 bits;
    // otherwise InputError.
    [[nodiscard]] virtual RunResult run(const WordBatch& batch, const RunOptions& options) const;
    [[nodiscard]] virtual std::vector<ParameterWords> parameters() const = 0;

protected:
    // The network's input, for run() from words.
    [[nodiscard]] virtual const InputSpec& input() const = 0;
};

// One step of an accumulation, for people to read (`bittrue mac`) and for tests to compare.
struct MacStep {
    std::string what{};    // "start", "bias", "term 3", "fold 2", "lane 1", "node 0..3", "end"
    i128 product_raw = 0;  // what was added, after the product cast; 0 for "start"
    int product_frac = 0;
    i128 accumulator_raw = 0;  // after this step; exact running sum where nothing is quantised yet
    int accumulator_frac = 0;
    Events product_events{};
    Events events{};  // of quantising into the accumulator
};

// Operands of one accumulation. Weights and inputs are words of their formats, equally many.
struct MacOperands {
    Format weight{};
    Format input{};
    std::vector<std::int64_t> weights{};
    std::vector<std::int64_t> inputs{};
    bool has_bias = false;
    Format bias{};
    std::int64_t bias_word = 0;
};

}  // namespace bittrue
