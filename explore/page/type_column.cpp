#include "page/type_column.hpp"

#include <fmt/format.h>

#include "bittrue/explore/chart.hpp"

namespace bittrue::explore {

namespace {

// "ap_fixed<8,3,AP_RND,AP_SAT>" without and with its modes; other words have none.
struct Split {
    std::string format{}, modes{};
};
Split split(const std::string& type) {
    const std::size_t open = type.find('<');
    if (open == std::string::npos || !type.ends_with('>') || type.find(' ') != std::string::npos) return {type, {}};
    std::size_t at = open;
    const int numbers = type.starts_with("ac_") ? 3 : 2;  // W, I and in ac_fixed the sign
    for (int i = 0; i < numbers && at != std::string::npos; ++i) at = type.find(',', at + 1);
    if (at == std::string::npos) return {type, "TRN,WRAP"};
    return {type.substr(0, at) + ">", type.substr(at + 1, type.size() - at - 2)};
}

}  // namespace

TypeColumn::TypeColumn(const std::vector<LayerConversion>& layers, const LayerChoice LayerConversion::*choice,
                       const ChosenType LayerChoice::*type)
    : choice_(choice), type_(type) {
    bool first = true;
    for (const LayerConversion& l : layers) {
        const std::string& text = (l.*choice_.*type_).text;
        if (text.empty()) continue;
        const std::string modes = split(text).modes;
        if (first) modes_ = modes, single_ = text;
        if (modes != modes_) modes_.clear();
        if (text != single_) single_.clear();
        first = false;
    }
}

std::string TypeColumn::single_cell_text() const {
    return split(single_).format;
}

std::string TypeColumn::cell(const LayerConversion& l) const {
    const std::string& text = (l.*choice_.*type_).text;
    if (text.empty()) return "<td></td>";
    return fmt::format(R"(<td class="left" title="{}"><code>{}</code></td>)", escaped(text),
                       escaped(modes_.empty() ? text : split(text).format));
}

}  // namespace bittrue::explore
