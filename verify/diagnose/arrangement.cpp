#include "arrangement.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace bittrue::diagnose_detail {

namespace {

// Calls visit(coordinates, place) for all places of an array in storage order.
template <class Visit>
void for_all(const Dims& dims, Visit&& visit) {
    std::vector<std::int64_t> at(dims.size(), 0);
    const std::int64_t count = element_count(dims);
    for (std::int64_t place = 0; place < count; ++place) {
        visit(at, place);
        for (std::size_t axis = dims.size(); axis-- > 0;) {
            if (++at[axis] < dims[axis]) break;
            at[axis] = 0;
        }
    }
}

template <class T>
void rearrange_block(std::vector<T>& values, std::size_t begin, const Reading& reading, std::vector<T>& room) {
    room.assign(values.begin() + static_cast<std::ptrdiff_t>(begin),
                values.begin() + static_cast<std::ptrdiff_t>(begin + reading.size()));
    for (std::size_t i = 0; i < reading.size(); ++i) {
        values[begin + i] = reading[i] == kZero ? T{} : room[static_cast<std::size_t>(reading[i])];
    }
}

}  // namespace

bool Distinct::is_new(const Reading& reading) {
    std::uint64_t a = 0xcbf29ce484222325, b = 0x9e3779b97f4a7c15;
    bool same = true;
    for (std::size_t i = 0; i < reading.size(); ++i) {
        const auto at = static_cast<std::uint32_t>(reading[i]);
        same = same && at == i;
        a = (a ^ at) * 0x100000001b3;
        b = (b + at) * 0xd6e8feb86659fd93 ^ b >> 29;
    }
    return !same && seen_.emplace(a, b).second;
}

void rearrange(std::vector<std::int64_t>& words, const Reading& reading) {
    std::vector<std::int64_t> room;
    for (std::size_t begin = 0; begin + reading.size() <= words.size() && !reading.empty(); begin += reading.size())
        rearrange_block(words, begin, reading, room);
}

void rearrange(Parameter& parameter, const Reading& reading) {
    std::vector<double> reals;
    std::vector<std::int64_t> raws;
    if (parameter.raw.size() == reading.size()) rearrange_block(parameter.raw, 0, reading, raws);
    if (parameter.real.size() == reading.size()) rearrange_block(parameter.real, 0, reading, reals);
}

Reading stored_as(const Dims& dims, const std::vector<std::size_t>& order) {
    Dims stored;
    std::vector<std::int64_t> stride(dims.size(), 1);
    for (std::size_t axis = dims.size() - 1; axis-- > 0;) stride[axis] = stride[axis + 1] * dims[axis + 1];
    for (const std::size_t axis : order) stored.push_back(dims[axis]);
    Reading reading(static_cast<std::size_t>(element_count(dims)));
    for_all(stored, [&](const std::vector<std::int64_t>& at, std::int64_t place) {
        std::int64_t flat = 0;
        for (std::size_t i = 0; i < order.size(); ++i) flat += at[i] * stride[order[i]];
        reading[static_cast<std::size_t>(place)] = static_cast<std::int32_t>(flat);
    });
    return reading;
}

Reading read_as(const Dims& dims, const std::vector<std::size_t>& order) {
    return inverse_of(stored_as(dims, order));
}

Reading inverse_of(const Reading& reading) {
    Reading inverse(reading.size());
    for (std::size_t i = 0; i < reading.size(); ++i)
        inverse[static_cast<std::size_t>(reading[i])] = static_cast<std::int32_t>(i);
    return inverse;
}

Reading moved(const Dims& dims, const std::function<void(std::vector<std::int64_t>& at)>& from) {
    Reading reading(static_cast<std::size_t>(element_count(dims)));
    std::vector<std::int64_t> source;
    for_all(dims, [&](const std::vector<std::int64_t>& at, std::int64_t place) {
        source = at;
        from(source);
        std::int64_t flat = 0;
        for (std::size_t axis = 0; axis < dims.size() && flat != kZero; ++axis) {
            const bool inside = source[axis] >= 0 && source[axis] < dims[axis];
            flat = inside ? flat * dims[axis] + source[axis] : kZero;
        }
        reading[static_cast<std::size_t>(place)] = static_cast<std::int32_t>(flat);
    });
    return reading;
}

std::vector<AxisOrder> axis_orders(std::int64_t count) {
    std::vector<AxisOrder> orders;
    if (count < 2) return orders;
    orders.push_back({"in reversed order", 4, [count](std::int64_t i) { return count - 1 - i; }});
    const auto rotated = [&](std::int64_t by) {
        orders.push_back({by > 0 ? fmt::format("rotated by {} (each gets the one {} further on)", by, by)
                                 : fmt::format("rotated by {} (each gets the one {} before)", -by, -by),
                          by == 1 || by == -1 ? 5.0 : 7.0,
                          [count, by](std::int64_t i) { return (i + by + count) % count; }});
    };
    for (std::int64_t by = 1; by <= count / 2 && by <= 16; by = by < 4 ? by + 1 : by * 2) {
        rotated(by);
        rotated(-by);
    }
    if (count % 2 == 0) {
        orders.push_back({"with neighbours exchanged", 5, [](std::int64_t i) { return i ^ 1; }});
        orders.push_back({"with halves exchanged", 6, [count](std::int64_t i) { return (i + count / 2) % count; }});
    }
    return orders;
}

std::vector<std::int64_t> proper_divisors(std::int64_t n) {
    std::vector<std::int64_t> divisors;
    for (std::int64_t d = 2; d <= n / 2; ++d) {
        if (n % d == 0) divisors.push_back(d);
    }
    return divisors;
}

void make_raw(Parameter& parameter, const Node& node, const std::string& role, const TensorWords& input,
              const Datapath& datapath) {
    if (!parameter.is_raw()) {
        for (const ParameterWords& words : datapath.parameters(node, input)) {
            if (words.role == role) parameter.raw = words.tensor.words;
        }
    }
    parameter.real.clear();
    parameter.quantizer = WeightQuantizer::Cast;
}

int given_index(const Chain& chain, const std::string& tensor) {
    for (std::size_t i = 0; i < chain.given.size(); ++i) {
        if (chain.given[i].name == tensor) return static_cast<int>(i);
    }
    return -1;
}

std::vector<std::int64_t> wrong_channels(const Evidence& evidence) {
    std::vector<std::int64_t> wrong;
    for (std::size_t c = 0; c < evidence.by_channel.size(); ++c) {
        if (evidence.by_channel[c] > 0) wrong.push_back(static_cast<std::int64_t>(c));
    }
    return wrong;
}

}  // namespace bittrue::diagnose_detail
