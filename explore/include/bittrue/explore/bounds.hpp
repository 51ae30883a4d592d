// `bittrue bounds`: how far the accumulators of a network can go: by the formats, by the weights, by the weights and
// the order of the network exactly, and on some images (docs/bounds.md).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/engine.hpp"
#include "bittrue/model/graph.hpp"

namespace bittrue::explore {

// Smallest and largest raw of a sum, 0 included, in units of the accumulator's lsb.
struct Extent {
    i128 low = 0, high = 0;
    friend constexpr bool operator==(const Extent&, const Extent&) = default;
};

// Smallest width of `type` (its lsb, signedness and overflow mode kept) whose range holds the extent; 0 where none does
// because the type is unsigned and the extent has negative raws.
[[nodiscard]] int width_for(const Extent& extent, const FixedType& type);

// Where the words of a tensor lie, as raws of its format.
struct DeclaredRange {
    std::string tensor{};
    i128 low = 0, high = 0;
};

// Of each tensor (0: the network's input, then graph order) the raws its words can have: of `declared` as declared; of
// the input its format; of relu, clipped relu, max pooling, casts, flatten and reshape the range of what they read,
// through their operation and cast; of all others the range of their result type.
[[nodiscard]] std::vector<Extent> tensor_ranges(const Graph& graph, const DeclaredRange& declared);

// Raws at the accumulator's lsb, without overflow: as if accumulator and product type had the width they need. Where
// bits are dropped (frac above the accumulator's), `l1` and `any_order` round every term outward.
struct ChannelBounds {
    Extent product{};    // of all terms after the product cast, at the product's own lsb
    i128 l1 = 0;         // sum of |w| times the largest |x| (each through the product cast), plus |bias|
    Extent any_order{};  // sums of the negative and of the positive ends of the terms: no order goes beyond
    Extent exact{};      // what the register can hold in the network's order, rounding included; both ends are reached
    bool bias_fits = true;  // the bias cast, if there is one, does not overflow
    bool safe = false;      // nothing overflows for any input within the range
    int width = 0;  // width_for(exact), products and bias included where their type is the accumulator's; 0: none
    // On the images.
    Extent observed{};
    std::uint64_t overflows = 0;  // outputs in whose accumulation a product, the bias or a step overflows
};

// Where a bound is met: an image with these words as the layer's input, or an image of the run.
struct Place {
    std::int64_t image = 0;
    int channel = 0;
    std::int64_t y = 0, x = 0;  // output position
    bool high = false;          // the upper end
};

struct LayerBounds {
    int node = 0;  // in graph.nodes
    std::string layer{};
    std::int64_t terms = 0, outputs = 0;  // per image
    AccumulatorSpec spec{};
    Format weight{}, input{};
    std::optional<Format> bias{};
    std::string weights_sha256{}, bias_sha256{};
    Extent range{};      // of the layer's input
    Extent data_type{};  // of any weights, biases and inputs of the formats
    std::vector<ChannelBounds> channels{};
    std::optional<Place> first_overflow{};  // on the images: smallest image, then row, column and channel

    [[nodiscard]] bool safe() const;
    [[nodiscard]] std::uint64_t overflows() const;
};

struct NetworkBounds {
    DeclaredRange declared{};
    std::vector<LayerBounds> layers{};
    std::size_t images = 0;  // observed; 0: none
};

// Dense and convolution layers, or only `layer` (empty: all). InputError: no such layer, none with an accumulator, a
// declared range outside its tensor's format, numbers beyond 120 bits.
[[nodiscard]] NetworkBounds bound_network(const Graph& graph, const DeclaredRange& declared,
                                          const std::string& layer = {});

struct ObserveOptions {
    int threads = 0;  // 0: all cores
    std::function<void(std::size_t images_done)> progress{};
    const std::atomic<bool>* cancel = nullptr;
};
// Runs the network and fills `observed`, `overflows` and `first_overflow`. Every layer reads what the network really
// computes before it, overflows included; its own sums are taken without overflow, so `observed` is what a wide enough
// accumulator would hold. InputError: an image on which a tensor leaves its declared range.
void observe(NetworkBounds& bounds, const Graph& graph, const InputBatch& batch, const ObserveOptions& options = {});

// The certificate of `bittrue bounds --certificate`: JSON, everything that golden's checker computes again.
[[nodiscard]] std::string certificate(const Graph& graph, const NetworkBounds& bounds);

class LinearView;

// The operands of a layer's accumulations, in the order of their terms; padded positions are inputs of 0.
class OperandReader {
public:
    OperandReader(const Graph& graph, int node);
    OperandReader(const OperandReader&) = delete;
    OperandReader& operator=(const OperandReader&) = delete;
    ~OperandReader();
    // `input_words`: what the layer reads, one image in storage order.
    [[nodiscard]] MacOperands operator()(const Place& place, const std::vector<std::int64_t>& input_words) const;
    // Which element of the input each term reads, in storage order; -1: padding.
    [[nodiscard]] std::vector<std::int64_t> elements(const Place& place) const;

private:
    std::vector<ParameterWords> parameters_;
    std::unique_ptr<LinearView> view_;
};

// An input of the layer, within its range, that brings every term of a channel to one end: its register to that end of
// `exact`, or, where only a product leaves its type, that product to the end of `product`.
struct Witness {
    Place place{};                      // its image: the number in the list
    i128 bound = 0;                     // what a wide enough register reaches
    std::vector<std::int64_t> input{};  // words in storage order
};
// Both ends of every channel that leave the accumulator's range (or whose products leave the product type), and one of
// a channel in which nothing but the cast of the bias overflows: every channel that is not safe has a witness.
[[nodiscard]] std::vector<Witness> overflow_witnesses(const Graph& graph, const LayerBounds& bounds);

}  // namespace bittrue::explore
