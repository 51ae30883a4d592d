#include "table.hpp"

#include <algorithm>

namespace bittrue::cli {

namespace {

// Display width: UTF-8 continuation bytes take no column.
std::size_t columns_of(const std::string& s) {
    return static_cast<std::size_t>(
        std::count_if(s.begin(), s.end(), [](unsigned char c) { return (c & 0xc0U) != 0x80U; }));
}

}  // namespace

std::string Table::text() const {
    std::vector<std::size_t> widths;
    for (const Column& c : columns_) widths.push_back(columns_of(c.title));
    for (const auto& cells : rows_) {
        for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], columns_of(cells[i]));
    }
    std::string out;
    const auto line = [&](const auto& cell_at) {
        std::string text;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const std::string& cell = cell_at(i);
            const std::string fill(widths[i] - columns_of(cell), ' ');
            if (i > 0) text += "  ";
            text += columns_[i].align == Align::Right ? fill + cell : cell + fill;
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    };
    line([&](std::size_t i) -> const std::string& { return columns_[i].title; });
    for (const auto& cells : rows_) line([&](std::size_t i) -> const std::string& { return cells[i]; });
    return out;
}

}  // namespace bittrue::cli
