// The causes that reproduce the dump, and what tells them apart.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"
#include "bittrue/model/notation.hpp"
#include "page/parts.hpp"

namespace bittrue::cli {

using explore::escaped;

namespace {

constexpr std::size_t kWordsListed = 48;

std::string word_text(i128 raw, const Format& format) {
    if (raw < raw_min(format) || raw > raw_max(format)) return print_raw(raw);
    return fmt::format("{} ({}, {})", print_raw(raw), print_hex(word_from_raw(raw), format),
                       print_value(raw, format.frac()));
}

std::string place_text(const Shape& shape, std::int64_t element) {
    const std::int64_t channel = shape.channel_of(element);
    if (shape.layout == Layout::Vector) return fmt::format("{}", element);
    for (std::int64_t y = 0; y < shape.height(); ++y) {
        for (std::int64_t x = 0; x < shape.width(); ++x) {
            if (shape.index(channel, y, x) == element)
                return fmt::format("row {}, column {}, channel {}", y, x, channel);
        }
    }
    return std::to_string(element);
}

std::string change_html(const Change& c) {
    std::string html =
        fmt::format("<li>{}<br><span class=\"soft\">{}: {}", escaped(c.text), escaped(c.node), escaped(c.setting));
    if (!c.expected.empty() || !c.found.empty())
        html += fmt::format(" <code>{}</code> in the network, <code>{}</code> in the hardware", escaped(c.expected),
                            escaped(c.found));
    return html + "</span></li>";
}

std::string unexplained_html(const Unexplained& u, const Node& node) {
    const Format& format = node.result.format;
    return fmt::format(
        "<p class=\"soft\">First word that it does not give: image {}, {}: expected {}, it gives {}, the dump has "
        "{}.</p>",
        u.image, escaped(place_text(node.shape, u.element)), word_text(u.expected, format),
        word_text(u.predicted, format), word_text(u.actual, format));
}

std::string row(const LayerDiagnosis& d, std::size_t i) {
    const Hypothesis& h = d.hypotheses[i];
    std::string changes;
    for (const Change& c : h.changes) changes += change_html(c);
    const double share =
        d.words_different == 0 ? 0 : static_cast<double>(h.explained) / static_cast<double>(d.words_different);
    std::string html =
        fmt::format(R"(<tr><td class="rank">{}</td><td class="left"><ul class="changes">{}</ul>)", i + 1, changes);
    if (h.first_unexplained && !d.chain.nodes.empty())
        html += unexplained_html(*h.first_unexplained, d.chain.nodes.back());
    html += fmt::format(
        R"(</td><td class="left"><span class="meter" aria-hidden="true"><i style="width:{:.1f}%"></i></span>{}<br><span class="soft">{} of {}</span></td><td>{}</td><td>{}</td></tr>)",
        100 * share, share_text(h.explained, d.words_different), grouped(h.explained), grouped(d.words_different),
        grouped(h.spoiled), grouped(std::llround(h.bits)));
    return html + "\n";
}

std::string given_html(const TensorWords& t) {
    std::string words;
    std::size_t shown = 0;
    std::int64_t others = 0;
    for (std::size_t i = 0; i < t.words.size(); ++i) {
        if (t.words[i] == 0) continue;
        if (shown++ >= kWordsListed) {
            ++others;
            continue;
        }
        words +=
            fmt::format("{}[{}] = {}", words.empty() ? "" : ", ", place_text(t.shape, static_cast<std::int64_t>(i)),
                        print_raw(raw_from_word(t.words[i], t.type.format)));
    }
    if (words.empty()) words = "all 0";
    if (others > 0) words += fmt::format(" and {} more that are not 0", grouped(others));
    return fmt::format(
        "<details><summary>{}: {} of type <code>{}</code></summary><p><code>{}</code></p><p class=\"soft\">Raw "
        "words; all others are 0.</p></details>",
        escaped(t.name), counted_words(std::ssize(t.words)), escaped(print_type(t.type)), escaped(words));
}

std::string telling_html(const TellingVector& t, const LayerDiagnosis& d) {
    if (!t.found)
        return fmt::format("<p>No input was found that tells {} from {}: they may be the same datapath.</p>\n",
                           t.first + 1, t.second + 1);
    std::string html;
    if (!d.chain.nodes.empty()) {
        const Node& node = d.chain.nodes.back();
        html = fmt::format(
            "<p>This input tells {0} from {1}: word {2} of {3} must be {4}; {0} gives {5}, {1} gives {6}.</p>\n",
            t.first + 1, t.second + 1, escaped(place_text(node.shape, t.element)), escaped(node.name),
            word_text(t.expected, node.result.format), word_text(t.by_first, node.result.format),
            word_text(t.by_second, node.result.format));
    }
    for (const TensorWords& given : t.given) html += given_html(given);
    return html;
}

// Hypotheses that give the same words for all of the data, in sentences.
std::string competitors(const LayerDiagnosis& d) {
    std::string html;
    std::vector<int> seen;
    for (std::size_t i = 0; i < d.hypotheses.size(); ++i) {
        const int group = d.hypotheses[i].group;
        if (std::find(seen.begin(), seen.end(), group) != seen.end()) continue;
        seen.push_back(group);
        std::string members = std::to_string(i + 1);
        std::size_t count = 1;
        for (std::size_t k = i + 1; k < d.hypotheses.size(); ++k) {
            if (d.hypotheses[k].group == group) members += fmt::format(", {}", k + 1), ++count;
        }
        if (count > 1)
            html +=
                fmt::format("<p>This data cannot tell {} apart: they give the same words everywhere.</p>\n", members);
    }
    for (const TellingVector& t : d.telling) html += telling_html(t, d);
    return html.empty() ? html : "<h3>What tells them apart</h3>\n" + html;
}

}  // namespace

std::string hypotheses(const LayerFacts& layer) {
    if (layer.diagnosis == nullptr || layer.diagnosis->hypotheses.empty()) return {};
    const LayerDiagnosis& d = *layer.diagnosis;
    std::string html =
        "<h3>Causes that were found, the best first</h3>\n<div class=\"scroll\"><table class=\"causes\"><thead><tr><th "
        "scope=\"col\"></th><th scope=\"col\" class=\"left\">what the hardware does</th><th scope=\"col\" "
        "class=\"left\">wrong words explained</th><th scope=\"col\">right words spoiled</th><th scope=\"col\"><abbr "
        "title=\"what it takes to say the dump with this cause: fewer is "
        "better\">bits</abbr></th></tr></thead>\n<tbody>\n";
    for (std::size_t i = 0; i < d.hypotheses.size(); ++i) html += row(d, i);
    return html + "</tbody></table></div>\n" + competitors(d);
}

}  // namespace bittrue::cli
