#include "search/verdict.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace bittrue::diagnose_detail {
namespace {

constexpr std::int64_t kFew = 4;  // fewer wrong words say little

std::string words_text(std::int64_t count, const char* kind = "") {
    return fmt::format("{} {}word{}", count, kind, count == 1 ? "" : "s");
}

// "all 311 wrong words", "300 of 311 wrong words"
std::string share_text(std::int64_t explained, std::int64_t different) {
    if (explained < different) return fmt::format("{} of {}", explained, words_text(different, "wrong "));
    return different == 1 ? "the one wrong word" : fmt::format("all {}", words_text(different, "wrong "));
}

// Of a layer that was computed, too: what a layer reads is its own matter.
std::string change_text(const LayerDiagnosis& diagnosis, const Change& change) {
    const auto& nodes = diagnosis.chain.nodes;
    const bool is_other = change.node != diagnosis.layer &&
                          std::any_of(nodes.begin(), nodes.end(), [&](const Node& n) { return n.name == change.node; });
    return is_other ? fmt::format("in '{}' {}", change.node, change.text) : change.text;
}

std::string changes_text(const LayerDiagnosis& diagnosis, const Hypothesis& hypothesis) {
    std::string text;
    for (const Change& change : hypothesis.changes) {
        if (!text.empty()) text += ", and ";
        text += change_text(diagnosis, change);
    }
    return text;
}

std::string findings_text(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings) {
        if (finding.benign) continue;
        if (!text.empty()) text += ", ";
        text += finding.text;
    }
    return text;
}

// "455 single changes and 12 pairs"
std::string tried_text(const LayerDiagnosis& diagnosis) {
    return fmt::format("{} single changes{}{}", diagnosis.tried,
                       diagnosis.pairs_tried > 0 ? fmt::format(" and {} pairs", diagnosis.pairs_tried) : "",
                       diagnosis.out_of_time ? " (time was up before all were tried)" : "");
}

// What else is in the way, as clauses.
std::string rest_text(const Case& c) {
    std::string text;
    if (!c.other_shape.empty()) text += fmt::format("; {}: look there first", c.other_shape);
    if (c.words_undefined > 0) text += fmt::format("; {} undefined (x or z)", words_text(c.words_undefined));
    if (c.words_missing > 0) text += fmt::format("; {} missing", words_text(c.words_missing));
    return text;
}

// Which images are wrong, where they stand together: "image 5", "images 12 to 19".
std::string images_text(const Evidence& evidence, const std::vector<std::uint32_t>& numbers) {
    std::size_t first = 0, last = 0, wrong = 0;
    for (std::size_t i = 0; i < evidence.by_image.size(); ++i) {
        if (evidence.by_image[i] == 0) continue;
        if (wrong++ == 0) first = i;
        last = i;
    }
    const bool some = wrong > 0 && wrong < evidence.by_image.size() && last - first + 1 == wrong;
    if (!some || last >= numbers.size()) return {};
    if (wrong == 1) return fmt::format("image {}", numbers[first]);
    return fmt::format("images {} to {}{}", numbers[first], numbers[last],
                       last + 1 == evidence.by_image.size() ? " (the last)" : "");
}

// What the places of the wrong words say where no change explains them, as a clause.
std::string hint_text(const LayerDiagnosis& diagnosis, const Evidence& evidence,
                      const std::vector<std::uint32_t>& numbers) {
    const std::int64_t wrong = evidence.different;
    if (wrong < kFew) return {};
    if (evidence.tail_from > 0 && evidence.tail_wrong == wrong && wrong * 4 >= evidence.words - evidence.tail_from) {
        return fmt::format(
            "; from word {} on all words of the dump are {}, those before are right: it ends early, or "
            "the last words were not written",
            evidence.tail_from, evidence.tail_raw);
    }
    if (const std::string images = images_text(evidence, numbers); !images.empty())
        return fmt::format("; only {} {} wrong", images, images.starts_with("images") ? "are" : "is");
    const bool all_images =
        evidence.by_image.size() > 1 &&
        std::none_of(evidence.by_image.begin(), evidence.by_image.end(), [](std::int64_t n) { return n == 0; });
    if (all_images && diagnosis.given_dumped.empty() && evidence.share() > 0.25)
        return "; the dump does not have what it read: are both sides about the same images?";
    return {};
}

std::string images_count(std::int64_t count) {
    return count == 1 ? "one image" : fmt::format("{} images", count);
}

// By how many images the dump is ahead (behind, negative) of what it must give; 0: it is not, or no more than that.
std::int64_t images_ahead(const Subject& subject) {
    constexpr std::int64_t kFurthest = 4, kWordsOfImages = 16;
    const auto images = static_cast<std::int64_t>(subject.images);
    const std::int64_t size = subject.per_image();
    // Neighbours in the subject must be neighbours in the dump.
    if (images < 3 || subject.image_numbers.back() - subject.image_numbers.front() + 1 != subject.images) return 0;
    const auto stands = [&](std::int64_t by) {
        const std::int64_t from = std::max<std::int64_t>(-by, 0), to = std::min(images, images - by);
        if (to - from < 2 || (to - from) * size < kWordsOfImages) return false;
        for (std::int64_t i = from * size; i < to * size; ++i) {
            const auto at = static_cast<std::size_t>(i), want = static_cast<std::size_t>(i + by * size);
            if (subject.is_masked(at) || subject.actual[at] != subject.expected()[want]) return false;
        }
        return true;
    };
    for (std::int64_t by = 1; by <= kFurthest && by < images; ++by) {
        if (stands(by)) return by;
        if (stands(-by)) return -by;
    }
    return 0;
}

}  // namespace

std::optional<Judgement> judge_without_search(const Case& c, const Evidence& evidence) {
    if (!c.why_unknown.empty())
        return Judgement{Verdict::Unknown, fmt::format("{}: cannot be judged: {}", c.layer, c.why_unknown)};
    if (evidence.different > 0) return {};
    if (c.ambiguous_different > 0) {
        return Judgement{Verdict::Unknown,
                         fmt::format("{}: {} of the log differ from what it must give, but more than one word prints "
                                     "so: dump words, or decimals with more digits",
                                     c.layer, words_text(c.ambiguous_different))};
    }
    if (c.words_undefined > 0 && evidence.words == 0) {
        return Judgement{Verdict::Undefined,
                         fmt::format("{}: {} undefined (x or z), and no other word can be judged: look for a register "
                                     "or memory without reset, or words dumped too early",
                                     c.layer,
                                     c.words_undefined == 1 ? "its one word is"
                                                            : fmt::format("all {} words are", c.words_undefined))};
    }
    if (c.words_undefined > 0) {
        return Judgement{
            Verdict::Undefined,
            fmt::format("{}: {} undefined (x or z), all others are right for what it read: look for a "
                        "register or memory without reset, or words dumped too early",
                        c.layer, c.words_undefined == 1 ? "1 word is" : words_text(c.words_undefined) + " are")};
    }
    if (c.words_missing > 0) {
        return Judgement{
            Verdict::Unknown,
            fmt::format("{}: {} missing from the dump, all others are right for what it read{}", c.layer,
                        words_text(c.words_missing), c.other_shape.empty() ? "" : fmt::format("; {}", c.other_shape))};
    }
    if (c.ignores_dump) {
        return Judgement{Verdict::Equal,
                         fmt::format("{}: right for what it must have read: the words that the dump has "
                                     "of the layer before it are not what it computed with",
                                     c.layer)};
    }
    return Judgement{Verdict::Equal, fmt::format("{}: right for what it read", c.layer)};
}

std::optional<Judgement> judge_images_ahead(const Case& c) {
    const std::int64_t ahead = images_ahead(c.subject);
    if (ahead <= 0) return {};
    return Judgement{
        Verdict::Moved,
        fmt::format("{}: its words are right for what it read, but {} early in the dump: {} missing at its beginning",
                    c.layer, images_count(ahead), ahead == 1 ? "the first is" : "so many are")};
}

Judgement judge_moved(const Case& c) {
    if (const std::int64_t ahead = images_ahead(c.subject); ahead < 0) {
        return {Verdict::Moved, fmt::format("{}: its words are right for what it read, but {} late in the dump",
                                            c.layer, images_count(-ahead))};
    }
    return {Verdict::Moved, fmt::format("{}: its words are right for what it read, but stand elsewhere in the dump: {}",
                                        c.layer, findings_text(c.findings))};
}

bool looks_like_noise(const Evidence& evidence, int width) {
    const std::int64_t wrong = evidence.different;
    if (wrong == 0) return false;
    // A wrong setting of the arithmetic is wrong in many words, and mostly in the lowest bits.
    if (evidence.one_bit * 10 < wrong * 7) return false;
    std::int64_t bits = 0, most = 0;
    for (const std::int64_t count : evidence.bit) {
        bits += count;
        most = std::max(most, count);
    }
    const bool spread_bits = width <= 2 || most * 2 <= bits || wrong <= 4;
    std::int64_t most_of_channel = 0;
    for (const std::int64_t count : evidence.by_channel) most_of_channel = std::max(most_of_channel, count);
    const bool spread_channels = evidence.by_channel.size() < 2 || wrong <= 4 || most_of_channel * 4 <= wrong * 3;
    return spread_bits && spread_channels && (wrong <= 4 || evidence.share() < 0.5);
}

Judgement judge(const LayerDiagnosis& diagnosis, const Case& c, const Evidence& evidence, double null_bits) {
    const std::string hint = hint_text(diagnosis, evidence, (c.is_moved_judged ? *c.moved : c.subject).image_numbers);
    const std::int64_t different = diagnosis.words_different;
    const int width = diagnosis.chain.nodes.back().result.format.width;
    const std::string rest = rest_text(c);
    const bool is_doubtful = !diagnosis.hypotheses.empty() && diagnosis.hypotheses.front().bits >= null_bits - 1;
    if (!diagnosis.hypotheses.empty() && !is_doubtful) {
        const Hypothesis& best = diagnosis.hypotheses.front();
        const std::string text = fmt::format("{}: {}", diagnosis.layer, changes_text(diagnosis, best));
        const auto alike = std::count_if(diagnosis.hypotheses.begin(), diagnosis.hypotheses.end(),
                                         [&best](const Hypothesis& h) { return h.group == best.group; }) -
                           1;
        const std::string others = alike == 0 ? ""
                                              : fmt::format("; {} other change{} the same words on this data", alike,
                                                            alike == 1 ? " gives" : "s give");
        if (best.explained == different && best.spoiled == 0) {
            const bool is_pair = best.changes.size() > 1;
            // A rounding mode that decides one tie, or noise: nobody can tell.
            const std::string few = different >= kFew ? ""
                                    : different == 1  ? "; a single word may as well be a disturbance"
                                                      : "; so few words may as well be disturbances";
            return {Verdict::Explained,
                    fmt::format("{}: {} {}{}{}{}{}", text, is_pair ? "together explain" : "explains",
                                share_text(different, different), others,
                                is_pair ? "; no single change that was tried does" : "", few, rest)};
        }
        const std::string spoiled =
            best.spoiled == 0 ? "" : fmt::format(", but would change {}", words_text(best.spoiled, "right "));
        const std::string share = share_text(best.explained, different);
        if (best.explained - best.spoiled > different / 2) {
            const std::string limit = best.explained < different ? " and does not explain the rest" : "";
            return {
                Verdict::Partly,
                fmt::format("{}: the nearest: {}, which explains {}{}{}: not the whole cause{}{}{}", diagnosis.layer,
                            changes_text(diagnosis, best), share, limit, spoiled, others, hint, rest)};
        }
        return {Verdict::Unexplained,
                fmt::format("{}: no change explains most of the {}; the nearest: {}, which explains {}{}{}{}",
                            diagnosis.layer, words_text(different, "wrong "), changes_text(diagnosis, best), share,
                            spoiled, hint, rest)};
    }
    if (is_doubtful) {
        const std::string text = changes_text(diagnosis, diagnosis.hypotheses.front());
        const bool is_noise = looks_like_noise(evidence, width);
        return {
            is_noise ? Verdict::Noise : Verdict::Unexplained,
            fmt::format("{}: {} too few to tell: {}{} would give {}, {}{}", diagnosis.layer,
                        different == 1 ? "the one wrong word is" : words_text(different, "wrong ") + " are", text,
                        diagnosis.hypotheses.size() > 1 ? " (or another change)" : "", different == 1 ? "it" : "them",
                        is_noise ? "and so would noise" : "but so would chance", rest)};
    }
    if (looks_like_noise(evidence, width)) {
        const std::string which =
            evidence.one_bit == different
                ? (different == 1 ? "the one wrong word differs in a single bit"
                                  : fmt::format("all {} differ in single bits, which have nothing "
                                                "in common",
                                                words_text(different, "wrong ")))
                : fmt::format("{} of {} differ in single bits, which have nothing in common", evidence.one_bit,
                              words_text(different, "wrong "));
        return {Verdict::Noise,
                fmt::format("{}: noise, it seems: {}, and none of {} gives {}: look at timing, memory and how the dump "
                            "was taken{}",
                            diagnosis.layer, which, tried_text(diagnosis), different == 1 ? "it" : "them", rest)};
    }
    const std::string few = different >= kFew ? ""
                                              : "; so few may be a disturbance, one entry of a memory, or a setting "
                                                "that was not tried";
    return {Verdict::Unexplained,
            fmt::format("{}: none of {} explains {}{}{}{}", diagnosis.layer, tried_text(diagnosis),
                        share_text(different, different), few, hint, rest)};
}

}  // namespace bittrue::diagnose_detail
