// L2: one accumulation per output over all elements of the input.
#include "mac_unit.hpp"

namespace bittrue::emulator {
namespace {

template <class Int>
class DenseLayer : public Layer {
public:
    DenseLayer(const LayerSetup& setup, const MacSetup& mac, LayerParameters parameters)
        : Layer(std::move(parameters)), unit_(setup, mac), input_(setup.format()), outputs_(mac.channels) {}

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& scratch) const override {
        const auto terms = scratch.get<Int>(0, unit_.terms());
        const auto room = scratch.get<Int>(1, unit_.room());
        for (std::size_t t = 0; t < terms.size(); ++t) terms[t] = raw_of<Int>(inputs[0][t], input_);
        for (std::int64_t o = 0; o < outputs_; ++o) out[o] = unit_(o, terms.data(), room, events);
    }

private:
    MacUnit<Int> unit_;
    Format input_;
    std::int64_t outputs_;
};

}  // namespace

LayerPointer make_layer(const LayerSetup& setup, const Dense& op) {
    LayerParameters parameters;
    MacSetup mac;
    mac.weights = parameters.cast(setup, "weights", op.weights);
    if (op.bias) mac.bias = parameters.cast(setup, "bias", *op.bias);
    mac.terms = op.weights.dims[0];
    mac.channels = op.weights.dims[1];
    mac.weight_index = [outputs = mac.channels](std::int64_t o, std::int64_t t) { return t * outputs + o; };
    mac.spec = op.accumulator;
    if (mac.is_narrow(setup)) return std::make_unique<DenseLayer<std::int64_t>>(setup, mac, std::move(parameters));
    return std::make_unique<DenseLayer<i128>>(setup, mac, std::move(parameters));
}

}  // namespace bittrue::emulator
