#include "page/diff_page.hpp"

#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"
#include "bittrue/verify/report.hpp"
#include "page/parts.hpp"

namespace bittrue::cli {

using explore::escaped;

namespace {

std::string list(const std::string& title, const std::vector<std::string>& lines) {
    if (lines.empty()) return {};
    std::string html = "<h2>" + title + "</h2>\n<ul class=\"plain\">";
    for (const std::string& line : lines) html += "<li>" + escaped(line) + "</li>\n";
    return html + "</ul>\n";
}

std::string count_text(std::size_t n, const char* noun) {
    return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

// One sentence: what is wrong, or that nothing is.
std::string verdict_sentence(const DiffPageFacts& facts, const LayerFacts* fault) {
    const DiffReport& r = facts.report;
    const std::string equal = fmt::format("Equal: all {} of {} agree.", counted_words(r.words_compared()),
                                          count_text(r.layers.size(), "layer"));
    if (fault == nullptr) return r.equal() ? equal : "Different: a layer or image is missing on one side.";
    const std::string& name = fault->diff->name;
    const std::string& sentence = fault->sentence;
    return sentence.starts_with(name) ? sentence : name + ": " + sentence;
}

std::string banner(const DiffPageFacts& facts, const LayerFacts* fault) {
    const LayerState state = fault != nullptr       ? fault->state
                             : facts.report.equal() ? LayerState::Equal
                                                    : LayerState::Differs;
    std::string html = fmt::format("<div class=\"verdict {}\">{}<div><p>{}</p>", state_class(state), icon(state),
                                   escaped(verdict_sentence(facts, fault)));
    if (fault != nullptr && fault->first() != nullptr)
        html += fmt::format("<p class=\"first\"><code class=\"word\">{}</code></p>",
                            escaped(mismatch_line(*fault->diff, *fault->first())));
    return html + "</div></div>\n";
}

std::string sides(const DiffPageFacts& facts) {
    const auto side = [](const VectorSet& set) {
        std::string text = "<code>" + escaped(set.source) + "</code>";
        if (!set.tool.empty()) text += " by " + escaped(set.tool);
        return text;
    };
    std::string html = fmt::format("<p class=\"soft\">Expected {}, found {}", side(facts.expected), side(facts.actual));
    if (!facts.expected.input.empty()) html += "; images " + escaped(facts.expected.input);
    return html + ".</p>\n";
}

// How many layers are wrong, and how many of those only because of others.
std::string summary(const std::vector<LayerFacts>& layers, const DiffReport& r) {
    std::size_t equal = 0, follow = 0;
    for (const LayerFacts& f : layers) {
        if (f.state == LayerState::Equal) ++equal;
        if (f.state == LayerState::Follows) ++follow;
    }
    const std::size_t faults = layers.size() - equal - follow;
    std::string text = fmt::format("{}: {} equal, {} to look at", count_text(layers.size(), "layer"), equal, faults);
    if (follow > 0) text += fmt::format(", {} wrong only because of what {} read", follow, follow == 1 ? "it" : "they");
    return fmt::format("<p>{}. {} of {} differ.</p>\n", text, grouped(r.words_different()),
                       counted_words(r.words_compared()));
}

std::string differences(const DiffReport& r) {
    std::vector<std::string> lines = r.differences;
    for (const std::string& name : r.only_expected) lines.push_back(name + " is expected but not in the dump");
    for (const std::string& name : r.only_actual) lines.push_back(name + " is in the dump but not expected");
    return list("Beyond the words", lines);
}

}  // namespace

std::string diff_page(const DiffPageFacts& facts) {
    const std::vector<LayerFacts> layers = layer_facts(facts);
    const LayerFacts* fault = first_fault(layers);
    const std::string& network = facts.expected.network;
    const std::string title = network.empty() ? "bittrue diff" : network + ": the dump and the expected words";
    // Before the first paint: without the script every detail is open.
    std::string body = "<script>document.documentElement.className = 'js';</script>\n" + icon_symbols();
    body += sides(facts) + banner(facts, fault);
    if (fault != nullptr || !facts.report.equal()) body += summary(layers, facts.report);
    body += "<h2>Layers</h2>\n" + pipeline(layers) + layer_table(layers, fault, facts);
    body += differences(facts.report) + list("Notes", facts.report.notes);
    if (!facts.command.empty())
        body += fmt::format("<p class=\"soft end\"><code>{}</code><br>{}</p>\n", escaped(facts.command),
                            escaped(facts.version));
    body += "<div id=\"tip\" role=\"status\"></div>\n<script>\n" + explore::chart_script() + "\n" + page_script() +
            "\n</script>\n";
    return explore::html_page(title, body, page_style());
}

}  // namespace bittrue::cli
