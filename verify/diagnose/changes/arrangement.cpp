#include "changes/arrangement.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace bittrue::diagnose_detail {

namespace {

using Places = std::vector<std::int64_t>;

// Of a place in storage order, along each of the dims.
void split(std::int64_t place, const Dims& dims, Places& at) {
    at.resize(dims.size());
    for (std::size_t axis = dims.size(); axis-- > 0; place /= dims[axis]) at[axis] = place % dims[axis];
}

std::int64_t joined(const Places& at, const Dims& dims) {
    std::int64_t place = 0;
    for (std::size_t axis = 0; axis < dims.size(); ++axis) {
        if (at[axis] < 0 || at[axis] >= dims[axis]) return kZero;
        place = place * dims[axis] + at[axis];
    }
    return place;
}

Dims in_order(const Dims& dims, const std::vector<std::size_t>& order) {
    Dims stored;
    for (const std::size_t axis : order) stored.push_back(dims[axis]);
    return stored;
}

// Of one thread; a reading asks for its places one by one.
Places& room() {
    thread_local Places places;
    return places;
}
Places& more_room() {
    thread_local Places places;
    return places;
}

template <class T>
void rearrange_block(std::vector<T>& values, std::size_t begin, const std::vector<std::int64_t>& from,
                     std::vector<T>& old) {
    old.assign(values.begin() + static_cast<std::ptrdiff_t>(begin),
               values.begin() + static_cast<std::ptrdiff_t>(begin + from.size()));
    for (std::size_t i = 0; i < from.size(); ++i)
        values[begin + i] = from[i] == kZero ? T{} : old[static_cast<std::size_t>(from[i])];
}

std::vector<std::int64_t> all_places(const Reading& reading) {
    std::vector<std::int64_t> from(static_cast<std::size_t>(reading.count));
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = reading.from(static_cast<std::int64_t>(i));
    return from;
}

}  // namespace

bool Distinct::is_new(const Reading& reading) {
    constexpr std::int64_t kAll = 1024;
    std::uint64_t a = static_cast<std::uint64_t>(reading.count), b = 0x9e3779b97f4a7c15, draw = 1;
    bool same = true;
    for (std::int64_t i = 0; i < std::min(reading.count, kAll); ++i) {
        std::int64_t place = i;
        if (reading.count > kAll && i >= kAll / 8) {
            draw = draw * 0x5851f42d4c957f2d + 0x14057b7ef767814f;
            place = static_cast<std::int64_t>((draw >> 33) % static_cast<std::uint64_t>(reading.count));
        }
        const std::int64_t from = reading.from(place);
        same = same && from == place;
        a = (a ^ static_cast<std::uint64_t>(from)) * 0x100000001b3;
        b = (b + static_cast<std::uint64_t>(from)) * 0xd6e8feb86659fd93 ^ b >> 29;
    }
    return !same && seen_.emplace(a, b).second;
}

void rearrange(std::vector<std::int64_t>& words, const Reading& reading) {
    const std::vector<std::int64_t> from = all_places(reading);
    std::vector<std::int64_t> old;
    for (std::size_t begin = 0; begin + from.size() <= words.size() && !from.empty(); begin += from.size())
        rearrange_block(words, begin, from, old);
}

void rearrange(Parameter& parameter, const Reading& reading) {
    const std::vector<std::int64_t> from = all_places(reading);
    std::vector<double> reals;
    std::vector<std::int64_t> raws;
    if (parameter.raw.size() == from.size()) rearrange_block(parameter.raw, 0, from, raws);
    if (parameter.real.size() == from.size()) rearrange_block(parameter.real, 0, from, reals);
}

Reading stored_as(const Dims& dims, const std::vector<std::size_t>& order) {
    return {element_count(dims), [dims, order, stored = in_order(dims, order)](std::int64_t place) {
                Places &at = room(), &own = more_room();
                split(place, stored, at);
                own.resize(dims.size());
                for (std::size_t i = 0; i < order.size(); ++i) own[order[i]] = at[i];
                return joined(own, dims);
            }};
}

Reading read_as(const Dims& dims, const std::vector<std::size_t>& order) {
    return {element_count(dims), [dims, order, stored = in_order(dims, order)](std::int64_t place) {
                Places &at = room(), &own = more_room();
                split(place, dims, own);
                at.resize(dims.size());
                for (std::size_t i = 0; i < order.size(); ++i) at[i] = own[order[i]];
                return joined(at, stored);
            }};
}

Reading moved(const Dims& dims, std::function<void(std::vector<std::int64_t>& at)> from) {
    return {element_count(dims), [dims, from = std::move(from)](std::int64_t place) {
                Places& at = room();
                split(place, dims, at);
                from(at);
                return joined(at, dims);
            }};
}

Reading shifted(std::int64_t count, std::int64_t by, bool wraps, std::int64_t words_at_address) {
    const std::int64_t addresses = count / words_at_address;
    return {count, [=](std::int64_t place) {
                const std::int64_t to = place / words_at_address + by;
                const std::int64_t address =
                    wraps ? (to + addresses) % addresses : std::clamp<std::int64_t>(to, 0, addresses - 1);
                return address * words_at_address + place % words_at_address;
            }};
}

double order_fit(const Evidence& evidence) {
    if (evidence.different == 0) return 0;
    const auto different = static_cast<double>(evidence.different);
    const double near = static_cast<double>(evidence.by_one) / different;
    const double one_sided = std::abs(static_cast<double>(evidence.above - evidence.below)) / different;
    return std::min(1.0, evidence.share() / 0.1) * (1 - near) * (1 - one_sided / 2);
}

bool is_no_order(const Evidence& evidence) {
    constexpr std::size_t kSomeChannels = 4;
    const auto channels = evidence.by_channel.size();
    const auto wrong = static_cast<std::size_t>(std::count_if(evidence.by_channel.begin(), evidence.by_channel.end(),
                                                              [](std::int64_t count) { return count > 0; }));
    const bool in_few_channels = channels > kSomeChannels && wrong * 4 < channels;
    return in_few_channels || (evidence.share() < 0.002 && evidence.different < 20);
}

int priority_of(double bits, double fit) {
    return static_cast<int>(10 * bits + 50 * (1 - fit));
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
