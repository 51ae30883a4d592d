// JUnit's XML as CI systems read it: testsuites, testsuite, testcase, failure.
#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "bittrue/verify/report.hpp"
#include "diagnosis_report.hpp"

namespace bittrue::cli {

namespace {

// Bytes of the UTF-8 sequence that begins here and that XML 1.0 can hold; 0: none does.
std::size_t character_at(const std::string& text, std::size_t at) {
    const auto byte = [&](std::size_t i) -> std::uint32_t {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    const std::uint32_t lead = byte(0);
    if (lead < 0x80U) return lead >= 0x20U || lead == '\t' || lead == '\n' || lead == '\r' ? 1 : 0;
    const std::size_t length = lead >= 0xf0U ? 4 : lead >= 0xe0U ? 3 : 2;
    if (lead < 0xc2U || lead > 0xf4U) return 0;
    std::uint32_t point = lead & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) return 0;
        point = point << 6U | (byte(i) & 0x3fU);
    }
    constexpr std::uint32_t kLeast[] = {0, 0, 0x80U, 0x800U, 0x10000U};
    const bool surrogate = point >= 0xd800U && point <= 0xdfffU;
    return point < kLeast[length] || point > 0x10ffffU || surrogate || point == 0xfffeU || point == 0xffffU ? 0
                                                                                                            : length;
}

// What XML cannot hold is shown as '?'.
std::string escaped(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = character_at(text, at);
        if (length != 1) {
            out += length == 0 ? "?" : text.substr(at, length);
            at += std::max<std::size_t>(length, 1);
            continue;
        }
        switch (text[at]) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\n': out += "&#10;"; break;
            case '\r': out += "&#13;"; break;
            case '\t': out += "&#9;"; break;
            default: out += text[at];
        }
        ++at;
    }
    return out;
}

struct Case {
    std::string name{};
    double seconds = 0;
    std::string failure{};  // empty: passed
    std::string details{};
    std::string skipped{};  // why it was not judged
};

std::string xml(const Case& c) {
    const std::string head =
        fmt::format("    <testcase classname=\"bittrue.diff\" name=\"{}\" time=\"{:.3f}\"", escaped(c.name), c.seconds);
    if (!c.failure.empty()) {
        return fmt::format("{}>\n      <failure message=\"{}\" type=\"mismatch\">{}</failure>\n    </testcase>\n", head,
                           escaped(c.failure), escaped(c.details));
    }
    if (!c.skipped.empty())
        return fmt::format("{}>\n      <skipped message=\"{}\"/>\n    </testcase>\n", head, escaped(c.skipped));
    return head + "/>\n";
}

// A layer that is right for what it reads has passed, although its words are other ones.
Case case_of(const LayerDiff& layer, const LayerDiagnosis* d) {
    Case c{.name = layer.name};
    if (d != nullptr) c.seconds = d->seconds;
    const bool judged = d != nullptr && d->verdict != Verdict::Unknown;
    if (judged && d->verdict == Verdict::Equal && layer.differences.empty()) {
        if (!layer.equal()) c.skipped = "follows: right for what it reads, which is wrong";
        return c;
    }
    if (layer.equal() && !judged) return c;
    c.failure = judged && d->verdict != Verdict::Equal
                    ? d->sentence
                    : fmt::format("{} of {} words differ", layer.words_different, layer.words_compared);
    const auto& first = judged && d->first ? d->first : layer.origin ? layer.origin : layer.first;
    if (first) c.details = mismatch_line(layer, *first) + "\n";
    for (const std::string& difference : layer.differences) c.details += difference + "\n";
    for (const Finding& finding : layer.findings) c.details += finding.text + "\n";
    return c;
}

const LayerDiagnosis* diagnosis_of(const DiagnosisReport* diagnosis, const std::string& layer) {
    if (diagnosis == nullptr) return nullptr;
    const auto found = std::find_if(diagnosis->layers.begin(), diagnosis->layers.end(),
                                    [&](const LayerDiagnosis& d) { return d.layer == layer; });
    return found == diagnosis->layers.end() ? nullptr : &*found;
}

}  // namespace

std::string junit_xml(const DiffReport& report, const DiagnosisReport* diagnosis, const std::string& suite) {
    std::vector<Case> cases;
    for (const LayerDiff& layer : report.layers) cases.push_back(case_of(layer, diagnosis_of(diagnosis, layer.name)));
    const auto missing = [&](const std::string& layer, const char* side) {
        const std::string text = fmt::format("the layer is only on the {} side", side);
        cases.push_back(report.common ? Case{.name = layer, .skipped = text} : Case{.name = layer, .failure = text});
    };
    for (const std::string& layer : report.only_expected) missing(layer, "expected");
    for (const std::string& layer : report.only_actual) missing(layer, "actual");
    if (!report.differences.empty()) {
        Case c{.name = "the sets as wholes", .failure = report.differences.front()};
        for (const std::string& difference : report.differences) c.details += difference + "\n";
        cases.push_back(std::move(c));
    }
    const auto failures = std::count_if(cases.begin(), cases.end(), [](const Case& c) { return !c.failure.empty(); });
    const auto skipped = std::count_if(cases.begin(), cases.end(),
                                       [](const Case& c) { return c.failure.empty() && !c.skipped.empty(); });
    double seconds = 0;
    for (const Case& c : cases) seconds += c.seconds;
    const std::string counts = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{:.3f}\"",
                                           cases.size(), failures, skipped, seconds);
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    text += fmt::format("<testsuites {}>\n  <testsuite name=\"{}\" {}>\n", counts, escaped(suite), counts);
    for (const Case& c : cases) text += xml(c);
    return text + "  </testsuite>\n</testsuites>\n";
}

}  // namespace bittrue::cli
