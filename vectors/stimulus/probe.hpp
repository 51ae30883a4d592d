// A layer with everything that can be seen in it. Probes walk a layer by the rules of docs/numerics.md, once over all
// numbers that can come in and then image by image.
#pragma once

#include <memory>
#include <span>

#include "bittrue/model/engine.hpp"
#include "site.hpp"

namespace bittrue::corner {

// What a probe is made from.
struct ProbeSetup {
    const Node& node;
    std::vector<FixedType> input_types{};
    std::vector<Shape> input_shapes{};
    std::vector<ParameterWords> parameters{};  // of this layer

    [[nodiscard]] Format format() const { return input_types.front().format; }
    [[nodiscard]] const Shape& shape() const { return input_shapes.front(); }
    [[nodiscard]] const Tensor* parameter(const std::string& role) const;
};

template <class D>
using Inputs = std::span<const std::vector<typename D::Value>* const>;  // raws, one vector per input
template <class D>
using Values = std::vector<typename D::Value>;

// What one word of an accumulating layer is made of.
struct Terms {
    std::int64_t channel = 0;
    std::vector<std::int64_t> sources{};  // per term the index of the input element, -1 in the padding
    std::vector<i128> weights{};
};

// Layers whose words are sums of inputs with weights: dense, conv2d, average_pool.
class Accumulating {
public:
    Accumulating() = default;
    Accumulating(const Accumulating&) = delete;
    Accumulating& operator=(const Accumulating&) = delete;
    virtual ~Accumulating() = default;

    [[nodiscard]] virtual std::int64_t outputs() const = 0;  // in the order the walk visits them
    [[nodiscard]] virtual Terms terms(std::int64_t output) const = 0;
    [[nodiscard]] virtual std::int64_t place(std::int64_t output) const = 0;  // of its word in storage order
    virtual void walk_output(Concrete& numbers, const std::vector<i128>& input, std::int64_t output) = 0;
    // Terms that went into the k-th conversion of that site of one output.
    [[nodiscard]] virtual std::vector<std::int64_t> terms_before(const Site* site, std::int64_t k) const = 0;
    // Frac of a product of a weight and an input.
    [[nodiscard]] virtual int product_frac() const = 0;
    // slopes[i] += slope * (weight of input i in that output)
    virtual void spread(std::int64_t output, double slope, std::vector<double>& slopes) = 0;
};

class Probe {
public:
    Probe() = default;
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;
    virtual ~Probe() = default;

    // Fills `out` with the raws of the result, in storage order.
    virtual void walk(Concrete& numbers, Inputs<Concrete> inputs, Values<Concrete>& out) = 0;
    virtual void walk(Abstract& numbers, Inputs<Abstract> inputs, Values<Abstract>& out) = 0;

    [[nodiscard]] virtual Accumulating* accumulating() { return nullptr; }

    // Pointers into these stay valid once the probe is made.
    std::vector<Site> sites{};
    std::vector<Mark> marks{};
    std::vector<Bins> tables{};
    int accumulator_reach = -1;  // per mille, of accumulations
};
using ProbePtr = std::unique_ptr<Probe>;

// Both walks from one template `template <class D> void run(D&, Inputs<D>, Values<D>&)` of Derived.
template <class Derived>
class ProbeOf : public Probe {
public:
    void walk(Concrete& d, Inputs<Concrete> inputs, Values<Concrete>& out) final { self().run(d, inputs, out); }
    void walk(Abstract& d, Inputs<Abstract> inputs, Values<Abstract>& out) final { self().run(d, inputs, out); }

private:
    Derived& self() { return static_cast<Derived&>(*this); }
};

// InputError where an exact number would need more than kExactBits bits.
[[nodiscard]] ProbePtr make_probe(const ProbeSetup& setup);

ProbePtr probe_of(const ProbeSetup& setup, const Quantize& op);
ProbePtr probe_of(const ProbeSetup& setup, const Dense& op);
ProbePtr probe_of(const ProbeSetup& setup, const Conv2d& op);
ProbePtr probe_of(const ProbeSetup& setup, const MaxPool& op);
ProbePtr probe_of(const ProbeSetup& setup, const AveragePool& op);
ProbePtr probe_of(const ProbeSetup& setup, const Relu& op);
ProbePtr probe_of(const ProbeSetup& setup, const ClippedRelu& op);
ProbePtr probe_of(const ProbeSetup& setup, const LeakyRelu& op);
ProbePtr probe_of(const ProbeSetup& setup, const Flatten& op);
ProbePtr probe_of(const ProbeSetup& setup, const Reshape& op);
ProbePtr probe_of(const ProbeSetup& setup, const Add& op);
ProbePtr probe_of(const ProbeSetup& setup, const Lookup& op);
ProbePtr probe_of(const ProbeSetup& setup, const Softmax& op);
ProbePtr probe_of(const ProbeSetup& setup, const Affine& op);
ProbePtr probe_of(const ProbeSetup& setup, const Multiply& op);
ProbePtr probe_of(const ProbeSetup& setup, const Concat& op);
ProbePtr probe_of(const ProbeSetup& setup, const Transpose& op);
ProbePtr probe_of(const ProbeSetup& setup, const Pad& op);
ProbePtr probe_of(const ProbeSetup& setup, const Clip& op);
ProbePtr probe_of(const ProbeSetup& setup, const Threshold& op);
ProbePtr probe_of(const ProbeSetup& setup, const Requantize& op);

// For probes: throws unless an exact number of `bits` bits can be looked at.
void require_exact(const ProbeSetup& setup, int bits);
// Bits of a two's complement number that holds every raw of `f`, brought to `frac` fraction bits.
[[nodiscard]] int bits_at(Format f, int frac);
// The smallest k with 2^k >= n.
[[nodiscard]] int ceil_log2(std::int64_t n);

}  // namespace bittrue::corner
