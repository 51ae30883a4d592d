#include "flatten_sources.hpp"

namespace bittrue::corner {

std::vector<std::size_t> flatten_sources(const Node& node, const Shape& in) {
    std::vector<std::size_t> sources(static_cast<std::size_t>(in.count()));
    for (std::size_t i = 0; i < sources.size(); ++i) sources[i] = i;
    const auto* flatten = std::get_if<Flatten>(&node.op);
    if (flatten == nullptr || !flatten->order || in.layout == Layout::Vector || *flatten->order == Layout::Vector)
        return sources;
    const Shape out = make_map(*flatten->order, in.channels(), in.height(), in.width());
    for (std::int64_t c = 0; c < in.channels(); ++c) {
        for (std::int64_t y = 0; y < in.height(); ++y) {
            for (std::int64_t x = 0; x < in.width(); ++x)
                sources[static_cast<std::size_t>(out.index(c, y, x))] = static_cast<std::size_t>(in.index(c, y, x));
        }
    }
    return sources;
}

}  // namespace bittrue::corner
