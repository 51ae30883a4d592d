// From what a file says to the words of a layer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bittrue/vectors/vector_set.hpp"
#include "bittrue/vectors/word_file.hpp"

namespace bittrue {

// Words of a known shape. `reason` is empty when they are all there, otherwise it says why not and `words` is empty.
struct Settled {
    std::vector<std::int64_t> words{};  // C order of the shape
    std::vector<std::int64_t> undefined{};
    std::vector<std::string> undefined_bits{};
    std::vector<std::string> notes{};
    std::string reason{};
};

// Nothing is cut: words that have more bits than the packing says, or values that are no words of the format, are a
// reason. The file's words are moved out of it where that saves a copy, but not when there is a reason.
[[nodiscard]] Settled settle(FileWords& file, const Packing& packing, const PackedShape& shape,
                             const std::string& where);

// The file without a shape from elsewhere: bit patterns, integers of the file's container, or decimals. Lanes of the
// packing are taken in their order; `format` is that of an element, where it is known. InputError for words beyond 64
// bits that no lanes divide.
[[nodiscard]] VectorLayer layer_alone(const FileWords& file, const Packing& packing, std::optional<Format> format,
                                      const std::string& where);

// Packed words as lanes of the format, in so many words as the shape needs and with the padding they must have: the
// packing that fits, if one does. The first lane is in the low bits, unless only the high ones fit; then AXI4-Stream
// beats are tried.
[[nodiscard]] std::optional<Packing> lanes_that_fit(const FileWords& file, const PackedShape& shape);

// The raw of the format that this decimal is; nothing where it is none or, printed with so many digits, several.
[[nodiscard]] std::optional<std::int64_t> word_of_decimal(const Decimal& value, int precision, Format format);

// Significant digits that the printer of these decimals kept, at least: 6 or what the longest one has.
[[nodiscard]] int precision_of(const std::vector<Decimal>& decimals);

}  // namespace bittrue
