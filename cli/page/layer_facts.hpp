// What the page says of one layer: the comparison and the diagnosis brought together, and the words to draw.
#pragma once

#include <string>
#include <vector>

#include "page/diff_page.hpp"

namespace bittrue::cli {

enum class LayerState : std::uint8_t { Equal, Wrong, Follows, Moved, Noise, Undefined, Differs, Unknown };
[[nodiscard]] std::string state_text(LayerState state);   // "wrong by itself"
[[nodiscard]] std::string state_class(LayerState state);  // of style sheet and icons: "wrong"
[[nodiscard]] bool is_fault(LayerState state);            // a reason to look at the layer

// Words of one layer on both sides, beside each other.
struct PageWords {
    Shape shape{};
    Format format{};
    bool has_format = false;
    std::vector<std::int64_t> expected{}, actual{};  // images first, equally many
    std::vector<std::uint8_t> wrong{};               // of each word: differs, or is undefined
    std::vector<std::uint8_t> unknown{};             // of each word: has no value, or is not in the dump
    bool by_itself = false;  // expected: what the layer must give for what it read, not what the network gives
    std::string missing{};   // why there are none, a sentence; empty: there are

    [[nodiscard]] std::int64_t images() const { return shape.count() == 0 ? 0 : std::ssize(expected) / shape.count(); }
};

struct LayerFacts {
    std::string id{};  // of the page: "layer-3"
    const LayerDiff* diff = nullptr;
    const LayerDiagnosis* diagnosis = nullptr;  // or there is none
    std::vector<std::string> inputs{};
    LayerState state{};
    PageWords words{};       // of a layer that is not equal
    std::string sentence{};  // what is the matter with it
    std::string op{};        // "conv2d"; empty: not known

    // Wrong for what it read: the diagnosis's words and counts, not those of diff.
    [[nodiscard]] bool is_judged() const;
    [[nodiscard]] std::int64_t words_wrong() const;
    [[nodiscard]] std::int64_t words_judged() const;
    [[nodiscard]] const Mismatch* first() const;  // the first wrong word, or nullptr
};

[[nodiscard]] std::vector<LayerFacts> layer_facts(const DiffPageFacts& facts);
// The layer to begin with, or nullptr.
[[nodiscard]] const LayerFacts* first_fault(const std::vector<LayerFacts>& layers);

[[nodiscard]] std::string grouped(std::int64_t n);                          // "12,345"
[[nodiscard]] std::string share_text(std::int64_t part, std::int64_t all);  // "0.12 %", never 0 or 100 % by rounding
[[nodiscard]] std::string counted_words(std::int64_t n);                    // "1 word", "1,200 words"

}  // namespace bittrue::cli
