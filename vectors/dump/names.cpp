#include "dump/names.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace bittrue::dump {
namespace {

constexpr std::size_t kLongest = 200;  // names beyond are compared by their ends

std::string_view tail(std::string_view name) {
    return name.substr(name.rfind('.') == std::string_view::npos ? 0 : name.rfind('.') + 1);
}

std::string_view end_of(std::string_view text) {
    return text.size() > kLongest ? text.substr(text.size() - kLongest) : text;
}

}  // namespace

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

std::vector<std::string> nearest_names(std::string_view name, const std::vector<std::string>& names,
                                       std::size_t count) {
    const std::string wanted = lower(end_of(name));
    const std::string wanted_tail(tail(wanted));
    std::vector<std::pair<std::size_t, std::string>> ranked;
    for (const std::string& candidate : names) {
        const std::string other = lower(end_of(candidate));
        ranked.emplace_back(2 * edit_distance(wanted_tail, tail(other)) + edit_distance(wanted, other), candidate);
    }
    std::sort(ranked.begin(), ranked.end());
    ranked.erase(std::unique(ranked.begin(), ranked.end()), ranked.end());
    std::vector<std::string> best;
    for (std::size_t i = 0; i < std::min(count, ranked.size()); ++i) best.push_back(ranked[i].second);
    return best;
}

}  // namespace bittrue::dump
