#include "dump/index_order.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"

namespace bittrue::dump {
namespace {

constexpr std::int64_t kSpareWords = 4096;  // holes that a text may have beside as many words as it holds

std::size_t at(std::int64_t index) {
    return static_cast<std::size_t>(index);
}

}  // namespace

IndexOrder order_by_index(const std::vector<std::int64_t>& indices, const VectorLayer* expected,
                          const std::function<bool(std::size_t, std::size_t)>& equal,
                          const std::function<std::string(std::size_t)>& line_of, const std::string& where) {
    IndexOrder order;
    if (indices.empty()) return order;
    const auto count = static_cast<std::int64_t>(indices.size());
    const std::int64_t words = expected == nullptr ? 0 : expected->word_count();
    const std::int64_t limit = std::max(words, 2 * count + kSpareWords);
    for (std::size_t i = 0; i < indices.size(); ++i) {
        if (indices[i] >= 0 && indices[i] < limit) continue;
        throw InputError(line_of(i), fmt::format("index {} is none of a layer with {} words", indices[i],
                                                 words > 0 ? words : count));
    }
    const std::int64_t most = *std::max_element(indices.begin(), indices.end());
    std::vector<std::int64_t> times(at(most) + 1, 0);
    for (const std::int64_t index : indices) ++times[at(index)];
    const std::int64_t repeats = *std::max_element(times.begin(), times.end());
    const bool even = std::all_of(times.begin(), times.end(), [&](std::int64_t n) { return n == repeats; });

    // Length of an image if indices begin again with each; 0: they do not.
    std::int64_t block = 0;
    if (repeats > 1) {
        const std::int64_t per_image = expected == nullptr ? 0 : expected->words_per_image();
        if (per_image > 0 && most < per_image) {
            block = per_image;
        } else if (expected == nullptr && even) {
            block = most + 1;
        }
    }
    if (block > 0) {
        order.notes.push_back(
            fmt::format("{}: its indices begin again, up to {} times; each time is an image of {} "
                        "words",
                        where, repeats, block));
    }
    if (block > 0 && repeats * block > std::max(limit, 4 * count + kSpareWords)) {
        throw InputError(where,
                         fmt::format("index {} comes {} times, but most others do not", indices.front(), repeats));
    }
    order.entries.assign(at(block > 0 ? repeats * block : most + 1), -1);
    std::fill(times.begin(), times.end(), 0);
    std::int64_t again = 0;
    for (std::size_t i = 0; i < indices.size(); ++i) {
        const std::int64_t place = indices[i] + block * times[at(indices[i])]++;
        std::int64_t& entry = order.entries[at(place)];
        if (entry >= 0) {
            if (!equal(at(entry), i)) {
                throw InputError(line_of(i), fmt::format("index {} comes a second time with another word; the first "
                                                         "is in {}",
                                                         indices[i], line_of(at(entry))));
            }
            ++again;
            continue;
        }
        entry = static_cast<std::int64_t>(i);
    }
    if (again > 0) order.notes.push_back(fmt::format("{}: {} words come twice and are equal", where, again));
    for (std::size_t i = 0; i < order.entries.size(); ++i) {
        if (order.entries[i] >= 0) continue;
        if (order.holes++ == 0) order.first_hole = static_cast<std::int64_t>(i);
    }
    if (order.holes > 0) {
        order.notes.push_back(fmt::format("{}: {} words are missing, the first has index {}; they count as x", where,
                                          order.holes, order.first_hole));
    }
    return order;
}

}  // namespace bittrue::dump
