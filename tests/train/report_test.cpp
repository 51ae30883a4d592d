#include <limits>

#include <catch2/catch.hpp>

#include "bittrue/explore/train_network.hpp"
#include "bittrue/explore/train_report.hpp"
#include "bittrue/model/network_file.hpp"
#include "train/small.hpp"

using namespace bittrue;
using namespace bittrue::explore;

namespace {

EpochLog epoch(std::uint64_t number, std::uint64_t right, bool nan) {
    EpochLog e{.epoch = number,
               .loss_raw = 480,
               .images = 10,
               .correct = right,
               .test_loss_raw = 240,
               .test_images = 5,
               .test_correct = right / 2,
               .seconds = 2};
    e.nan_loss = e.test_nan = nan;
    e.layers.resize(2);
    e.layers[0].errors.add(-3);
    e.layers[0].errors.add(2);
    e.layers[1].gradients.zeros = nan ? 1 : 0;
    e.layers[1].saturated_weights = 7;
    return e;
}

}  // namespace

TEST_CASE("the page of a training run stands alone, escapes names and tells of a NaN") {
    Graph graph = parse_network(test::small_network(), "net.toml");
    TrainableNetwork t = trainable_network(graph, {}, "net.toml");
    t.network.name = "<script>";
    const TrainLog log{
        .epochs = {epoch(0, 4, false), epoch(1, 8, false), epoch(2, 2, true)},
        .nan = NanStory{.layer = 1, .gradient = true, .epoch = 2, .batch = 3, .step = 9, .at_once = {"fc"}}};
    const TrainOptions options;
    const TrainReport report{.version = "v", .data = "a & b", .network = &t.network, .options = &options, .log = &log};
    const std::string page = train_page(report);
    CHECK(page.find("<script>alert") == std::string::npos);
    CHECK_THAT(page, Catch::Contains("Training of &lt;script&gt;"));
    CHECK_THAT(page, Catch::Contains("a &amp; b"));
    CHECK_THAT(page, Catch::Contains("prefers-color-scheme: dark"));
    CHECK_THAT(page,
               Catch::Contains("the gradients of layer 'fc' were all zero at epoch 2, batch 3 (step 9 of the run)"));
    CHECK_THAT(page, Catch::Contains("Scale of the errors (H6)"));
    CHECK_THAT(page, Catch::Contains("of all layers\nepoch 2: 1") || Catch::Contains("of all layers&#10;epoch 2: 1"));
    CHECK_THAT(page, Catch::Contains("<tr><td>fc</td><td>0</td><td>1</td></tr>"));
    CHECK_THAT(page, !Catch::Contains("<tr><td>conv</td>"));
    for (const char* reference : {"http://", "https://", "src=", "@import", "url("}) {
        CAPTURE(reference);
        CHECK(page.find(reference) == std::string::npos);
    }
}

TEST_CASE("H5: the loss of an epoch is the mean over images and classes") {
    const TrainableNetwork t = trainable_network(parse_network(test::small_network(), "net.toml"), {}, "net.toml");
    REQUIRE(t.network.sum_frac(1) == 2);
    CHECK(loss_of(epoch(0, 4, false), t.network) == 480.0 / 16 / 30);
    CHECK(std::isnan(loss_of(epoch(0, 4, true), t.network)));
    CHECK(test_loss_of(epoch(0, 4, false), t.network) == 240.0 / 16 / 15);
}

TEST_CASE("the best epoch is the first of the largest test accuracies, and never one with a NaN") {
    TrainLog log{.epochs = {epoch(0, 4, false), epoch(1, 8, false), epoch(2, 9, false), epoch(3, 10, true)}};
    CHECK(log.best() == 1U);
    log.epochs.erase(log.epochs.begin(), log.epochs.begin() + 3);
    CHECK_FALSE(log.best());
}

TEST_CASE("exponents are kept with least, largest and mean, and their absence apart") {
    ScaleLog s;
    s.add(std::nullopt);
    CHECK(s.count == 0);
    for (const int k : {-3, 2, -5}) s.add(k);
    CHECK(s.min == -5);
    CHECK(s.max == 2);
    CHECK(s.mean() == -2.0);
}
