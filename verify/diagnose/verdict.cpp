#include "verdict.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace bittrue::diagnose_detail {
namespace {

std::string words_text(std::int64_t count, const char* kind = "") {
    return fmt::format("{} {}word{}", count, kind, count == 1 ? "" : "s");
}

// "all 311 wrong words", "300 of 311 wrong words"
std::string share_text(std::int64_t explained, std::int64_t different) {
    if (explained < different) return fmt::format("{} of {}", explained, words_text(different, "wrong "));
    return different == 1 ? "the one wrong word" : fmt::format("all {}", words_text(different, "wrong "));
}

std::string change_text(const LayerDiagnosis& diagnosis, const Change& change) {
    return change.node == diagnosis.layer || change.node.empty() ? change.text
                                                                 : fmt::format("in '{}' {}", change.node, change.text);
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

// What else is in the way, as clauses.
std::string rest_text(const Case& c) {
    std::string text;
    if (c.words_undefined > 0) text += fmt::format("; {} undefined (x or z)", words_text(c.words_undefined));
    if (c.words_missing > 0) text += fmt::format("; {} missing", words_text(c.words_missing));
    return text;
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
    if (c.words_undefined > 0) {
        return Judgement{
            Verdict::Undefined,
            fmt::format("{}: {} undefined (x or z), all others are right for what it read: look for a "
                        "register or memory without reset, or words dumped too early",
                        c.layer, c.words_undefined == 1 ? "1 word is" : words_text(c.words_undefined) + " are")};
    }
    if (c.words_missing > 0) {
        return Judgement{Verdict::Unknown, fmt::format("{}: {} missing from the dump, all others are right for what it "
                                                       "read",
                                                       c.layer, words_text(c.words_missing))};
    }
    if (c.ignores_dump) {
        return Judgement{Verdict::Equal,
                         fmt::format("{}: right for what it must have read: the words that the dump has "
                                     "of the layer before it are not what it computed with",
                                     c.layer)};
    }
    return Judgement{Verdict::Equal, fmt::format("{}: right for what it read", c.layer)};
}

Judgement judge_moved(const Case& c) {
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
            return {Verdict::Explained,
                    fmt::format("{}: explains {}{}{}", text, share_text(different, different), others, rest)};
        }
        const std::string spoiled =
            best.spoiled == 0 ? "" : fmt::format(", but would change {}", words_text(best.spoiled, "right "));
        if (best.explained - best.spoiled > different / 2) {
            return {Verdict::Partly, fmt::format("{}: explains {}{}{}{}", text, share_text(best.explained, different),
                                                 spoiled, others, rest)};
        }
        return {Verdict::Unexplained,
                fmt::format("{}: no change explains most of the {}; the nearest: {}, which explains {}{}{}",
                            diagnosis.layer, words_text(different, "wrong "), changes_text(diagnosis, best),
                            share_text(best.explained, different), spoiled, rest)};
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
        return {Verdict::Noise, fmt::format("{}: noise: {}: no setting does that; look at timing, memory and how the "
                                            "dump was taken{}",
                                            diagnosis.layer, which, rest)};
    }
    return {Verdict::Unexplained,
            fmt::format("{}: none of {} single changes{} explains its {}{}{}", diagnosis.layer, diagnosis.tried,
                        diagnosis.pairs_tried > 0 ? fmt::format(" and {} pairs", diagnosis.pairs_tried) : "",
                        words_text(different, "wrong "),
                        diagnosis.out_of_time ? " (time was up before all were tried)" : "", rest)};
}

}  // namespace bittrue::diagnose_detail
