// Images that are made to tell datapaths apart: ends of the range, sums at ties and at the ends of types, single words.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "telling/telling.hpp"
#include "telling/telling_sums.hpp"

namespace bittrue::diagnose_detail {

// splitmix64: the same numbers on every machine.
class Draws {
public:
    explicit Draws(std::uint64_t state) : state_(state) {}
    std::uint64_t next();
    std::int64_t below(std::int64_t count) {
        return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(count));
    }
    i128 within(const RawRange& range);  // each about equally likely
    bool coin() { return (next() & 1U) != 0; }

private:
    std::uint64_t state_;
};

// Raws of one image: of every given tensor.
using Probe = std::vector<std::vector<i128>>;

class ProbeMaker {
public:
    // `sums`: of the linear layers that read a given tensor directly, as each of the datapaths has them.
    ProbeMaker(const Subject& subject, std::vector<RawRange> ranges, std::vector<LinearSums> sums)
        : subject_(subject), ranges_(std::move(ranges)), sums_(std::move(sums)) {}

    // The simple ones first, then all kinds in turn, without an end.
    [[nodiscard]] Probe next();
    [[nodiscard]] i128 zero(std::size_t given) const;  // or what is nearest to it

private:
    using Word = std::function<i128(std::size_t given, std::int64_t element)>;
    [[nodiscard]] Probe filled(const Word& word) const;
    [[nodiscard]] i128 fit(i128 raw, std::size_t given) const;
    [[nodiscard]] Probe simple(std::uint64_t number);
    [[nodiscard]] Probe single();
    [[nodiscard]] Probe ramp();
    [[nodiscard]] Probe random();
    [[nodiscard]] Probe mutated();
    [[nodiscard]] Probe special();
    [[nodiscard]] Probe swing();
    [[nodiscard]] Probe solved();
    [[nodiscard]] i128 special_raw(std::size_t given);
    // Moves words so that `left` of a sum becomes less.
    void approach(i128& left, const LinearTerms& terms, std::vector<i128>& raws, std::size_t given);

    const Subject& subject_;
    std::vector<RawRange> ranges_;
    std::vector<LinearSums> sums_;
    Draws draws_{0x7e111e6};
    std::uint64_t made_ = 0;
};

}  // namespace bittrue::diagnose_detail
