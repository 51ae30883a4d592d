// Numbers in another arrangement: which place is read instead of which, of weights and of the words of an image.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "changes/candidates.hpp"
#include "changes/type_places.hpp"

namespace bittrue::diagnose_detail {

// Place i of an array holds what belongs at place from(i); kZero: a zero.
struct Reading {
    std::int64_t count = 0;
    std::function<std::int64_t(std::int64_t place)> from{};
};
inline constexpr std::int64_t kZero = -1;

// A reading under its name.
struct Arrangement {
    std::string found{};  // "in reversed order"
    double bits = 4;
    Reading reading{};
};

// Remembers readings by some of their places, so that those are offered once that are the same for a shape, and none
// that changes nothing.
class Distinct {
public:
    // Whether the reading is new and no identity.
    [[nodiscard]] bool is_new(const Reading& reading);

private:
    std::set<std::pair<std::uint64_t, std::uint64_t>> seen_{};
};

// Every image of `words` (as many as the reading is long) read anew.
void rearrange(std::vector<std::int64_t>& words, const Reading& reading);
void rearrange(Parameter& parameter, const Reading& reading);

// What is read from an array whose axes `dims` are stored with axis order[0] slowest, by one that takes it for stored
// in the axes' own order; and the other way round.
[[nodiscard]] Reading stored_as(const Dims& dims, const std::vector<std::size_t>& order);
[[nodiscard]] Reading read_as(const Dims& dims, const std::vector<std::size_t>& order);

// A reading from the place that `from` gives for each place (its coordinates along dims, changed by it); a coordinate
// outside is kZero.
[[nodiscard]] Reading moved(const Dims& dims, std::function<void(std::vector<std::int64_t>& at)> from);
// A memory of `count` words: each comes from the word `by` further on, round the ends or no further than them.
[[nodiscard]] Reading shifted(std::int64_t count, std::int64_t by, bool wraps, std::int64_t words_at_address = 1);

// How well an order of many words goes with the wrong ones, 0..1: it leaves few right, and takes them anywhere.
[[nodiscard]] double order_fit(const Evidence& evidence);
// Whether so few words are wrong, or in so few channels, that no other order can be meant.
[[nodiscard]] bool is_no_order(const Evidence& evidence);
// In the scale of all families.
[[nodiscard]] int priority_of(double bits, double fit);

// Orders of `count` things along an axis: reversed, rotated either way, neighbours exchanged, halves exchanged. Each
// gives for a number the number that is read instead.
struct AxisOrder {
    std::string found{};
    double bits = 4;
    std::function<std::int64_t(std::int64_t)> from{};
};
[[nodiscard]] std::vector<AxisOrder> axis_orders(std::int64_t count);

// Divisors of n that are neither 1 nor n, ascending.
[[nodiscard]] std::vector<std::int64_t> proper_divisors(std::int64_t n);

// The parameter as words of its format, whatever it was before; `role` as in ParameterWords. `input` is any tensor of
// the shape and type that the node reads.
void make_raw(Parameter& parameter, const Node& node, const std::string& role, const TensorWords& input,
              const Datapath& datapath);

// Number of the tensor among the given ones, -1 where it is none.
[[nodiscard]] int given_index(const Chain& chain, const std::string& tensor);

// Channels of the result with a wrong word, ascending.
[[nodiscard]] std::vector<std::int64_t> wrong_channels(const Evidence& evidence);

}  // namespace bittrue::diagnose_detail
