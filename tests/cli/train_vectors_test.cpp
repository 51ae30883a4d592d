// train-vectors as users call it: what it writes, that both engines make it, what it refuses.
#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "process.hpp"

namespace fs = std::filesystem;
using namespace bittrue::test;

namespace {

const std::string kLenet = BITTRUE_SOURCE_DIR "/examples/lenet5-wage/lenet5_wage.toml";

// On generated digits, in a folder of its own.
struct Project : Scratch {
    [[nodiscard]] Outcome run(std::vector<std::string> arguments) const { return bittrue_in(path(), arguments); }
    [[nodiscard]] Outcome vectors(const std::vector<std::string>& more) const {
        std::vector<std::string> all{"train-vectors", kLenet, "--train", "digits:11", "--batch", "4", "--out", "v"};
        all.insert(all.end(), more.begin(), more.end());
        return run(all);
    }
    [[nodiscard]] nlohmann::json manifest(const std::string& set = "v") const {
        return nlohmann::json::parse(slurp(file(set + "/manifest.json")));
    }
};

}  // namespace

TEST_CASE("train-vectors writes every tensor of the steps, both engines agreeing, and diff reads them") {
    const Project p;
    const Outcome made = p.vectors({"--steps", "3", "--engine", "both"});
    INFO(made.err);
    REQUIRE(made.status == 0);
    CHECK_THAT(made.out, Catch::StartsWith("wrote v: 3 steps, 222 tensors, "));
    const auto manifest = p.manifest();
    CHECK(manifest["layers"].size() == 222);
    CHECK(manifest["input"] == "trained on digits:11 (11 images), seed 1, batch 4, schedule 0:1, bits 1/2/8/8/8");
    // The third batch of 11 images has three.
    for (const auto& tensor : manifest["layers"]) {
        if (tensor["name"] == "step2.qfc.errors") CHECK(tensor["shape"] == nlohmann::json({1, 3, 120}));
        if (tensor["name"] == "step1.qfc.errors") CHECK(tensor["axes"] == nlohmann::json({"", "image", "channel"}));
    }
    const Outcome same = p.run({"diff", "v", "v"});
    CHECK(same.status == 0);
    CHECK_THAT(same.out, Catch::Contains("equal: 222 layers, "));
}

TEST_CASE("train-vectors: golden alone, skipped steps and other kinds of files are the same words") {
    const Project p;
    REQUIRE(p.vectors({"--steps", "4"}).status == 0);
    fs::rename(p.file("v"), p.file("all"));
    // Step 3 begins the second epoch of three batches.
    const Outcome skipped = p.vectors({"--steps", "1", "--skip", "3", "--engine", "golden", "--format", "coe,bin-be",
                                       "--pack", "lanes=4,first=high"});
    INFO(skipped.err);
    REQUIRE(skipped.status == 0);
    const Outcome compared = p.run({"diff", "all", "v", "--common"});
    INFO(compared.out);
    CHECK(compared.status == 0);
    CHECK_THAT(compared.out, Catch::Contains("step3.qfc_2.weights_after") && Catch::Contains("equal: 74 layers"));
    // One file of a tensor, changed by hand.
    std::string words = slurp(p.file("all/step3.qfc_2.draws.hex"));
    words[words.size() - 2] = words[words.size() - 2] == '0' ? '1' : '0';
    spill(p.file("draws.hex"), words);
    const Outcome wrong = p.run({"diff", "all", "draws.hex", "--layer", "step3.qfc_2.draws", "--common"});
    CHECK(wrong.status == 1);
    CHECK_THAT(wrong.out, Catch::Contains("step3.qfc_2.draws[in 83, out 9] (flat 839): expected "));
}

TEST_CASE("train-vectors: another seed, other bits or another rule of zeros are other vectors") {
    const Project p;
    REQUIRE(p.vectors({"--steps", "1"}).status == 0);
    fs::rename(p.file("v"), p.file("first"));
    for (const std::vector<std::string>& other :
         {std::vector<std::string>{"--seed", "2"}, {"--bits", "2/4/8/8/8"}, {"--schedule", "0:0.5"}}) {
        std::vector<std::string> arguments = other;
        arguments.insert(arguments.end(), {"--steps", "1"});
        REQUIRE(p.vectors(arguments).status == 0);
        CHECK(p.run({"diff", "first", "v"}).status == 1);
    }
    REQUIRE(p.vectors({"--steps", "1", "--store", "unbounded"}).status == 0);
    const Outcome wide = p.run({"diff", "first", "v"});
    CHECK(wide.status == 1);
    CHECK_THAT(wide.out, Catch::Contains("the formats differ: ap_fixed<8,1> expected, ap_fixed<32,25> found"));
}

TEST_CASE("diff --diagnose names the wrong rule of a training step, which no later tensor hides") {
    const Project p;
    REQUIRE(p.vectors({"--store", "wrap"}).status == 0);
    fs::rename(p.file("v"), p.file("dump"));
    REQUIRE(p.vectors({}).status == 0);
    const Outcome named = p.run({"diff", "v", "dump", "--diagnose", "--network", kLenet, "--json", "d.json"});
    INFO(named.out << named.err);
    REQUIRE(named.status == 1);
    CHECK_THAT(named.out, Catch::Contains("step0.qfc_1.weights_after: stored weights wrap at the ends of their range"));
    const auto diagnosis = nlohmann::json::parse(slurp(p.file("d.json")))["diagnosis"];
    std::size_t wrong = 0;
    for (const auto& tensor : diagnosis["layers"]) {
        const std::string name = tensor["name"];
        INFO(name);
        if (tensor["verdict"] == "equal") continue;
        ++wrong;
        CHECK(name.ends_with(".weights_after"));
        CHECK(tensor["verdict"] == "explained");
    }
    CHECK(wrong >= 4);
    // What the manifest does not say is found: the other way round.
    const Outcome reverse = p.run({"diff", "dump", "v", "--diagnose"});
    INFO(reverse.out << reverse.err);
    CHECK(reverse.status == 1);
    CHECK_THAT(reverse.out, Catch::Contains("step0.qfc_1.weights_after: stored weights saturate"));
    // A network that the set is not from.
    const Outcome other = p.run(
        {"diff", "v", "dump", "--diagnose", "--network", BITTRUE_SOURCE_DIR "/examples/mnist-cnn/mnist_cnn_8bit.toml"});
    CHECK(other.status == 2);
}

TEST_CASE("train-vectors refuses what it cannot do, and leaves nothing behind") {
    const Project p;
    spill(p.file("net.toml"), slurp(BITTRUE_SOURCE_DIR "/examples/rtl/softmax.toml"));
    const auto refused = [&](const std::vector<std::string>& arguments, const std::string& why) {
        const Outcome r = p.run(arguments);
        INFO(r.err);
        CHECK(r.status == 2);
        CHECK_THAT(r.err, Catch::Contains(why));
        CHECK_FALSE(fs::exists(p.file("v")));
    };
    const auto lenet = [&](std::vector<std::string> more, const std::string& why) {
        more.insert(more.begin(), {"train-vectors", kLenet, "--train", "digits:8", "--out", "v"});
        refused(more, why);
    };
    lenet({"--layer", "qfc_3"}, "there is no layer 'qfc_3' with weights; those are 'qconv2d', ");
    lenet({"--sv-package", "wage"}, "--sv-package: it needs --layer");
    lenet({"--sv-package", "wage", "--layer", "qconv2d"}, "'qconv2d' is a convolution");
    lenet({"--sv-package", "2wage", "--layer", "qfc", "--batch", "4"}, "'2wage' is no name of a SystemVerilog package");
    lenet({"--sv-package", "wage", "--layer", "qfc", "--batch", "5"}, "the steps have 5 and 3 images");
    lenet({"--pack", "qfc.errors:lanes=2"}, "there is no 'qfc.errors' to pack; tensors are named as 'step1.qconv2d.");
    lenet({"--bits", "1/2"}, "--bits");
    lenet({"--schedule", "1:1"}, "schedule");
    lenet({"--format", "pdf"}, "pdf");
    lenet({"--test", "digits:8"}, "--test");
    for (const char* option : {"--seed", "--steps", "--skip", "--first"}) {
        for (const char* number : {"-1", "-18446744073709551615", "18446744073709551616"})
            refused({"train-vectors", kLenet, "--train", "digits:8", "--out", "v", option, number}, option);
    }
    refused({"train-vectors", kLenet, "--out", "v"}, "give training images, as --train digits:100");
    refused({"train-vectors", "net.toml", "--train", "digits:8", "--out", "v"}, "net.toml");
    refused({"train-vectors", kLenet, "--train", "absent.npy", "--train-labels", "l.npy", "--out", "v"}, "absent.npy");
}
