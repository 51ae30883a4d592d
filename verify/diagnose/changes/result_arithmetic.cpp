#include "changes/result_arithmetic.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "changes/channel_set.hpp"
#include "subject/words.hpp"

namespace bittrue::diagnose_detail {

namespace {

class ResultArithmetic {
public:
    explicit ResultArithmetic(const Maker& maker)
        : maker_(maker),
          subject_(maker.subject),
          node_(maker.subject.last()),
          shape_(node_.shape),
          format_(node_.result.format),
          where_(wrong_channel_set(maker)) {}

    void add() {
        offsets();
        shifts();
    }

private:
    using WordChange = std::function<std::int64_t(std::int64_t)>;

    [[nodiscard]] std::int64_t channel(std::size_t word) const {
        return shape_.channel_of(static_cast<std::int64_t>(word) % shape_.count());
    }
    [[nodiscard]] double where_bits() const {
        return where_.lanes == 1 ? 0 : std::max(4.0, std::log2(static_cast<double>(where_.lanes)));
    }

    // `change` is made to the words of the channels that are wrong.
    void offer(Cause cause, const std::string& found, const std::string& text, double bits, WordChange change) {
        Candidate candidate;
        candidate.change = {.cause = cause,
                            .node = node_.name,
                            .setting = "result",
                            .expected = "as computed",
                            .found = found,
                            .text = text};
        candidate.bits = bits + where_bits();
        candidate.priority = 20;
        candidate.slot = node_.name + ".result.arithmetic";
        candidate.apply = [change = std::move(change), where = where_, shape = shape_](Variant& variant) {
            variant.after.push_back([change, where, shape](std::vector<std::int64_t>& words) {
                const auto count = static_cast<std::size_t>(shape.count());
                for (std::size_t i = 0; i < words.size(); ++i) {
                    if (where.has(shape.channel_of(static_cast<std::int64_t>(i % count)))) words[i] = change(words[i]);
                }
            });
            return true;
        };
        maker_.candidates.push_back(std::move(candidate));
    }

    // Whether a change of the expected words gives many of the wrong ones: what is not worth a run.
    [[nodiscard]] bool gives_many(const WordChange& change) const {
        std::int64_t wrong = 0, given = 0;
        for (std::size_t i = 0; i < subject_.actual.size(); ++i) {
            if (!subject_.is_wrong(i) || !where_.has(channel(i))) continue;
            ++wrong;
            given += change(subject_.expected()[i]) == subject_.actual[i] ? 1 : 0;
        }
        return wrong > 1 && 3 * given >= wrong;
    }

    // The distance that most wrong words have.
    [[nodiscard]] i128 usual_distance() const {
        std::map<i128, std::int64_t> counts;
        for (std::size_t i = 0; i < subject_.actual.size(); ++i) {
            if (!subject_.is_wrong(i)) continue;
            ++counts[raw_from_word(subject_.actual[i], format_) - raw_from_word(subject_.expected()[i], format_)];
        }
        const auto most = std::max_element(counts.begin(), counts.end(),
                                           [](const auto& a, const auto& b) { return a.second < b.second; });
        return most == counts.end() ? 0 : most->first;
    }

    // The same number added to every word: a rounding constant, the "+ 1" of a two's complement.
    void offsets() {
        const i128 by = usual_distance();
        if (by == 0 || where_.lanes >= shape_.channels()) return;  // of one channel: its bias
        const auto saturates = [by, type = node_.result](std::int64_t word) {
            const i128 raw = raw_from_word(word, type.format) + by;
            return word_from_raw(std::clamp(raw, range_min(type), range_max(type)));
        };
        const auto wraps = [by, format = format_](std::int64_t word) {
            return word_from_pattern(static_cast<std::uint64_t>(raw_from_word(word, format) + by), format);
        };
        const i128 size = by < 0 ? -by : by;
        const double bits = 6.5 + 2 * std::log2(static_cast<double>(size));
        const std::string found = fmt::format("{}{} lsb", by > 0 ? "+" : "-", word_from_raw(size));
        const auto add = [&](const std::string& how, double more, auto change) {
            if (!gives_many(change)) return;
            offer(size == 1 ? Cause::ResultRounding : Cause::ZeroPoint, found,
                  fmt::format("every word of its result{} is {} lsb too {}{}", where_.text(shape_.channels()),
                              word_from_raw(size), by > 0 ? "high" : "low", how),
                  bits + more, change);
        };
        const bool clamps = node_.result.overflow != Overflow::Wrap && node_.result.overflow != Overflow::WrapSm;
        // Where no word comes to an end of the range both are one.
        const auto& expected = subject_.expected();
        const bool are_one = std::all_of(expected.begin(), expected.end(),
                                         [&](std::int64_t word) { return saturates(word) == wraps(word); });
        if (clamps || !are_one) add(clamps ? "" : " (saturating)", clamps ? 0 : 1, saturates);
        if (!clamps || !are_one) add(clamps ? " (wrapping)" : "", clamps ? 1 : 0, wraps);
    }

    // Shifted behind the cast, the lowest bits lost; or the highest.
    void shifts() {
        constexpr int kMost = 4;
        for (int k = 1; k <= kMost && k < format_.width; ++k) {
            const auto right = [k, format = format_](std::int64_t word) {
                return word_from_raw(raw_from_word(word, format) >> k);
            };
            const auto logical = [k, format = format_](std::int64_t word) {
                return word_from_pattern(pattern_from_word(word, format) >> k, format);
            };
            const auto left = [k, format = format_](std::int64_t word) {
                return word_from_pattern(pattern_from_word(word, format) << k, format);
            };
            const auto add = [&](const std::string& found, double bits, auto change) {
                if (!gives_many(change)) return;
                offer(Cause::ResultFormat, found,
                      fmt::format("its result{} is {} behind its cast", where_.text(shape_.channels()), found),
                      bits + std::log2(k), change);
            };
            const std::string by = count_of(k, "bit");
            add(fmt::format("shifted right by {}", by), 7, right);
            if (format_.is_signed) add(fmt::format("shifted right by {}, zeros above", by), 8, logical);
            add(fmt::format("shifted left by {}", by), 7.5, left);
        }
    }

    const Maker& maker_;
    const Subject& subject_;
    const Node& node_;
    const Shape& shape_;
    Format format_;
    ChannelSet where_;
};

}  // namespace

void add_result_arithmetic(const Maker& maker) {
    ResultArithmetic(maker).add();
}

}  // namespace bittrue::diagnose_detail
