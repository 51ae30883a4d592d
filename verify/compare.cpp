#include "compare.hpp"

#include <algorithm>

#include "align_search.hpp"
#include "alignment.hpp"
#include "bittrue/model/notation.hpp"
#include "distances.hpp"
#include "sign_hint.hpp"
#include "word_pair.hpp"
#include "word_reader.hpp"

namespace bittrue {
namespace {

constexpr Format kAnyInteger{.width = 64, .integer = 64, .is_signed = true};

std::optional<Format> format_of(const std::optional<FixedType>& a, const std::optional<FixedType>& b) {
    if (a) return a->format;
    if (b) return b->format;
    return {};
}

// When the word was dumped; empty where that is not known.
std::string time_of(const VectorLayer& dump, std::int64_t flat, std::int64_t per_image) {
    if (dump.beat_times.empty() || dump.lanes < 1) return {};
    const auto beats = static_cast<std::int64_t>(dump.beat_times.size());
    std::int64_t beat = flat / dump.lanes;
    // The last beat of an image may have lanes without a word.
    if (per_image > 1 && per_image % dump.lanes != 0 && beats * dump.lanes != dump.word_count()) {
        beat = flat / per_image * ((per_image + dump.lanes - 1) / dump.lanes) + flat % per_image / dump.lanes;
    }
    if (beat >= beats) return {};
    const std::string time = std::to_string(dump.beat_times[static_cast<std::size_t>(beat)]);
    return dump.time_unit == "sample" || dump.time_unit.empty() ? "at sample " + time
                                                                : "at " + time + " " + dump.time_unit;
}

void compare_words(const WordPair& words, const Alignment& plan, const VectorLayer& actual, Compared& result) {
    LayerDiff& diff = result.diff;
    result.first_of_image.clear();
    diff.words_compared = diff.words_different = diff.words_undefined = diff.images_compared = 0;
    diff.first.reset();
    Distances distances;
    WordPair::Ambiguity ambiguity;
    const std::int64_t end = plan.placement.segments.empty() ? plan.words : words.expected().size();
    for (std::int64_t flat = 0; flat < end; ++flat) {
        std::int64_t at = plan.placement.actual_flat(flat);
        if (at < 0) continue;
        const std::int64_t run = std::min(plan.placement.run(flat), end - flat);
        const std::int64_t equal = words.equal_run(flat, at, run, plan.map);
        const bool all = equal == run;
        diff.words_compared += all ? equal : equal + 1;
        flat += all ? equal - 1 : equal;
        diff.images_compared = flat / plan.per_image + 1;
        if (all) continue;
        at += equal;
        words.count_ambiguous(flat, at, ambiguity);
        if (words.equal(flat, at, plan.map)) continue;
        ++diff.words_different;
        if (words.is_undefined(flat, at)) ++diff.words_undefined;
        if (const auto distance = words.distance(flat, at, plan.map); distance && *distance != 0)
            distances.add(*distance);
        const std::int64_t image = flat / plan.per_image;
        if (!result.first_of_image.empty() && result.first_of_image.back().image == image) continue;
        Mismatch wrong{.flat = flat, .image = image};
        words.describe(wrong, flat, at, plan.map);
        wrong.index = index_of(flat, plan.dims);
        if (at != flat) wrong.actual_flat = at;
        wrong.when = time_of(actual, at, plan.per_image);
        result.first_of_image.push_back(std::move(wrong));
    }
    if (!result.first_of_image.empty()) diff.first = result.first_of_image.front();
    diff.min_distance = distances.smallest();
    diff.max_distance = distances.largest();
    diff.histogram = distances.buckets();
    diff.words_ambiguous = ambiguity.words;
}

std::string ambiguity_note(const VectorLayer& layer, const std::string& side, const LayerDiff& diff,
                           const WordPair& words, const Alignment& plan) {
    std::string text = side + " is a text of decimals: compared modulo what " + std::to_string(layer.precision) +
                       " significant digits still hold: ";
    if (diff.words_ambiguous == 0) return text + "no word is ambiguous";
    WordPair::Ambiguity most;
    for (std::int64_t flat = 0; flat < words.expected().size(); ++flat) {
        const std::int64_t at = plan.placement.actual_flat(flat);
        if (at >= 0) words.count_ambiguous(flat, at, most);
    }
    return text + std::to_string(diff.words_ambiguous) + " of " + std::to_string(diff.words_compared) +
           " words are ambiguous (up to " + print_raw(most.raws) + " raws print alike)";
}

// Words that differ where both sides are taken as they stand in their files.
std::int64_t count_unread(const WordReader& want, const WordReader& got, const Alignment& plan, bool in_order) {
    std::int64_t wrong = 0;
    for (std::int64_t flat = 0; flat < plan.words; ++flat) {
        const std::int64_t at = in_order ? plan.placement.actual_flat(flat) : flat;
        if (at < 0) continue;
        const i128 a = want.other_sign() ? want.stored_raw(flat) : want.raw(flat);
        const i128 b = got.other_sign() ? got.stored_raw(at) : got.raw(at);
        wrong += a != b ? 1 : 0;
    }
    return wrong;
}

// What the sides themselves state, as findings: another layout, the other sign.
void state_readings(const WordReader& want, const WordReader& got, Alignment& plan, std::int64_t after) {
    for (Finding& finding : plan.findings) finding.mismatches_before = count_unread(want, got, plan, false);
    for (const WordReader* reader : {&want, &got}) {
        if (!reader->other_sign()) continue;
        plan.findings.push_back({.kind = FindingKind::Signedness,
                                 .text = reader->other_sign_text(),
                                 .benign = true,
                                 .mismatches_before = count_unread(want, got, plan, true)});
    }
    for (Finding& finding : plan.findings) finding.mismatches_after = after;
}

LayerShape shape_of(const Alignment& plan, const VectorLayer& expected, const VectorLayer& actual) {
    LayerShape shape;
    shape.dims = plan.dims;
    shape.layout = plan.layout;
    shape.axes = axis_names(plan.layout, plan.dims);
    shape.per_image = plan.per_image;
    shape.words = expected.word_count();
    shape.lanes = std::max(actual.lanes > 1 ? actual.lanes : expected.lanes, 1);
    return shape;
}

// Adopts what the search finds; the plan then says where each word stands.
bool realign(const WordPair& words, const VectorLayer& expected, const VectorLayer& actual, Alignment& plan) {
    auto found = search_alignment(words, shape_of(plan, expected, actual), plan.placement);
    if (!found) return false;
    // Another order replaces the one that the shapes state.
    const bool other_order = !(found->placement.order == plan.placement.order);
    if (other_order) {
        std::erase_if(plan.findings, [](const Finding& f) { return f.kind == FindingKind::ChannelOrder; });
    }
    plan.placement = std::move(found->placement);
    plan.map = found->map;
    plan.words = std::min(expected.word_count(), actual.word_count());
    plan.findings.insert(plan.findings.end(), found->findings.begin(), found->findings.end());
    return true;
}

}  // namespace

bool Compared::differs_in(std::int64_t image) const {
    return (misaligned_from >= 0 && image >= misaligned_from) || first_in(image) != nullptr;
}

const Mismatch* Compared::first_in(std::int64_t image) const {
    const auto at = std::lower_bound(first_of_image.begin(), first_of_image.end(), image,
                                     [](const Mismatch& m, std::int64_t value) { return m.image < value; });
    return at != first_of_image.end() && at->image == image ? &*at : nullptr;
}

std::vector<std::int64_t> Compared::differing_images() const {
    std::vector<std::int64_t> images;
    for (const Mismatch& mismatch : first_of_image) {
        if (misaligned_from < 0 || mismatch.image < misaligned_from) images.push_back(mismatch.image);
    }
    if (misaligned_from < 0) return images;
    for (std::int64_t image = misaligned_from; image < std::max(diff.images_compared, misaligned_from + 1); ++image) {
        images.push_back(image);
    }
    return images;
}

namespace {

struct Wanted {
    AlignedWords* words = nullptr;
    bool search = true;
};

void copy_aligned(const WordPair& words, const Alignment& plan, AlignedWords& result) {
    const std::int64_t count = words.expected().size();
    result.words.assign(static_cast<std::size_t>(count), 0);
    result.states.assign(static_cast<std::size_t>(count), AlignedWords::Missing);
    for (std::int64_t flat = 0; flat < count; ++flat) {
        const std::int64_t at = plan.placement.actual_flat(flat);
        if (at < 0 || at >= words.actual().size()) continue;
        const auto i = static_cast<std::size_t>(flat);
        if (words.is_undefined(flat, at)) {
            result.states[i] = AlignedWords::Undefined;
            continue;
        }
        result.states[i] = words.is_ambiguous(flat, at) ? AlignedWords::Ambiguous : AlignedWords::Known;
        result.words[i] = word_from_raw(words.actual_raw(flat, at, plan.map));
    }
}

// `as_stored`: integers are what they are, even where they look like the other sign's reading.
Compared compare_as(const VectorLayer& expected, const VectorLayer& actual, const DiffOptions& options, bool as_stored,
                    const Wanted& wanted) {
    Compared result;
    LayerDiff& diff = result.diff;
    Alignment plan = align(expected, actual, options);
    diff.name = expected.name;
    diff.type = expected.type ? expected.type : actual.type;
    diff.actual_type = actual.type ? actual.type : expected.type;
    diff.axes = axis_names(plan.layout, plan.dims);
    for (const VectorLayer* side : {&expected, &actual}) {
        if (diff.axes.empty() && side->axes.size() == plan.dims.size()) diff.axes = side->axes;
    }
    diff.dims = plan.dims;
    result.actual_name = actual.name;
    result.inputs_of_actual = expected.inputs.empty();
    result.inputs = result.inputs_of_actual ? actual.inputs : expected.inputs;
    if (expected.type && actual.type && expected.type->format != actual.type->format) {
        diff.differences.push_back("the formats differ: " + print_type(*expected.type) + " expected, " +
                                   print_type(*actual.type) + " found");
    }
    std::optional<Format> format = format_of(expected.type, actual.type);
    const bool decimals = !expected.decimals.empty() || !actual.decimals.empty();
    if (decimals && !format) {
        const bool both = !expected.decimals.empty() && !actual.decimals.empty();
        plan.notes.emplace_back(both ? "no format is known: decimals are compared as numbers"
                                     : "no format is known: decimals are compared with the integers as they are");
        if (!both) format = kAnyInteger;
    }
    const WordReader want(expected, expected.decimals.empty() && !diff.type ? std::nullopt : format,
                          "the expected side", as_stored);
    const WordReader got(actual, actual.decimals.empty() && !diff.type ? std::nullopt : format, "the actual side",
                         as_stored);
    const WordPair words(want, got, format);
    compare_words(words, plan, actual, result);
    state_readings(want, got, plan, diff.words_different);
    const bool unequal = diff.words_different > 0 || (plan.words == 0 && !plan.counts.empty());
    if (!options.strict && wanted.search && unequal && realign(words, expected, actual, plan)) {
        compare_words(words, plan, actual, result);
        if (!plan.placement.segments.empty() && !plan.counts.empty()) plan.counts.resize(plan.counts.rfind(": "));
        for (const Finding& finding : plan.findings) {
            if (finding.benign) continue;
            const std::int64_t image = finding.from / plan.per_image;
            result.misaligned_from = result.misaligned_from < 0 ? image : std::min(result.misaligned_from, image);
        }
    }
    diff.images_different = std::ssize(result.differing_images());
    if (!plan.counts.empty()) (plan.counts_allowed ? diff.notes : diff.differences).push_back(plan.counts);
    if (!plan.counts.empty() && (!plan.counts_allowed || plan.words == 0)) {
        diff.words_missing = std::max<std::int64_t>(0, expected.word_count() - actual.word_count());
    }
    diff.notes.insert(diff.notes.end(), plan.notes.begin(), plan.notes.end());
    diff.findings = std::move(plan.findings);
    const bool both_bare = expected.patterns && actual.patterns && !diff.type;
    for (const WordReader* reader : {&want, &got}) {
        if (!reader->note().empty() && !(reader == &got && both_bare)) diff.notes.push_back(reader->note());
    }
    if (decimals && format) {
        if (!expected.decimals.empty())
            diff.notes.push_back(ambiguity_note(expected, "the expected side", diff, words, plan));
        if (!actual.decimals.empty())
            diff.notes.push_back(ambiguity_note(actual, "the actual side", diff, words, plan));
    }
    if (plan.words == 0 && (want.size() != 0 || got.size() != 0) && diff.differences.empty()) {
        diff.differences.emplace_back("no word is in both");
    }
    if (!diff.type && !decimals && diff.words_different > diff.words_undefined && diff.harmless()) {
        const std::string hint = sign_hint(words, plan);
        if (!hint.empty()) diff.notes.push_back(hint);
    }
    if (wanted.words != nullptr) copy_aligned(words, plan, *wanted.words);
    return result;
}

}  // namespace

Compared compare_layer(const VectorLayer& expected, const VectorLayer& actual, const DiffOptions& options,
                       AlignedWords* words, bool search) {
    Compared result = compare_as(expected, actual, options, options.strict, {words, search});
    const std::vector<Finding>& findings = result.diff.findings;
    const bool other_sign = std::any_of(findings.begin(), findings.end(),
                                        [](const Finding& f) { return f.kind == FindingKind::Signedness; });
    if (other_sign && result.diff.words_different > 0 && result.diff.harmless()) {
        // Words that look like the other sign's reading may be the right ones times two.
        AlignedWords stored_words;
        Compared stored =
            compare_as(expected, actual, options, true, {words == nullptr ? nullptr : &stored_words, search});
        if (!stored.diff.harmless()) {
            if (words != nullptr) *words = std::move(stored_words);
            return stored;
        }
    }
    return result;
}

}  // namespace bittrue
