// L12: sigmoid, tanh or a ROM of the user's.
#include "table.hpp"

namespace bittrue::emulator {
namespace {

class LookupLayer : public Layer {
public:
    LookupLayer(const LayerSetup& setup, const Lookup& op, const Tensor& entries, LayerParameters parameters)
        : Layer(std::move(parameters)),
          results_(cast_entries(entries, setup.node.result)),
          format_(setup.format()),
          by_bits_(op.index == TableIndex::Bits),
          span_(op.span),
          count_(setup.shape().count()) {
        if (by_bits_) bits_ = BitIndex(format_, std::ssize(results_));
    }

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::int64_t i = 0; i < count_; ++i) store(out[i], results_[index(inputs[0][i])], events.result);
    }

private:
    std::size_t index(std::int64_t word) const {
        if (by_bits_) return bits_(word);
        return centred_index(raw_from_word(word, format_), format_.frac(), std::ssize(results_), span_);
    }

    std::vector<Converted> results_;
    Format format_;
    bool by_bits_;
    BitIndex bits_{};
    std::int64_t span_;
    std::int64_t count_;
};

}  // namespace

LayerPointer make_layer(const LayerSetup& setup, const Lookup& op) {
    LayerParameters parameters;
    const Tensor entries = parameters.cast(setup, "table", op.table.entries);
    return std::make_unique<LookupLayer>(setup, op, entries, std::move(parameters));
}

}  // namespace bittrue::emulator
