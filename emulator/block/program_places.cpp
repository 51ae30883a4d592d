// Where the tensors of a block stand: each lives from the step that makes it to the last that reads it, and two that
// never live at once may share memory.
#include <algorithm>

#include "program_builder.hpp"

namespace bittrue::emulator {
namespace {

struct Life {
    std::size_t tensor = 0;
    std::ptrdiff_t begin = 0, end = -1;  // steps; -1: before the first
    std::size_t offset = 0, bytes = 0;

    [[nodiscard]] bool meets(const Life& o) const { return begin <= o.end && o.begin <= end; }
};

// The lowest room that is free while `life` lasts.
std::size_t free_offset(const std::vector<Life>& placed, const Life& life) {
    std::vector<Life> others;
    for (const Life& o : placed)
        if (o.meets(life)) others.push_back(o);
    std::sort(others.begin(), others.end(), [](const Life& a, const Life& b) { return a.offset < b.offset; });
    std::size_t offset = 0;
    for (const Life& o : others) {
        if (offset + life.bytes <= o.offset) break;
        offset = std::max(offset, o.offset + o.bytes);
    }
    return offset;
}

}  // namespace

void ProgramBuilder::place_tensors() {
    std::vector<TensorPlace>& places = program_.places_;
    const auto root = [&places](std::size_t tensor) {
        while (places[tensor].same_as != tensor) tensor = places[tensor].same_as;
        return tensor;
    };
    std::vector<Life> lives(places.size());
    const auto begin_life = [&](std::size_t tensor, std::ptrdiff_t step) {
        TensorPlace& place = places[tensor];
        place.stored = true;
        place.type = lane_type(preparation_.type_of(tensor).format);
        place.elements = preparation_.shape_of(tensor).count();
        place.bytes = place.elements * kLanes * bytes_of(place.type);
        lives[tensor] = {tensor, step, step, 0, static_cast<std::size_t>(place.bytes)};
    };
    for (const std::size_t tensor : request_.known) begin_life(tensor, -1);
    const std::ptrdiff_t steps = std::ssize(program_.items_);
    for (std::ptrdiff_t step = 0; step < steps; ++step) {
        const Item& item = program_.items_[static_cast<std::size_t>(step)];
        begin_life(item.out, step);
        for (const std::size_t read : item.reads) lives[root(read)].end = step;
        lives[root(item.out)].end = step;
    }
    for (const std::size_t tensor : request_.wanted) lives[root(tensor)].end = steps;
    std::vector<Life> placed;
    for (Life& life : lives) {
        const std::size_t tensor = life.tensor;
        if (!places[tensor].stored || root(tensor) != tensor) continue;
        if (life.bytes == 0) continue;
        life.offset = free_offset(placed, life);
        places[tensor].offset = life.offset;
        program_.memory_ = std::max(program_.memory_, life.offset + life.bytes);
        placed.push_back(life);
    }
    for (std::size_t tensor = 0; tensor < places.size(); ++tensor) {
        if (!places[tensor].stored) continue;
        places[tensor].offset = places[root(tensor)].offset;
        if (root(tensor) != tensor) places[tensor].bytes = 0;
    }
}

}  // namespace bittrue::emulator
