#include "moves.hpp"

namespace bittrue::corner {
namespace {

// Walks the elements of every input and says where each goes.
class Moves {
public:
    Moves(const Node& node, const std::vector<Shape>& in) : out_(node.shape), in_(in) {}

    std::vector<Moved> operator()(const Concat& op) {
        std::int64_t offset[3] = {0, 0, 0};  // of channel, row, column
        auto& along = offset[static_cast<std::size_t>(op.axis)];
        for (std::size_t k = 0; k < in_.size(); ++k) {
            place(k, [&](std::int64_t c, std::int64_t y, std::int64_t x) {
                return out_.index(c + offset[0], y + offset[1], x + offset[2]);
            });
            const std::int64_t extents[] = {in_[k].channels(), in_[k].height(), in_[k].width()};
            along += extents[static_cast<std::size_t>(op.axis)];
        }
        return std::move(from_);
    }
    std::vector<Moved> operator()(const Transpose& op) {
        const Dims& dims = in_[0].dims;
        from_.resize(static_cast<std::size_t>(out_.count()));
        std::array<std::int64_t, 3> i{};
        std::int64_t element = 0;
        for (i[0] = 0; i[0] < dims[0]; ++i[0])
            for (i[1] = 0; i[1] < dims[1]; ++i[1])
                for (i[2] = 0; i[2] < dims[2]; ++i[2], ++element) {
                    std::int64_t to = 0;
                    for (std::size_t a = 0; a < 3; ++a)
                        to = to * out_.dims[a] + i[static_cast<std::size_t>(op.axes[a])];
                    from_[static_cast<std::size_t>(to)] = {0, element};
                }
        return std::move(from_);
    }
    std::vector<Moved> operator()(const Pad& op) {
        place(0, [&](std::int64_t c, std::int64_t y, std::int64_t x) {
            return out_.index(c, y + op.padding.top, x + op.padding.left);
        });
        return std::move(from_);
    }
    std::vector<Moved> operator()(const auto& /*op*/) { return {}; }

private:
    template <class To>
    void place(std::size_t input, To to) {
        from_.resize(static_cast<std::size_t>(out_.count()), {0, -1});
        const Shape& shape = in_[input];
        for (std::int64_t c = 0; c < shape.channels(); ++c)
            for (std::int64_t y = 0; y < shape.height(); ++y)
                for (std::int64_t x = 0; x < shape.width(); ++x)
                    from_[static_cast<std::size_t>(to(c, y, x))] = {input, shape.index(c, y, x)};
    }

    const Shape& out_;
    const std::vector<Shape>& in_;
    std::vector<Moved> from_{};
};

}  // namespace

std::vector<Moved> moves_of(const Node& node, const std::vector<Shape>& in) {
    return std::visit(Moves(node, in), node.op);
}

}  // namespace bittrue::corner
