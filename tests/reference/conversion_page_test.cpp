// The page and the JSON of a conversion: nothing missing, nothing that breaks out of its place.
#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "bittrue/explore/conversion_report.hpp"
#include "bittrue/model/notation.hpp"

using namespace bittrue;
using namespace bittrue::explore;

namespace {

const FixedType kOurs = parse_type("ap_fixed<8,5,AP_RND_CONV,AP_SAT>");
const FixedType kNaive = parse_type("ap_fixed<8,1,AP_RND,AP_SAT>");

LayerConversion layer(const std::string& name, const std::string& op, double naive_out, double naive_db) {
    LayerConversion l{.layer = name, .op = op, .float_low = -12.25, .float_high = 7};
    l.ours.result = ChosenType(kOurs);
    l.ours.sqnr_db = 35.5;
    l.naive.result = ChosenType(kNaive);
    l.naive.out_of_range = naive_out;
    l.naive.sqnr_db = naive_db;
    return l;
}

ConversionReport report() {
    ConversionReport r{
        .version = "bittrue test", .model = "net <&\"'>", .source = "a&b.h5", .command = "bittrue quantize <x>"};
    r.data = "pixels";
    r.images = 1000;
    r.labelled = true;
    r.float_good = 990;
    r.ours = {.good = 988, .weight_bits = 1234567, .area = {}};
    r.naive = {.good = 660, .weight_bits = 1234568, .area = {}};
    r.naive_rule = "7 fraction bits";
    r.layers = {layer("in", "input", 0, 50), layer("a<b>&\"c\"", "dense", 0.34, 3.5),
                layer("last", "softmax", 0.01, 20)};
    r.layers[0].ours.sqnr_db = std::numeric_limits<double>::infinity();
    r.layers[1].ours.weights = r.layers[1].ours.bias = ChosenType(kOurs);
    r.layers[1].ours.accumulator = ChosenType(parse_type("ap_fixed<18,8>"));
    r.layers[1].naive.weights = ChosenType("by channel <&>", std::nullopt);
    r.layers[1].weight_bits = 4096;
    r.layers[1].good_only_this = 989;
    r.layers[1].good_all_but_this = 991;
    r.layers[1].weights = histogram_of(std::vector<double>{-1, -0.5, 0, 0, 0.5, 1}, 4);
    r.layers[1].results = histogram_of(std::vector<double>{-20, 0, 1, 15.9, 17}, 8);
    r.steps = {"biases < corrected"};
    r.notes = {"dropout & co"};
    return r;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

// Every element is closed by its own end, in order; the names that are still open at the first mistake.
std::string badly_nested(const std::string& html) {
    std::vector<std::string> open;
    for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
        const std::size_t end = html.find('>', at);
        if (end == std::string::npos) return "an unfinished tag";
        const std::string tag = html.substr(at + 1, end - at - 1);
        const std::string name =
            tag.substr(tag.starts_with('/') ? 1 : 0, tag.find_first_of(" />", 1) - (tag.starts_with('/') ? 1 : 0));
        if (name == "!DOCTYPE" || name == "meta" || name == "br" || tag.ends_with('/')) continue;
        if (tag.starts_with('/')) {
            if (open.empty() || open.back() != tag.substr(1))
                return tag + " closes " + (open.empty() ? "nothing" : open.back());
            open.pop_back();
        } else {
            open.push_back(name);
        }
        if (name == "style" && !tag.starts_with('/')) at = html.find("</style>", at) - 1;
    }
    return open.empty() ? "" : open.back() + " stays open";
}

}  // namespace

TEST_CASE(
    "numbers are counted in bins of one width, the last with its end, beyond given ends in the bins at the ends") {
    const std::vector<double> x{0, 0.9, 1, 2, 3.99, 4, std::numeric_limits<double>::infinity()};
    const Histogram h = histogram_of(x, 4);
    CHECK(h.low == 0);
    CHECK(h.high == 4);
    CHECK(h.counts == std::vector<std::uint64_t>{2, 1, 1, 2});
    CHECK(histogram_of(x, 1, 3, 2).counts == std::vector<std::uint64_t>{3, 3});
    CHECK(histogram_of(std::vector<double>{7, 7}, 3).counts == std::vector<std::uint64_t>{2, 0, 0});
    CHECK(histogram_of(std::vector<double>{}, 3).counts.empty());
}

TEST_CASE("a type's grid is from its least to its largest value") {
    const Grid g = grid_of(kOurs);
    CHECK(g.low == -16);
    CHECK(g.high == 15.875);
    CHECK(g.step == 0.125);
    CHECK(grid_of(parse_type("ap_fixed<8,5,AP_RND,AP_SAT_SYM>")).low == -15.875);
}

TEST_CASE("the page is well nested, asks for nothing and runs no script") {
    const std::string page = conversion_page(report());
    CHECK(badly_nested(page) == "");
    CHECK(badly_nested("<p><b></p></b>") != "");
    for (const char* outside : {"http", "src=", "href", "url(", "<script", "@import"})
        CHECK_THAT(page, !Catch::Contains(outside));
    CHECK_THAT(page, Catch::Contains("prefers-color-scheme: dark") && Catch::Contains("@media print"));
}

TEST_CASE("names and words of files stay words on the page") {
    const std::string page = conversion_page(report());
    CHECK_THAT(page, Catch::Contains("net &lt;&amp;&quot;") && Catch::Contains("a&lt;b&gt;&amp;&quot;c&quot;") &&
                         Catch::Contains("a&amp;b.h5") && Catch::Contains("bittrue quantize &lt;x&gt;") &&
                         Catch::Contains("by channel &lt;&amp;&gt;") && Catch::Contains("biases &lt; corrected") &&
                         Catch::Contains("dropout &amp; co"));
    CHECK_THAT(page, !Catch::Contains("&amp;lt;") && !Catch::Contains("a<b>"));
}

TEST_CASE("the page shows accuracies, losses, bits, types, ranges, SQNR and both sensitivities") {
    const std::string page = conversion_page(report());
    for (const char* fact : {"99.00 %", "98.80 %", "66.00 %", "0.20 points lost", "33.00 points lost", "1,234,567 bits",
                             "-12.25 .. 7", "ap_fixed&lt;8,5&gt;", "ap_fixed&lt;18,8&gt;", "34.00 %", "35.5", "exact",
                             "98.90 %", "99.10 %", "4,096", "0.10 points gained", "AP_RND_CONV,AP_SAT"})
        CHECK_THAT(page, Catch::Contains(fact));
    // The weights fill their 4 bins, the results 3 of 8.
    CHECK(count(page, "class=\"histogram\"") == 2);
    CHECK(count(page, "<rect class=\"bar") == 7);
    // By the middles of the bins: that of -20 lies beyond -16..15.875, that of 17 (from 12.4 on) within.
    CHECK(count(page, "bar outside") == 1);
}

TEST_CASE("without labels the page speaks of agreement, without layers alone it has no such columns") {
    ConversionReport r = report();
    r.labelled = false;
    r.float_good = r.images;
    r.layers[1].good_only_this.reset();
    r.layers[1].good_all_but_this.reset();
    const std::string page = conversion_page(r);
    CHECK_THAT(page, Catch::Contains("Agreement with float") && !Catch::Contains("this layer only"));
    CHECK(badly_nested(page) == "");
    r.layers.clear();
    CHECK(badly_nested(conversion_page(r)) == "");
}

TEST_CASE("why naive fails is said of the layer that leaves its range most, or is the noisiest") {
    ConversionReport r = report();
    CHECK(
        why_naive_fails(r) ==
        "The naive conversion (7 fraction bits) loses 33.00 points. Worst off is 'a<b>&\"c\"', whose numbers go from "
        "-12.25 to 7: its naive type has -1 to 0.9922 in steps of 2^-7, so that 34.00 % of its words are out of range "
        "and the SQNR is 3.5 dB. The type chosen here has -16 to 15.88 in steps of 2^-3: 35.5 dB.");
    for (LayerConversion& l : r.layers) l.naive.out_of_range = 0;
    CHECK_THAT(why_naive_fails(r), Catch::Contains("'a<b>") && Catch::Contains("too coarse"));
    r.naive.good = r.float_good;
    CHECK(why_naive_fails(r).empty());
}

TEST_CASE("the JSON holds every fact, null where there is none") {
    const auto json = nlohmann::json::parse(conversion_json(report()));
    CHECK(json.at("model") == "net <&\"'>");
    CHECK(json.at("float_good") == 990);
    CHECK(json.at("ours").at("weight_bits") == 1234567);
    CHECK(json.at("why_naive_fails") == why_naive_fails(report()));
    const auto& in = json.at("layers").at(0);
    CHECK(in.at("ours").at("exact") == true);
    CHECK(in.at("ours").at("sqnr_db").is_null());
    CHECK(in.at("ours").at("weights").is_null());
    CHECK(in.at("good_only_this").is_null());
    CHECK(in.at("weights_histogram").is_null());
    const auto& dense = json.at("layers").at(1);
    CHECK(dense.at("ours").at("result").at("type") == "ap_fixed<8,5,AP_RND_CONV,AP_SAT>");
    CHECK(dense.at("ours").at("result").at("lsb") == 0.125);
    CHECK_FALSE(dense.at("naive").at("weights").contains("lsb"));
    CHECK(dense.at("good_all_but_this") == 991);
    CHECK(dense.at("results_histogram").at("counts").size() == 8);
    ConversionReport r = report();
    r.model = "\xff";
    CHECK_NOTHROW(nlohmann::json::parse(conversion_json(r)));
}
