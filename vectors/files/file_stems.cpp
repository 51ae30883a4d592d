#include <set>

#include "bittrue/vectors/vector_files.hpp"

namespace bittrue {
namespace {

constexpr std::size_t kMaxStem = 100;

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string safe(const std::string& name) {
    std::string stem;
    for (const char c : name.substr(0, kMaxStem)) {
        const bool keep = is_letter_or_digit(c) || c == '_' || (!stem.empty() && (c == '.' || c == '-'));
        stem += keep ? c : '_';
    }
    return stem.empty() ? "_" : stem;
}

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

}  // namespace

std::vector<std::string> file_stems(const std::vector<std::string>& names) {
    std::set<std::string> taken;
    std::vector<std::string> stems;
    for (const std::string& name : names) {
        const std::string base = safe(name);
        std::string stem = base;
        for (int i = 2; !taken.insert(lower(stem)).second; ++i) stem = base + "_" + std::to_string(i);
        stems.push_back(stem);
    }
    return stems;
}

}  // namespace bittrue
