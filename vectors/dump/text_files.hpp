// Texts of numbers: logs of hls4ml, numbers between blanks or commas, lines of a user's $fwrite.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bittrue/vectors/dump.hpp"
#include "dump/text_words.hpp"

namespace bittrue::dump {

// The layer that a bare file of `count` words holds when nobody says so: by its name (without extensions, without
// "_output"; csim_results and the like are the last layer), else the layer whose name is within its name, else the only
// layer of that many words (or a whole number of images of it), else its name.
[[nodiscard]] std::string layer_of_file(const std::string& path, std::int64_t count, const VectorSet* schema,
                                        std::vector<std::string>& notes);

// A line or more per sample, decimal values. A log that holds the expected number of samples several times over was
// appended to by several runs: the last is taken, with a note. An empty source.layer is found by layer_of_file.
[[nodiscard]] VectorLayer read_hls4ml_log(const std::string& path, DumpSource source, const DumpOptions& options,
                                          std::vector<std::string>& notes);

// Numbers between blanks, commas, semicolons, brackets; '#' and // begin comments.
[[nodiscard]] VectorLayer read_numbers(const std::string& path, TextKind kind, DumpSource source,
                                       const DumpOptions& options, std::vector<std::string>& notes);

// What the numbers of a text look like, by its beginning; none when there is anything else in it.
enum class NumberLook : std::uint8_t { None, Hex, Integers, Values };
[[nodiscard]] NumberLook look_of_numbers(std::string_view beginning);

// One layer, or several where the pattern has {layer}. InputError for a bad pattern, and when no line matches.
[[nodiscard]] std::vector<VectorLayer> read_pattern_text(const std::string& path, const std::string& pattern,
                                                         DumpSource source, const DumpOptions& options,
                                                         std::vector<std::string>& notes);

}  // namespace bittrue::dump
