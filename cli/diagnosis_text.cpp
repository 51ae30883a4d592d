#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/notation.hpp"
#include "bittrue/verify/report.hpp"
#include "console.hpp"
#include "diagnosis_report.hpp"

namespace bittrue::cli {

namespace {

constexpr std::size_t kShownHypotheses = 3;
constexpr std::size_t kShownWords = 6;

std::string words(std::int64_t count) {
    return counted(static_cast<std::size_t>(count), "word");
}

// Where the words came from that the layer was computed from.
std::string given_text(const LayerDiagnosis& d) {
    std::vector<std::string> expected;
    for (const std::string& name : d.given) {
        if (std::find(d.given_dumped.begin(), d.given_dumped.end(), name) == d.given_dumped.end())
            expected.push_back(name);
    }
    std::vector<std::string> parts;
    std::vector<std::string> dumped;
    for (const std::string& name : d.given_dumped) {
        const auto format = d.given_as.find(name);
        dumped.push_back(format == d.given_as.end()
                             ? name
                             : fmt::format("{} (read as {})", name, print_type({.format = format->second})));
    }
    if (!dumped.empty()) parts.push_back(fmt::format("{} of the dump", fmt::join(dumped, ", ")));
    if (!expected.empty()) {
        parts.push_back(fmt::format("{} as expected{}", fmt::join(expected, ", "),
                                    d.ignores_dump ? " (the dump's own words give more wrong ones)" : ""));
    }
    // Of training what a step was given from outside.
    if (parts.empty()) return "compared with what is expected";
    return fmt::format("computed alone from {}", fmt::join(parts, ", "));
}

// The words of an input that are not zero: all of them, where they are few.
std::string image_text(const TensorWords& tensor) {
    std::vector<std::string> shown;
    std::size_t others = 0;
    for (std::size_t i = 0; i < tensor.words.size(); ++i) {
        if (tensor.words[i] == 0) continue;
        if (shown.size() == kShownWords) {
            ++others;
        } else {
            shown.push_back(
                fmt::format("word {} is {}", i, print_raw(raw_from_word(tensor.words[i], tensor.type.format))));
        }
    }
    if (shown.empty()) return fmt::format("{} all zeros", tensor.name);
    const std::string more = others > 0 ? fmt::format(", {} more (--json has them)", others) : "";
    return fmt::format("{} zeros but {}{}", tensor.name, fmt::join(shown, ", "), more);
}

std::string telling_text(const LayerDiff& layer, const LayerDiagnosis& d, const TellingVector& t) {
    if (!t.found) {
        return fmt::format("  {} and {}: no input was found that tells them apart; they may be one datapath\n",
                           t.first + 1, t.second + 1);
    }
    std::vector<std::string> given;
    for (const TensorWords& tensor : t.given) given.push_back(image_text(tensor));
    const Mismatch at = mismatch_at(layer, 0, t.element, t.expected, t.expected);
    std::string index;
    for (std::size_t axis = 1; axis < at.index.size(); ++axis) {
        const bool named = layer.axes.size() == at.index.size() && !layer.axes[axis].empty();
        index += fmt::format("{}{}{}", index.empty() ? "" : ", ", named ? layer.axes[axis] + " " : "", at.index[axis]);
    }
    return fmt::format("  to tell {} from {}, feed: {}; then {}[{}] is {} by {}, {} by {}, {} expected\n", t.first + 1,
                       t.second + 1, fmt::join(given, "; "), d.layer, index, raw_text(t.by_first, layer.type),
                       t.first + 1, raw_text(t.by_second, layer.type), t.second + 1, raw_text(t.expected, layer.type));
}

std::string unexplained_text(const LayerDiff& layer, const Unexplained& u, bool alone) {
    return fmt::format("  the first word that {} does not give: {}, it gives {}\n", alone ? "this" : "1",
                       mismatch_line(layer, mismatch_at(layer, u.image, u.element, u.expected, u.actual)),
                       raw_text(u.predicted, layer.type));
}

// The best, what the data cannot tell from it, and what comes next.
std::string hypotheses_text(const LayerDiff& layer, const LayerDiagnosis& d) {
    std::string text;
    const std::vector<Hypothesis>& all = d.hypotheses;
    // The sentence has the best one.
    for (std::size_t i = 0; i < all.size() && all.size() > 1; ++i) {
        const bool alike = i > 0 && all[i].group == all[0].group;
        if (i >= kShownHypotheses && !alike) continue;
        text += fmt::format("  {}. {}: {}{}\n", i + 1, changes_text(d, all[i]), explained_text(d, all[i]),
                            alike ? "; these words cannot tell it from 1" : "");
    }
    if (!all.empty() && all[0].first_unexplained)
        text += unexplained_text(layer, *all[0].first_unexplained, all.size() == 1);
    for (const TellingVector& t : d.telling) text += telling_text(layer, d, t);
    return text;
}

std::string layer_text(const LayerDiff& layer, const LayerDiagnosis& d, const char* strong, const char* end) {
    std::string text = fmt::format("{}diagnosis: {}{}\n", strong, d.sentence, end);
    if (d.verdict == Verdict::Unknown)
        return text + (d.why_unknown.empty() ? "" : fmt::format("  {}\n", d.why_unknown));
    text += fmt::format("  {}: {} judged, {} wrong\n", given_text(d), words(d.words_judged), d.words_different);
    if (d.first) text += "  " + mismatch_line(layer, *d.first) + "\n";
    text += hypotheses_text(layer, d);
    if (d.out_of_time) {
        text += fmt::format(
            "  note: {} single changes and {} pairs were tried in {:.1f} s, not all; --seconds gives "
            "more time\n",
            d.tried, d.pairs_tried, d.seconds);
    }
    return text;
}

// No layer is wrong for what it read: is there anything else?
std::string nothing_wrong_text(const DiffReport& report) {
    std::string input, formats;
    for (const LayerDiff& layer : report.layers) {
        if (layer.is_network_input && layer.words_different > 0) {
            input = fmt::format("; the input '{}' itself differs ({}): look at how images are scaled and cast",
                                layer.name, words(layer.words_different));
        } else if (layer.words_different == 0 && !layer.differences.empty()) {
            formats += fmt::format("{}{}", formats.empty() ? "" : ", ", layer.name);
        }
    }
    if (!formats.empty()) formats = fmt::format("; no word is wrong in {}, what differs there is told above", formats);
    return fmt::format("diagnosis: every layer gives what the network gives for what it reads{}{}\n", input, formats);
}

}  // namespace

const LayerDiff& diff_of(const DiffReport& report, const std::string& layer) {
    for (const LayerDiff& one : report.layers) {
        if (one.name == layer) return one;
    }
    throw std::logic_error("layer '" + layer + "' was diagnosed and not compared");
}

Mismatch mismatch_at(const LayerDiff& layer, std::int64_t image, std::int64_t element, i128 expected, i128 actual) {
    std::int64_t per_image = 1;
    for (std::size_t axis = 1; axis < layer.dims.size(); ++axis) per_image *= layer.dims[axis];
    Mismatch m{.flat = image * per_image + element, .image = image, .expected = expected, .actual = actual};
    m.index.assign(layer.dims.size(), 0);
    std::int64_t rest = element;
    for (std::size_t axis = layer.dims.size(); axis-- > 1;) {
        m.index[axis] = rest % layer.dims[axis];
        rest /= layer.dims[axis];
    }
    if (!m.index.empty()) m.index[0] = image;
    return m;
}

std::string raw_text(i128 raw, const std::optional<FixedType>& type) {
    if (!type || raw < raw_min(type->format) || raw > raw_max(type->format)) return print_raw(raw);
    return fmt::format("{} ({}, {})", print_raw(raw), print_hex(word_from_raw(raw), type->format),
                       print_value(raw, type->format.frac()));
}

std::string changes_text(const LayerDiagnosis& layer, const Hypothesis& hypothesis) {
    std::vector<std::string> texts;
    for (const Change& change : hypothesis.changes) {
        // What a layer reads is its own matter.
        const auto& given = layer.chain.given;
        const bool own = change.node.empty() || change.node == layer.layer ||
                         std::any_of(given.begin(), given.end(),
                                     [&change](const TensorWords& tensor) { return tensor.name == change.node; });
        texts.push_back(own ? change.text : fmt::format("in '{}' {}", change.node, change.text));
    }
    return fmt::format("{}", fmt::join(texts, ", and "));
}

std::string explained_text(const LayerDiagnosis& layer, const Hypothesis& h) {
    std::string share = fmt::format("explains {} of {} wrong words", h.explained, layer.words_different);
    if (h.explained == layer.words_different) {
        share = h.explained == 1 ? "explains the one wrong word"
                                 : fmt::format("explains all {} wrong words", layer.words_different);
    }
    return fmt::format("{}{}", share, h.spoiled > 0 ? fmt::format(", spoils {} right ones", h.spoiled) : "");
}

std::string diagnosis_text(const DiffReport& report, const DiagnosisReport& diagnosis, bool color) {
    std::string text;
    for (const LayerDiagnosis& d : diagnosis.layers) {
        if (d.verdict == Verdict::Equal) continue;
        const LayerDiff& layer = diff_of(report, d.layer);
        if (d.verdict == Verdict::Unknown && layer.equal()) continue;
        text += layer_text(layer, d, color ? "\033[1m" : "", color ? "\033[0m" : "");
    }
    return text.empty() ? nothing_wrong_text(report) : text;
}

}  // namespace bittrue::cli
