// Configurations that differ in widths and overflow modes only: what they share, and what each of them allows.
#pragma once

#include "bittrue/explore/sweep.hpp"
#include "sweep/segments.hpp"

namespace bittrue::explore {

using SumExtent = emulator::SumRange::Extent;

[[nodiscard]] inline bool holds(SumExtent outer, SumExtent inner) {
    return outer.low <= inner.low && inner.high <= outer.high;
}

// One accumulating layer.
struct FamilyLayer {
    AccumulatorSpec unlimited{};             // of so many bits that no sum leaves it
    bool lossless = false;                   // its sums are the exact ones: the words are those with wide accumulators
    bool follows = false;                    // products have the accumulator's type
    bool bias_overflows = false;             // the bias cast leaves its range: every image of every configuration does
    int product_frac = 0;                    // of the exact products
    i128 product_low = 0, product_high = 0;  // ends of them
    std::unique_ptr<emulator::SumRange> range{};  // null: only a run tells what overflows
};

class Family {
public:
    // `wide`: wide_specs() of the network.
    Family(const Segments& segments, std::span<const AccumulatorSpec> specs, std::span<const AccumulatorSpec> wide);
    [[nodiscard]] static std::vector<AccumulatorSpec> key_of(std::span<const AccumulatorSpec> specs);

    [[nodiscard]] const std::vector<AccumulatorSpec>& key() const { return key_; }
    // Empty, or why 62 bits cannot hold what its sums need.
    [[nodiscard]] const std::string& declined() const { return declined_; }
    [[nodiscard]] bool lossless() const { return lossless_; }
    [[nodiscard]] const std::vector<FamilyLayer>& layers() const { return layers_; }  // by number

private:
    void add_layer(const Segments& segments, std::size_t node, const AccumulatorSpec& wide,
                   const std::vector<ParameterWords>& parameters);

    std::vector<AccumulatorSpec> key_;
    std::vector<FamilyLayer> layers_{};
    std::string declined_{};
    bool lossless_ = true;
};

// An accumulator of a configuration.
struct Limit {
    Limit(const FamilyLayer& layer, const AccumulatorSpec& spec);

    AccumulatorSpec spec{};
    SumExtent ends{};
    // An image overflows exactly when the extent of its sums leaves the ends. Otherwise a run has to tell.
    bool told_by_range = false;
};

}  // namespace bittrue::explore
