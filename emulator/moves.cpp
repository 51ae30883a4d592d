// L19, L20, L21: elements elsewhere.
#include "moves.hpp"

namespace bittrue::emulator {
namespace {

class MoveLayer : public Layer {
public:
    MoveLayer(const LayerSetup& setup, std::vector<Moved> from) : from_(std::move(from)) {
        for (const FixedType& t : setup.input_types) casts_.emplace_back(t.format, setup.node.result);
    }

    void run(std::span<const std::int64_t* const> inputs, std::int64_t* out, LayerEvents& events,
             Scratch& /*scratch*/) const override {
        for (std::size_t i = 0; i < from_.size(); ++i) {
            const Moved& m = from_[i];
            store(out[i], casts_[m.input].word(m.element < 0 ? 0 : inputs[m.input][m.element]), events.result);
        }
    }

private:
    std::vector<Moved> from_;
    std::vector<Caster> casts_{};  // by input
};

}  // namespace

std::vector<Moved> moves_of(const LayerSetup& setup, const Concat& op) {
    const Dims& dims = setup.shape().dims;
    const std::size_t axis = axis_position(setup.shape().layout, op.axis);
    std::int64_t outer = 1;
    for (std::size_t a = 0; a < axis; ++a) outer *= dims[a];
    std::vector<Moved> from;
    for (std::int64_t o = 0; o < outer; ++o) {
        for (std::size_t k = 0; k < setup.input_shapes.size(); ++k) {
            const std::int64_t together = setup.input_shapes[k].count() / outer;
            for (std::int64_t i = 0; i < together; ++i) from.push_back({k, o * together + i});
        }
    }
    return from;
}

std::vector<Moved> moves_of(const LayerSetup& setup, const Transpose& op) {
    const Dims& dims = setup.shape().dims;
    const std::array<std::int64_t, 3> step{dims[1] * dims[2], dims[2], 1};
    const auto along = [&](std::size_t k) { return static_cast<std::size_t>(op.axes[k]); };
    std::vector<Moved> from;
    for (std::int64_t i = 0; i < dims[along(0)]; ++i)
        for (std::int64_t j = 0; j < dims[along(1)]; ++j)
            for (std::int64_t k = 0; k < dims[along(2)]; ++k)
                from.push_back({0, i * step[along(0)] + j * step[along(1)] + k * step[along(2)]});
    return from;
}

std::vector<Moved> moves_of(const LayerSetup& setup, const Pad& op) {
    const Shape& in = setup.shape();
    const Padding& p = op.padding;
    const Shape out = make_map(in.layout, in.channels(), in.height() + p.top + p.bottom, in.width() + p.left + p.right);
    std::vector<Moved> from(static_cast<std::size_t>(out.count()), {0, -1});
    for (std::int64_t c = 0; c < in.channels(); ++c)
        for (std::int64_t y = 0; y < in.height(); ++y)
            for (std::int64_t x = 0; x < in.width(); ++x)
                from[static_cast<std::size_t>(out.index(c, y + p.top, x + p.left))].element = in.index(c, y, x);
    return from;
}

LayerPointer make_layer(const LayerSetup& setup, const Concat& op) {
    return std::make_unique<MoveLayer>(setup, moves_of(setup, op));
}
LayerPointer make_layer(const LayerSetup& setup, const Transpose& op) {
    return std::make_unique<MoveLayer>(setup, moves_of(setup, op));
}
LayerPointer make_layer(const LayerSetup& setup, const Pad& op) {
    return std::make_unique<MoveLayer>(setup, moves_of(setup, op));
}

}  // namespace bittrue::emulator
