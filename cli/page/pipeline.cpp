#include <algorithm>

#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"
#include "page/parts.hpp"

namespace bittrue::cli {

using explore::escaped;

std::string icon_symbols() {
    // Drawn, so that they do not depend on a font.
    const auto symbol = [](const char* name, const char* shapes) {
        return fmt::format(R"(<symbol id="i-{}" viewBox="0 0 16 16">{}</symbol>)", name, shapes);
    };
    return "<svg class=\"symbols\" aria-hidden=\"true\">" + symbol("equal", R"(<path d="M3 8.5l3.5 3.5L13 4.5"/>)") +
           symbol("wrong", R"(<path d="M3.5 3.5l9 9M12.5 3.5l-9 9"/>)") +
           symbol("follows", R"(<path d="M3 3v6h9M9 5.5L12.5 9 9 12.5"/>)") +
           symbol("moved", R"(<path d="M2.5 5.5h10M9.5 2.5l3 3-3 3M13.5 11h-10M6.5 8l-3 3 3 3"/>)") +
           symbol("noise", R"(<path d="M1.5 8h2.5l1.5-5 2.5 10L10.5 5l1.5 3h2.5"/>)") +
           symbol("undefined", R"(<path d="M4 4h8v8H4zM4 4l8 8M12 4l-8 8"/>)") +
           symbol("differs", R"(<path d="M3 6h10M3 10h10M10.5 2.5l-5 11"/>)") +
           symbol("unknown", R"(<path d="M5 6c0-4 6-4 6-.5C11 8 8 7.5 8 10M8 12.5v.6"/>)") + "</svg>\n";
}

std::string icon(LayerState state) {
    const std::string name = state_class(state);
    return fmt::format(R"(<svg class="icon {0}" aria-hidden="true"><use href="#i-{0}"/></svg>)", name);
}

std::string pipeline(const std::vector<LayerFacts>& layers) {
    std::string html = "<nav class=\"pipeline\" aria-label=\"Layers and their verdicts\"><ol>\n";
    const bool graph = std::any_of(layers.begin(), layers.end(), [](const LayerFacts& f) { return !f.inputs.empty(); });
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LayerFacts& f = layers[i];
        // What it reads goes without saying where that is the layer in front of it.
        const bool next = i > 0 && (!graph || f.inputs == std::vector{layers[i - 1].diff->name});
        std::string reads;
        for (const std::string& name : f.inputs) reads += (reads.empty() ? "reads " : ", ") + name;
        html += fmt::format(R"(<li{}><a class="stage {}" href="#{}">{}<b>{}</b><span>{}</span>)",
                            next ? " class=\"next\"" : "", state_class(f.state), f.id, icon(f.state),
                            escaped(f.diff->name), state_text(f.state));
        if (f.words_wrong() > 0)
            html += fmt::format("<small>{} of {}</small>", grouped(f.words_wrong()), grouped(f.words_judged()));
        if (!next && !reads.empty()) html += "<small>" + escaped(reads) + "</small>";
        html += "</a></li>\n";
    }
    return html + "</ol></nav>\n";
}

}  // namespace bittrue::cli
