#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/verify/report.hpp"
#include "page/charts.hpp"
#include "page/parts.hpp"

namespace bittrue::cli {

using explore::escaped;

namespace {

std::string list(const std::vector<std::string>& lines) {
    std::string html;
    for (const std::string& line : lines) html += "<li>" + escaped(line) + "</li>";
    return html.empty() ? html : "<ul class=\"plain\">" + html + "</ul>\n";
}

std::string names(const std::vector<std::string>& all) {
    std::string text;
    for (const std::string& name : all) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::string first_line(const LayerFacts& f) {
    const Mismatch* wrong = f.first();
    if (wrong == nullptr) return {};
    std::string html = fmt::format("<h3>First wrong word</h3>\n<p><code class=\"word\">{}</code></p>\n",
                                   escaped(mismatch_line(*f.diff, *wrong)));
    if (wrong->actual_flat >= 0)
        html += fmt::format("<p class=\"soft\">Word {} of the dump.</p>\n", wrong->actual_flat);
    if (f.words.by_itself && f.diff->first && f.diff->first->flat == wrong->flat &&
        f.diff->first->expected != wrong->expected)
        html += "<p class=\"soft\">Expected here is what the layer gives for the words that it read in the dump.</p>\n";
    return html;
}

void add_fact(std::string& html, const char* name, const std::string& text) {
    if (!text.empty()) html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", name, escaped(text));
}

std::string balance(const PageWords& w) {
    std::int64_t above = 0, below = 0;
    for (std::size_t i = 0; i < w.wrong.size(); ++i) {
        if (w.wrong[i] == 0 || (w.unknown[i] != 0)) continue;
        const i128 distance = raw_from_word(w.actual[i], w.format) - raw_from_word(w.expected[i], w.format);
        (distance > 0 ? above : below) += 1;
    }
    if (above + below == 0) return {};
    return fmt::format("{} too large, {} too small", grouped(above), grouped(below));
}

std::string judged_from(const LayerDiagnosis& d) {
    std::vector<std::string> expected;
    for (const std::string& name : d.given) {
        if (std::find(d.given_dumped.begin(), d.given_dumped.end(), name) == d.given_dumped.end())
            expected.push_back(name);
    }
    std::string text;
    if (!d.given_dumped.empty()) text = names(d.given_dumped) + " as dumped";
    for (const auto& [name, format] : d.given_as)
        text += fmt::format(", {} read as {}", name, print_type({.format = format}));
    const char* why =
        d.ignores_dump ? " as expected (the dump's own words give more wrong ones)" : " as expected (not dumped)";
    if (!expected.empty()) text += (text.empty() ? "" : "; ") + names(expected) + why;
    return text;
}

std::string evidence(const LayerFacts& f) {
    std::string html = "<h3>Evidence</h3>\n<dl>";
    const std::int64_t wrong = f.words_wrong(), all = f.words_judged();
    add_fact(html, "Wrong words", fmt::format("{} of {} ({})", grouped(wrong), grouped(all), share_text(wrong, all)));
    add_fact(html, "Sign", balance(f.words));
    add_fact(html, "Operation", f.op);
    if (f.diff->words_undefined > 0) add_fact(html, "Undefined words", grouped(f.diff->words_undefined));
    if (f.diff->words_missing > 0) add_fact(html, "Missing words", grouped(f.diff->words_missing));
    if (f.diagnosis != nullptr) {
        const LayerDiagnosis& d = *f.diagnosis;
        add_fact(html, "Judged from", judged_from(d));
        if (f.words.by_itself && d.words_different != f.diff->words_different)
            add_fact(html, "Against the expected vectors",
                     fmt::format("{} wrong, with what earlier layers did", grouped(f.diff->words_different)));
        if (d.tried > 0)
            add_fact(html, "Tried",
                     fmt::format("{} single changes, {} pairs in {:.2f} s{}", grouped(d.tried), grouped(d.pairs_tried),
                                 d.seconds, d.out_of_time ? "; some were left untried when time was up" : ""));
    }
    return html + "</dl>\n";
}

std::string figures(const LayerFacts& f) {
    if (!f.words.missing.empty()) return "<p class=\"soft\">" + escaped(f.words.missing) + "</p>\n" + distance_chart(f);
    std::string html = mismatch_maps(f.words, f.first());
    html += "<div class=\"figures\"><div>" + distance_chart(f) + image_chart(f.words) + "</div><div>" +
            value_chart(f.words) + "</div></div>\n";
    return html;
}

}  // namespace

std::string layer_detail(const LayerFacts& f, const DiffPageFacts& facts) {
    const LayerDiff& d = *f.diff;
    std::string html = fmt::format("<p class=\"sentence\">{}</p>\n", escaped(f.sentence));
    std::vector<std::string> remarks = d.differences;
    for (const Finding& finding : d.findings) remarks.push_back(finding.text);
    remarks.insert(remarks.end(), d.notes.begin(), d.notes.end());
    if (f.state == LayerState::Equal) return html + list(remarks);
    html += first_line(f) + hypotheses(f);
    for (const PageTrace& trace : facts.traces) {
        if (trace.layer == d.name) html += trace_table(trace);
    }
    if (f.words_wrong() > 0) html += evidence(f) + figures(f);
    return html + list(remarks);
}

}  // namespace bittrue::cli
