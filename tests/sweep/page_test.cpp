// CSV, the Pareto front and the page.
#include <algorithm>

#include <catch2/catch.hpp>

#include "bittrue/explore/chart.hpp"
#include "bittrue/explore/sweep_page.hpp"

using namespace bittrue;
using namespace bittrue::explore;

namespace {

SweepRow row(std::size_t n, const std::string& id, int width, std::uint64_t correct, std::int64_t lut) {
    SweepRow r{.number = n, .id = id, .overflow = "SAT", .width = width};
    r.outcome.correct = correct;
    r.outcome.flips = 100 - correct;
    r.outcome.layers_touched = {100 - correct, 0};
    r.outcome.error_sum = 250;
    r.area.lut = lut;
    return r;
}

SweepResults results() {
    SweepResults r;
    r.header = {.version = "bittrue test", .network = "net <&\"'>", .input = "x", .labels_sha256 = "l", .images = 100};
    r.header.layers = {"a,b", "c\"d"};
    r.header.error_tensor = "c\"d";
    r.header.error_elements = 5;
    r.wide.correct = 99;
    r.rows = {row(0, "w4", 4, 20, 10), row(1, "w5", 5, 20, 12), row(2, "w6", 6, 90, 14), row(3, "w7", 7, 80, 16),
              row(4, "w8", 8, 99, 18)};
    return r;
}

}  // namespace

TEST_CASE("the front is what nothing is cheaper and as good as, and equals are all on it") {
    SweepResults r = results();
    CHECK(pareto_front(r) == std::vector<bool>{true, false, true, false, true});
    r.rows.push_back(row(5, "w9", 9, 99, 18));
    CHECK(pareto_front(r) == std::vector<bool>{true, false, true, false, true, true});
    r.header.labels_sha256.clear();  // without labels: fewest flips
    CHECK(pareto_front(r) == std::vector<bool>{true, false, true, false, true, true});
}

TEST_CASE("figures are shares of the images, and the mean error is over all words") {
    const SweepResults r = results();
    CHECK(quality(r.header, r.rows[2].outcome) == 0.9);
    CHECK(mean_error(r.header, r.rows[2].outcome) == 0.5);
}

TEST_CASE("the CSV quotes what needs it and has one line per configuration") {
    const std::string csv = sweep_csv(results());
    CHECK(std::count(csv.begin(), csv.end(), '\n') == 6);
    CHECK_THAT(csv, Catch::Contains("\"touched a,b\",\"touched c\"\"d\""));
    CHECK_THAT(csv, Catch::Contains("w6,,6,SAT,,,,90,0.9,10,0,10,0,0,0.5,14,0,0,0,1\r\n"));
}

TEST_CASE("the page is one file that asks for nothing, with a text for every point and cell") {
    const std::string page = sweep_page(results());
    for (const char* reference : {"http", "src=", "href=", "@import", "url("}) {
        INFO(reference);
        CHECK(page.find(reference) == std::string::npos);
    }
    CHECK_THAT(page, Catch::Contains("net &lt;&amp;&quot;'&gt;") && Catch::Contains("prefers-color-scheme: dark"));
    const auto count = [&](const std::string& what) {
        std::size_t n = 0;
        for (auto at = page.find(what); at != std::string::npos; at = page.find(what, at + 1)) ++n;
        return n;
    };
    CHECK(count("<circle class=\"point") == 5 + 3 + 5);  // all, the front, over width
    CHECK(count("class=\"cell\"") == 5 * 2);
    CHECK(count("tabindex=\"0\"") == count("<title>") - 1);  // and the page's own title
    CHECK(count("<script>") == 1);
}

TEST_CASE("a layer that is swept alone has a chart of its own, and no two lines of a chart look the same") {
    SweepResults r = results();
    r.rows.clear();
    for (std::size_t n = 0; n < 2 * 11; ++n) {
        r.rows.push_back(row(n, "x", 8, 50, 10));
        r.rows.back().layer = r.header.layers[n / 11];
        r.rows.back().order = "fold:" + std::to_string(n % 11 + 1);
    }
    const std::string page = sweep_page(r);
    for (const char* title :
         {"every mode (1 to 8 of 11), only a,b<", "every mode (9 to 11 of 11), only a,b<",
          "every mode (1 to 8 of 11), only c&quot;d<", "every mode (9 to 11 of 11), only c&quot;d<"})
        CHECK_THAT(page, Catch::Contains(title));
    for (auto at = page.find("<ul class=\"legend\">"); at != std::string::npos;
         at = page.find("<ul class=\"legend\">", at + 1)) {
        const std::string legend = page.substr(at, page.find("</ul>", at) - at);
        for (int style = 0; style < kStyles; ++style) {
            const std::string line = "<line class=\"s" + std::to_string(style) + "\"";
            CHECK(legend.find(line) == legend.rfind(line));
        }
    }
}

TEST_CASE("ticks are round and enclose the numbers") {
    CHECK(ticks(0, 100, 5) == std::vector<double>{0, 20, 40, 60, 80, 100});
    CHECK(ticks(37, 912, 5).front() <= 37);
    CHECK(ticks(37, 912, 5).back() >= 912);
    CHECK(ticks(5, 5, 4) == std::vector<double>{5});
}
