#include "page/layer_facts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bittrue/verify/layer_words.hpp"

namespace bittrue::cli {

namespace {

const LayerDiagnosis* diagnosis_of(const DiffPageFacts& facts, const std::string& layer) {
    if (facts.diagnosis == nullptr) return nullptr;
    const auto& all = facts.diagnosis->layers;
    const auto at = std::find_if(all.begin(), all.end(), [&](const LayerDiagnosis& d) { return d.layer == layer; });
    return at == all.end() ? nullptr : &*at;
}

LayerState state_by_words(const LayerDiff& d) {
    if (!d.harmless()) return LayerState::Moved;
    if (d.words_different > 0) {
        if (d.origin_images == 0) return LayerState::Follows;
        return d.words_undefined == d.words_different ? LayerState::Undefined : LayerState::Wrong;
    }
    return d.differences.empty() ? LayerState::Equal : LayerState::Differs;
}

LayerState state_of(const LayerDiff& diff, const LayerDiagnosis* diagnosis) {
    const LayerState seen = state_by_words(diff);
    if (diagnosis == nullptr) return seen;
    switch (diagnosis->verdict) {
        case Verdict::Equal: return diff.words_different > 0 ? LayerState::Follows : seen;
        case Verdict::Explained:
        case Verdict::Partly:
        case Verdict::Unexplained: return LayerState::Wrong;
        case Verdict::Noise: return LayerState::Noise;
        case Verdict::Undefined: return LayerState::Undefined;
        case Verdict::Moved: return LayerState::Moved;
        case Verdict::Unknown: return seen == LayerState::Equal ? seen : LayerState::Unknown;
    }
    return seen;
}

std::string findings_text(const LayerDiff& diff) {
    std::string text;
    for (const Finding& finding : diff.findings) {
        if (!finding.benign) text += (text.empty() ? "" : "; ") + finding.text;
    }
    return text;
}

std::string sentence_of(const LayerFacts& f, bool is_first_compared) {
    if (f.diagnosis != nullptr && !f.diagnosis->sentence.empty() && f.state != LayerState::Equal)
        return f.diagnosis->sentence;
    const LayerDiff& d = *f.diff;
    switch (f.state) {
        case LayerState::Equal: return fmt::format("All {} compared words are equal.", grouped(d.words_compared));
        case LayerState::Follows:
            return f.diagnosis != nullptr ? "What it read is wrong; for that, every word is right."
                                          : fmt::format("{} wrong in every image in which it is wrong itself.",
                                                        d.inputs_known ? "What it reads is" : "A layer before it is");
        case LayerState::Moved:
            return fmt::format("The words stand elsewhere in the dump: {}; then {} of {} compared words differ.",
                               findings_text(d), grouped(d.words_different), grouped(d.words_compared));
        case LayerState::Differs: return d.differences.empty() ? std::string() : d.differences.front() + ".";
        case LayerState::Unknown:
            return "It cannot be judged by itself" +
                   (f.diagnosis != nullptr && !f.diagnosis->why_unknown.empty() ? ": " + f.diagnosis->why_unknown
                                                                                : "") +
                   ".";
        case LayerState::Noise:
        case LayerState::Undefined:
        case LayerState::Wrong: break;
    }
    const std::string wrong = fmt::format("{} of {} words {}", grouped(d.words_different), grouped(d.words_compared),
                                          f.state == LayerState::Undefined ? "have undefined bits" : "are wrong");
    if (d.is_network_input) return wrong + ": the two sides did not see the same images.";
    const char* why = d.inputs_known      ? "its inputs are equal"
                      : is_first_compared ? "it is the first layer compared"
                                          : "all layers before it are equal";
    return fmt::format("{} although {}.", wrong, why);
}

// The network's tensors have a layout, those of a training step have only dims.
Shape shape_of(const LayerDiff& diff, const VectorLayer* expected, const VectorLayer* actual) {
    if (diff.dims.size() < 2) return {.layout = Layout::Vector, .dims = {element_count(diff.dims)}};
    const Dims dims(diff.dims.begin() + 1, diff.dims.end());
    for (const VectorLayer* side : {expected, actual}) {
        if (side == nullptr || !side->layout || side->dims != diff.dims) continue;
        if ((*side->layout == Layout::Vector) == (dims.size() == 1)) return {.layout = *side->layout, .dims = dims};
    }
    return {.layout = Layout::Vector, .dims = {element_count(dims)}};
}

// What the diagnosis judged; of a tensor of training, which has no nodes, in the shape that diff compared.
PageWords judged_words(const LayerDiagnosis& d, const LayerDiff& diff, const DiffPageFacts& facts) {
    PageWords w{.shape = shape_of(diff, facts.expected.find(diff.name), facts.actual.find(diff.name)),
                .has_format = diff.type.has_value(),
                .expected = d.expected,
                .actual = d.actual,
                .wrong = std::vector<std::uint8_t>(d.expected.size()),
                .unknown = std::vector<std::uint8_t>(d.expected.size()),
                .by_itself = true};
    if (diff.type) w.format = diff.type->format;
    if (!d.chain.nodes.empty()) {
        w.shape = d.chain.nodes.back().shape;
        w.format = d.chain.nodes.back().result.format;
        w.has_format = true;
    }
    for (std::size_t i = 0; i < w.wrong.size(); ++i) {
        const bool masked = !d.masked.empty() && d.masked[i] != 0;
        w.wrong[i] = w.expected[i] != w.actual[i] && !masked ? 1 : 0;
        w.unknown[i] = masked ? 1 : 0;
    }
    return w;
}

PageWords compared_words(const LayerDiff& diff, const DiffPageFacts& facts) {
    const VectorLayer* expected = facts.expected.find(diff.name);
    PageWords w{.shape = shape_of(diff, expected, facts.actual.find(diff.name))};
    LayerWords both = layer_words(facts.expected, facts.actual, diff.name, facts.options);
    const std::int64_t per_image = w.shape.count();
    if (expected == nullptr || per_image == 0 || std::ssize(both.expected) % per_image != 0 ||
        (!diff.type && !expected->decimals.empty())) {
        w.missing = "Its words are no whole images of integers: no maps are drawn.";
        return w;
    }
    w.has_format = diff.type.has_value();
    w.format = diff.type ? diff.type->format : Format{.width = 64, .integer = 64, .is_signed = true};
    w.expected = std::move(both.expected);
    w.actual = std::move(both.actual);
    w.wrong.resize(w.expected.size());
    w.unknown.resize(w.expected.size());
    for (std::size_t i = 0; i < w.wrong.size(); ++i) {
        w.wrong[i] = both.states[i] == LayerWords::Wrong || both.states[i] == LayerWords::Undefined ? 1 : 0;
        w.unknown[i] = both.states[i] == LayerWords::Undefined || both.states[i] == LayerWords::Missing ? 1 : 0;
    }
    return w;
}

}  // namespace

std::string state_text(LayerState state) {
    switch (state) {
        case LayerState::Equal: return "equal";
        case LayerState::Wrong: return "wrong by itself";
        case LayerState::Follows: return "follows";
        case LayerState::Moved: return "moved";
        case LayerState::Noise: return "noise";
        case LayerState::Undefined: return "undefined";
        case LayerState::Differs: return "differs";
        case LayerState::Unknown: return "unknown";
    }
    return {};
}

std::string state_class(LayerState state) {
    return state == LayerState::Wrong ? "wrong" : state_text(state);
}

bool is_fault(LayerState state) {
    return state != LayerState::Equal && state != LayerState::Follows;
}

bool LayerFacts::is_judged() const {
    return diagnosis != nullptr && is_fault(state) && diagnosis->words_different > 0;
}

std::int64_t LayerFacts::words_wrong() const {
    return is_judged() ? diagnosis->words_different : diff->words_different;
}

std::int64_t LayerFacts::words_judged() const {
    return is_judged() ? diagnosis->words_judged : diff->words_compared;
}

const Mismatch* LayerFacts::first() const {
    if (diagnosis != nullptr && is_fault(state) && diagnosis->first) return &*diagnosis->first;
    if (diff->origin) return &*diff->origin;
    return diff->first ? &*diff->first : nullptr;
}

std::vector<LayerFacts> layer_facts(const DiffPageFacts& facts) {
    std::vector<LayerFacts> layers;
    for (std::size_t i = 0; i < facts.report.layers.size(); ++i) {
        const LayerDiff& diff = facts.report.layers[i];
        const VectorLayer* expected = facts.expected.find(diff.name);
        const VectorLayer* actual = facts.actual.find(diff.name);
        LayerFacts f{.id = fmt::format("layer-{}", i), .diff = &diff, .diagnosis = diagnosis_of(facts, diff.name)};
        for (const VectorLayer* side : {expected, actual}) {
            if (f.inputs.empty() && side != nullptr) f.inputs = side->inputs;
        }
        f.state = state_of(diff, f.diagnosis);
        if (f.diagnosis != nullptr && !f.diagnosis->chain.nodes.empty())
            f.op = op_name(f.diagnosis->chain.nodes.back().op);
        f.sentence = sentence_of(f, i == 0);
        if (f.state != LayerState::Equal) {
            const bool words_kept = f.is_judged() && !f.diagnosis->expected.empty() &&
                                    f.diagnosis->expected.size() == f.diagnosis->actual.size();
            if (words_kept) f.words = judged_words(*f.diagnosis, diff, facts);
            const std::int64_t per_image = f.words.shape.count();
            if (!words_kept || per_image == 0 || std::ssize(f.words.expected) % per_image != 0)
                f.words = compared_words(diff, facts);
        }
        layers.push_back(std::move(f));
    }
    return layers;
}

const LayerFacts* first_fault(const std::vector<LayerFacts>& layers) {
    const LayerFacts* unsure = nullptr;  // not known to be wrong by itself
    for (const LayerFacts& f : layers) {
        const bool sure = f.state != LayerState::Unknown && f.state != LayerState::Differs;
        if (is_fault(f.state) && sure) return &f;
        if (is_fault(f.state) && unsure == nullptr) unsure = &f;
    }
    return unsure;
}

std::string grouped(std::int64_t n) {
    std::string digits = std::to_string(n);
    for (auto i = std::ssize(digits) - 3; i > (n < 0 ? 1 : 0); i -= 3) digits.insert(static_cast<std::size_t>(i), ",");
    return digits;
}

std::string share_text(std::int64_t part, std::int64_t all) {
    if (all == 0 || part == 0) return "0 %";
    if (part == all) return "100 %";
    const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(all);
    if (percent < 0.01) return "< 0.01 %";
    if (percent > 99.99) return "> 99.99 %";
    return fmt::format("{:.2f} %", percent);
}

std::string counted_words(std::int64_t n) {
    return grouped(n) + (n == 1 ? " word" : " words");
}

}  // namespace bittrue::cli
