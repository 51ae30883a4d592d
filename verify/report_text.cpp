#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "bittrue/verify/report.hpp"

namespace bittrue {
namespace {

struct Paint {
    const char* good = "";
    const char* bad = "";
    const char* strong = "";
    const char* end = "";
};

std::string print_count(std::int64_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string signed_raw(i128 raw) {
    return fmt::format("{}{}", raw > 0 ? "+" : "", print_raw(raw));
}

// A name is free text: what would break the line or colour it is shown as '?'.
std::string one_line(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return text;
}

std::string print_index(const LayerDiff& layer, const Mismatch& mismatch) {
    std::string text;
    for (std::size_t axis = 0; axis < mismatch.index.size(); ++axis) {
        const bool named = layer.axes.size() == mismatch.index.size();
        if (named && layer.axes[axis].empty()) continue;
        if (!text.empty()) text += ", ";
        if (named) text += one_line(layer.axes[axis]) + " ";
        text += std::to_string(mismatch.index[axis]);
    }
    return text;
}

std::string print_raw_word(i128 raw, const std::optional<FixedType>& type) {
    if (!type) return print_raw(raw);
    const Format format = type->format;
    if (raw < raw_min(format) || raw > raw_max(format)) {
        return fmt::format("{} (does not fit {} {} bits)", print_raw(raw), format.width,
                           format.is_signed ? "signed" : "unsigned");
    }
    return fmt::format("{} ({}, {})", print_raw(raw), print_hex(word_from_raw(raw), format),
                       print_value(raw, format.frac()));
}

std::string print_word(i128 raw, const std::string& bits, const std::string& decimal,
                       const std::optional<FixedType>& type) {
    if (!bits.empty()) return bits + " (undefined)";
    if (decimal.empty()) return print_raw_word(raw, type);
    if (!type) return decimal;
    return fmt::format("{} (no word of {}, nearest {})", decimal, print_type(*type), print_raw_word(raw, type));
}

// Never "0 %" for some and never "100 %" for not all.
std::string print_share(std::int64_t part, std::int64_t all) {
    if (part == 0 || all == 0) return "";
    if (part == all) return "100 %";
    const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(all);
    if (percent < 0.01) return "< 0.01 %";
    if (percent > 99.99) return "> 99.99 %";
    return fmt::format("{:.2f} %", percent);
}

std::string print_buckets(const LayerDiff& layer) {
    std::string text;
    for (const DistanceBucket& bucket : layer.histogram) {
        if (!text.empty()) text += ", ";
        text += signed_raw(bucket.low);
        if (bucket.low != bucket.high) text += ".." + signed_raw(bucket.high);
        text += ": " + std::to_string(bucket.count);
    }
    if (layer.words_undefined > 0) {
        text += fmt::format("{}undefined: {}", text.empty() ? "" : ", ", layer.words_undefined);
    }
    return text;
}

std::string verdict_of(const LayerDiff& layer) {
    if (!layer.harmless()) return "MISALIGNED";
    if (layer.words_different > 0) return "DIFFERENT";
    return layer.differences.empty() ? "equal" : "differs";
}

using Row = std::vector<std::string>;

std::string print_table(const DiffReport& report, const Paint& paint) {
    std::vector<Row> rows{{"layer", "format", "words", "different", "share", "images", "distance (lsb)", ""}};
    for (const LayerDiff& layer : report.layers) {
        const bool wrong = layer.words_different > 0;
        rows.push_back(
            {one_line(layer.name), layer.type ? print_type(*layer.type) : "-", std::to_string(layer.words_compared),
             std::to_string(layer.words_different), print_share(layer.words_different, layer.words_compared),
             wrong || !layer.harmless() ? fmt::format("{} of {}", layer.images_different, layer.images_compared) : "",
             !layer.histogram.empty()
                 ? signed_raw(layer.min_distance) +
                       (layer.min_distance == layer.max_distance ? "" : ".." + signed_raw(layer.max_distance))
                 : "",
             verdict_of(layer)});
    }
    std::vector<std::size_t> widths(rows[0].size());
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    std::string text;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const bool head = r == 0;
        const char* color = head ? paint.strong : report.layers[r - 1].equal() ? paint.good : paint.bad;
        std::string line;
        for (std::size_t i = 0; i < rows[r].size(); ++i) {
            const bool number = i >= 2 && i <= 4;
            line += number ? fmt::format("{:>{}}  ", rows[r][i], widths[i])
                           : fmt::format("{:<{}}  ", rows[r][i], widths[i]);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += color + line + paint.end + "\n";
    }
    return text;
}

std::string print_reason(const LayerDiff& layer, bool is_first_compared) {
    std::string reason;
    if (layer.is_network_input) {
        reason = "it is the network's input";
    } else if (layer.inputs_known) {
        reason = "its inputs are equal";
    } else if (is_first_compared) {
        reason = "the first layer compared";
    } else {
        reason = "all layers before it are equal";
    }
    if (layer.origin_images < layer.images_different) {
        reason += fmt::format(" in {} of the {} images that differ", layer.origin_images, layer.images_different);
    }
    return reason;
}

// All that explains the place of the words, then what it leaves.
std::string print_findings(const LayerDiff& layer) {
    std::string text = "layer " + one_line(layer.name) + ": ";
    for (const Finding& finding : layer.findings) text += finding.text + "; ";
    if (layer.words_different == 0) {
        return text + fmt::format("then all {} compared words agree", layer.words_compared);
    }
    return text + fmt::format("then {} of {} compared words differ", layer.words_different, layer.words_compared);
}

// A design that stops is wrong where it stops first.
std::string print_incomplete(const DiffReport& report, const Paint& paint) {
    if (!report.first_incomplete) return "";
    if (report.first_differing && *report.first_differing <= *report.first_incomplete) return "";
    const LayerDiff& layer = report.layers[*report.first_incomplete];
    const std::int64_t all = element_count(layer.dims);
    return fmt::format("{}first layer that ends early: {}{} ({} of {} words missing)\n", paint.strong,
                       one_line(layer.name), paint.end, layer.words_missing, all);
}

std::string print_story(const DiffReport& report, const Paint& paint) {
    std::string text = print_incomplete(report, paint);
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const LayerDiff& layer = report.layers[i];
        if (!layer.first && layer.harmless()) continue;
        const bool is_origin = layer.origin_images > 0;
        if (report.first_differing == i) {
            text += fmt::format("{}first differing layer: {}{} ({})\n", paint.strong, one_line(layer.name), paint.end,
                                print_reason(layer, i == 0));
        } else if (is_origin) {
            text += fmt::format("also differs by itself: {} ({})\n", one_line(layer.name), print_reason(layer, i == 0));
        } else {
            text += fmt::format("follows: {} ({} differs already)\n", one_line(layer.name),
                                layer.inputs_known ? "what it reads" : "a layer before it");
        }
        if (!layer.harmless()) text += "  " + print_findings(layer) + "\n";
        if (!layer.first) continue;
        const Mismatch& wrong = layer.origin ? *layer.origin : *layer.first;
        text += "  " + mismatch_line(layer, wrong);
        if (wrong.actual_flat >= 0) text += fmt::format(", word {} of the dump", wrong.actual_flat);
        text += "\n";
        const std::string buckets = print_buckets(layer);
        if (!buckets.empty()) text += "  distances in lsb: " + buckets + "\n";
    }
    return text;
}

// What is said of several layers is said once.
std::string print_layer_notes(const DiffReport& report) {
    constexpr std::size_t kNames = 3;
    std::vector<std::pair<std::string, std::vector<std::string>>> said;
    for (const LayerDiff& layer : report.layers) {
        for (const std::string& sentence : layer.notes) {
            const auto is_same = [&](const auto& entry) { return entry.first == sentence; };
            auto at = std::find_if(said.begin(), said.end(), is_same);
            if (at == said.end()) at = said.insert(said.end(), {sentence, {}});
            at->second.push_back(one_line(layer.name));
        }
    }
    std::string text;
    for (const auto& [sentence, layers] : said) {
        const std::size_t shown = layers.size() <= kNames + 1 ? layers.size() : kNames;
        std::string names = fmt::format("{}", fmt::join(layers.begin(), layers.begin() + std::ptrdiff_t(shown), ", "));
        if (shown < layers.size()) names += fmt::format(" and {} more", layers.size() - shown);
        text += fmt::format("note: {}: {}\n", names, sentence);
    }
    return text;
}

std::string print_lists(const DiffReport& report) {
    std::string text;
    const char* kind = report.common ? "note" : "difference";
    for (const std::string& name : report.only_expected) {
        text += fmt::format("{}: layer {} is missing on the actual side\n", kind, one_line(name));
    }
    for (const std::string& name : report.only_actual) {
        text += fmt::format("{}: layer {} is only on the actual side\n", kind, one_line(name));
    }
    for (const std::string& sentence : report.differences) text += "difference: " + sentence + "\n";
    for (const LayerDiff& layer : report.layers) {
        for (const std::string& sentence : layer.differences) {
            text += fmt::format("difference: {}: {}\n", one_line(layer.name), sentence);
        }
    }
    for (const LayerDiff& layer : report.layers) {
        if (!layer.findings.empty() && layer.harmless()) text += "note: " + print_findings(layer) + "\n";
    }
    text += print_layer_notes(report);
    for (const std::string& sentence : report.notes) text += "note: " + sentence + "\n";
    return text;
}

std::string print_verdict(const DiffReport& report, const Paint& paint) {
    const auto wrong = std::count_if(report.layers.begin(), report.layers.end(),
                                     [](const LayerDiff& layer) { return !layer.equal(); });
    if (report.equal()) {
        return fmt::format("{}equal: {}, {}{}\n", paint.good, print_count(std::ssize(report.layers), "layer"),
                           print_count(report.words_compared(), "word"), paint.end);
    }
    const auto misaligned = std::count_if(report.layers.begin(), report.layers.end(),
                                          [](const LayerDiff& layer) { return !layer.harmless(); });
    return fmt::format("{}different: {} of {}, {} of {}{}{}\n", paint.bad, wrong,
                       print_count(std::ssize(report.layers), "layer"), report.words_different(),
                       print_count(report.words_compared(), "word"),
                       misaligned == 0 ? "" : ", " + print_count(misaligned, "layer") + " misaligned", paint.end);
}

}  // namespace

std::string mismatch_line(const LayerDiff& layer, const Mismatch& mismatch) {
    const bool no_word = !(mismatch.expected_decimal.empty() && mismatch.actual_decimal.empty());
    const bool has_distance = mismatch.is_defined() && (layer.type || !no_word);
    return fmt::format("{}[{}] (flat {}): expected {}, got {}{}{}", one_line(layer.name), print_index(layer, mismatch),
                       mismatch.flat,
                       print_word(mismatch.expected, mismatch.expected_bits, mismatch.expected_decimal, layer.type),
                       print_word(mismatch.actual, mismatch.actual_bits, mismatch.actual_decimal, layer.actual_type),
                       has_distance ? ", " + signed_raw(mismatch.distance()) + " lsb" : "",
                       mismatch.when.empty() ? "" : ", " + one_line(mismatch.when));
}

std::string print_report(const DiffReport& report, bool color) {
    const Paint paint =
        color ? Paint{.good = "\033[32m", .bad = "\033[31m", .strong = "\033[1m", .end = "\033[0m"} : Paint{};
    std::string text;
    if (!report.layers.empty()) text += print_table(report, paint);
    text += print_story(report, paint);
    text += print_lists(report);
    text += print_verdict(report, paint);
    return text;
}

}  // namespace bittrue
