#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"
#include "bittrue/model/notation.hpp"
#include "page/parts.hpp"

namespace bittrue::cli {

using explore::escaped;

namespace {

constexpr int kColumns = 6;

std::string distance_text(const LayerDiff& d) {
    if (d.histogram.empty()) return {};
    const auto signed_raw = [](i128 raw) { return (raw > 0 ? "+" : "") + print_raw(raw); };
    return d.min_distance == d.max_distance ? signed_raw(d.min_distance)
                                            : signed_raw(d.min_distance) + ".." + signed_raw(d.max_distance);
}

}  // namespace

std::string layer_table(const std::vector<LayerFacts>& layers, const LayerFacts* open, const DiffPageFacts& facts) {
    std::string html =
        "<div class=\"scroll\"><table class=\"layers\">\n<thead><tr><th scope=\"col\">layer</th><th scope=\"col\" "
        "class=\"left\">verdict</th><th scope=\"col\" class=\"left wide\">format</th><th scope=\"col\">wrong "
        "words</th><th "
        "scope=\"col\" class=\"wide\">images</th><th scope=\"col\" class=\"wide\">distance "
        "(lsb)</th></tr></thead>\n<tbody>\n";
    for (const LayerFacts& f : layers) {
        const LayerDiff& d = *f.diff;
        const bool is_open = &f == open;
        html += fmt::format(
            R"(<tr class="layer {0}" id="{1}" data-layer="{2}"><th scope="row"><button type="button" aria-expanded="{3}" aria-controls="{1}-detail">{2}</button></th>)",
            state_class(f.state), f.id, escaped(d.name), is_open ? "true" : "false");
        html += fmt::format(
            R"(<td class="left">{}{}</td><td class="left wide"><code>{}</code></td><td>{} of {}</td><td class="wide">{}</td><td class="wide">{}</td></tr>)",
            icon(f.state), state_text(f.state), d.type ? escaped(print_type(*d.type)) : "", grouped(d.words_different),
            grouped(d.words_compared),
            d.images_different > 0 ? fmt::format("{} of {}", d.images_different, d.images_compared) : "",
            distance_text(d));
        html += fmt::format(
            "\n<tr class=\"detail{}\" id=\"{}-detail\"><td colspan=\"{}\"><section "
            "aria-label=\"{}\">\n{}</section></td></tr>\n",
            is_open ? " open" : "", f.id, kColumns, escaped(d.name), layer_detail(f, facts));
    }
    return html + "</tbody></table></div>\n";
}

}  // namespace bittrue::cli
