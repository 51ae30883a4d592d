// The words of one side as integers, whatever the file they came from left open.
#pragma once

#include <optional>
#include <string>

#include "bittrue/vectors/vector_set.hpp"

namespace bittrue {

class WordReader {
public:
    // `format` is what the words mean, from either side; empty where neither knows. `side` names the layer's file
    // or "the expected side" in notes.
    WordReader(const VectorLayer& layer, const std::optional<Format>& format, const std::string& side);

    [[nodiscard]] i128 raw(std::int64_t flat) const;
    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(layer_.words.size()); }
    // What was taken for granted, in a sentence; empty: nothing.
    [[nodiscard]] const std::string& note() const { return note_; }

private:
    enum class Reading : std::uint8_t { Integers, Patterns, OtherSign };
    [[nodiscard]] i128 raw_of_pattern(std::uint64_t pattern) const;

    const VectorLayer& layer_;
    std::optional<Format> format_;
    Reading reading_ = Reading::Integers;
    std::string note_{};
};

}  // namespace bittrue
