#include "align_order.hpp"

#include <algorithm>
#include <numeric>

namespace bittrue {
namespace {

Order of_table(std::vector<std::uint32_t> expected_at, std::int64_t words) {
    Order order;
    order.block = static_cast<std::int64_t>(expected_at.size());
    order.words = words / order.block * order.block;
    order.dumped_at.resize(expected_at.size());
    bool same = true;
    for (std::size_t place = 0; place < expected_at.size(); ++place) {
        order.dumped_at[expected_at[place]] = static_cast<std::uint32_t>(place);
        same = same && expected_at[place] == place;
    }
    order.expected_at = std::move(expected_at);
    return same ? Order{} : order;
}

std::string of_lanes(std::size_t count) {
    return " (" + std::to_string(count) + " lanes)";
}

}  // namespace

Order axes_order(const Dims& dims, const std::vector<std::size_t>& stored, std::int64_t words) {
    std::vector<std::int64_t> stride(dims.size(), 1);
    for (std::size_t axis = dims.size() - 1; axis-- > 0;) stride[axis] = stride[axis + 1] * dims[axis + 1];
    std::vector<std::uint32_t> expected_at(static_cast<std::size_t>(element_count(dims)));
    std::vector<std::int64_t> at(dims.size(), 0);
    std::int64_t flat = 0;
    for (std::uint32_t& place : expected_at) {
        place = static_cast<std::uint32_t>(flat);
        for (std::size_t i = stored.size(); i-- > 0;) {
            const std::size_t axis = stored[i];
            flat += stride[axis];
            if (++at[axis] < dims[axis]) break;
            flat -= stride[axis] * dims[axis];
            at[axis] = 0;
        }
    }
    return of_table(std::move(expected_at), words);
}

Order lanes_order(const std::vector<int>& lanes, std::int64_t per_image, std::int64_t words) {
    const std::size_t count = lanes.size();
    const bool padded = per_image > 1 && static_cast<std::size_t>(per_image) % count != 0;
    std::vector<std::uint32_t> expected_at(padded ? static_cast<std::size_t>(per_image) : count);
    std::iota(expected_at.begin(), expected_at.end(), 0U);
    for (std::size_t beat = 0; beat + count <= expected_at.size(); beat += count) {
        for (std::size_t p = 0; p < count; ++p) {
            expected_at[beat + p] = static_cast<std::uint32_t>(beat + static_cast<std::size_t>(lanes[p]));
        }
    }
    return of_table(std::move(expected_at), words);
}

std::vector<int> reversed_lanes(int lanes) {
    std::vector<int> list(static_cast<std::size_t>(lanes));
    std::iota(list.rbegin(), list.rend(), 0);
    return list;
}

std::vector<int> rotated_lanes(int lanes, int by) {
    std::vector<int> list;
    for (int p = 0; p < lanes; ++p) list.push_back((p - by + lanes) % lanes);
    return list;
}

std::string lanes_text(const std::vector<int>& lanes) {
    const int count = static_cast<int>(lanes.size());
    if (count == 2) return "lanes 0 and 1 exchanged (2 lanes)";
    if (lanes == reversed_lanes(count)) return "lanes reversed" + of_lanes(lanes.size());
    for (int by = 1; by < count; ++by) {
        if (lanes == rotated_lanes(count, by)) return "lanes rotated by " + std::to_string(by) + of_lanes(lanes.size());
    }
    std::vector<int> moved;
    for (int p = 0; p < count; ++p) {
        if (lanes[static_cast<std::size_t>(p)] != p) moved.push_back(p);
    }
    if (moved.size() == 2) {
        return "lanes " + std::to_string(moved[0]) + " and " + std::to_string(moved[1]) + " exchanged" +
               of_lanes(lanes.size());
    }
    std::string text = "lanes in another order: from lane 0 on the dump has the expected lanes";
    for (const int lane : lanes) text += " " + std::to_string(lane);
    return text;
}

}  // namespace bittrue
