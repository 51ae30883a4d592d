// Where short runs of the expected words stand in a dump: what suggests by how much a part of it has moved.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace bittrue {

// A word, or what stands for it: equal words have equal tokens.
using Token = std::int64_t;

// A well mixed function of a token.
[[nodiscard]] std::uint64_t mix(std::uint64_t value);

struct Hit {
    std::int64_t place = 0;  // of the run among the expected words
    std::int64_t at = 0;     // where the dump has the same run
};

class Windows {
public:
    // Runs of so many words are told apart; longer ones where there are many.
    explicit Windows(std::int64_t words);

    [[nodiscard]] std::int64_t length() const { return length_; }
    // False for a run that hardly changes: it stands everywhere.
    bool add(const std::function<Token(std::int64_t)>& expected, std::int64_t place);
    [[nodiscard]] std::size_t size() const { return runs_.size(); }
    // At most four for each run, by place. One pass over the dump.
    [[nodiscard]] std::vector<Hit> find(std::span<const Token> dump) const;

private:
    struct Run {
        std::uint64_t hash = 0;
        std::int64_t place = 0;
    };
    std::int64_t length_;
    std::vector<Run> runs_{};
};

}  // namespace bittrue
