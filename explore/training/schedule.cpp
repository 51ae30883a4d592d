#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/explore/train.hpp"
#include "bittrue/model/error.hpp"

namespace bittrue::explore {

namespace {

constexpr const char* kExample = "write epoch:rate, for example 0:1,70:0.7";

template <class Number>
Number whole_number(const std::string& text, const std::string& all) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty())
        throw InputError("--schedule", fmt::format("'{}' is no schedule; {}", all, kExample));
    return value;
}

LearningRate rounded(double rate, int width, int frac) {
    const double scaled = std::nearbyint(std::ldexp(rate, frac));  // half to even
    const double most = std::ldexp(1.0, width) - 1;
    if (!(scaled >= 1 && scaled <= most))
        throw InputError("--schedule",
                         fmt::format("the learning rate {} is no word of {} bits with {} behind the point; "
                                     "{} to {} are, and [training] learning_rate gives others",
                                     rate, width, frac, std::ldexp(1.0, -frac), std::ldexp(most, -frac)));
    return {.raw = static_cast<int>(scaled), .frac = frac};
}

}  // namespace

std::vector<RateChange> parse_schedule(const std::string& text, int width, int frac) {
    std::vector<RateChange> schedule;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string part = text.substr(begin, end - begin);
        begin = end + 1;
        const std::size_t colon = part.find(':');
        if (colon == std::string::npos)
            throw InputError("--schedule", fmt::format("'{}' is no schedule; {}", text, kExample));
        const auto epoch = whole_number<std::uint64_t>(part.substr(0, colon), text);
        const auto rate = whole_number<double>(part.substr(colon + 1), text);
        if (schedule.empty() ? epoch != 0 : epoch <= schedule.back().epoch)
            throw InputError("--schedule",
                             fmt::format("'{}' does not begin at epoch 0 and ascend; {}", text, kExample));
        schedule.push_back({.epoch = epoch, .rate = rounded(rate, width, frac)});
    }
    return schedule;
}

LearningRate rate_at(const std::vector<RateChange>& schedule, std::uint64_t epoch) {
    LearningRate rate = schedule.front().rate;
    for (const RateChange& change : schedule) {
        if (change.epoch <= epoch) rate = change.rate;
    }
    return rate;
}

}  // namespace bittrue::explore
