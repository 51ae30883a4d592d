// diff --diagnose with the real program: the cause of a wrong dump in text, JSON and JUnit, its proof and reproducer.
#include <array>
#include <filesystem>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>

#include "process.hpp"

using namespace bittrue::test;

namespace {

const std::string kNetwork = BITTRUE_SOURCE_DIR "/examples/mnist-cnn/mnist_cnn_8bit.toml";
const std::string kWeights = BITTRUE_SOURCE_DIR "/examples/mnist-cnn/seed_cnn_mnist.h5";

std::string replaced_once(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

void vectors(const std::string& network, const std::string& out) {
    const Outcome r = start({"vectors", network, "--input", "digits:12", "--out", out});
    INFO(r.err);
    REQUIRE(r.status == 0);
}

// A dump whose accumulators of the first layer have fewer integer bits than the network says.
struct Project {
    Scratch scratch{};
    std::string expected = scratch.file("expected"), dump = scratch.file("dump"), faulty = scratch.file("faulty.toml");

    explicit Project(const std::string& from = "accumulator = \"ap_fixed<19,5,AP_TRN,AP_SAT>\"",
                     const std::string& to = "accumulator = \"ap_fixed<16,2,AP_TRN,AP_SAT>\"") {
        std::string text = replaced_once(slurp(kNetwork), "seed_cnn_mnist.h5", kWeights);
        spill(faulty, replaced_once(text, from, to));
        vectors(kNetwork, expected);
        vectors(faulty, dump);
        // A dump says nothing of a network.
        auto manifest = nlohmann::json::parse(slurp(dump + "/manifest.json"));
        manifest["network"]["sha256"] = nullptr;
        manifest["network"]["file"] = nullptr;
        spill(dump + "/manifest.json", manifest.dump());
    }
    Outcome diff(std::vector<std::string> more) const {
        std::vector<std::string> all{"diff", expected, dump, "--diagnose", "--seconds", "20"};
        all.insert(all.end(), more.begin(), more.end());
        return bittrue_in(scratch.path(), all);
    }
};

Outcome python(const std::string& code, const std::string& argument) {
    const std::string command = fmt::format("python3 -c '{}' '{}' 2>&1", code, argument);
    Outcome outcome;
    FILE* pipe = popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer{};
    while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) outcome.out.append(buffer.data(), n);
    const int status = pclose(pipe);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return outcome;
}

}  // namespace

TEST_CASE("diff --diagnose names the setting, shows the step where both part, and says the same as JSON and JUnit") {
    const Project p;
    const std::string json_file = p.scratch.file("d.json"), junit = p.scratch.file("d.xml");
    const Outcome r = p.diff({"--json", json_file, "--junit", junit});
    INFO(r.out << r.err);
    REQUIRE(r.status == 1);
    CHECK_THAT(r.out, Catch::Contains("diagnosis: conv2d: ") && Catch::Contains("accumulator") &&
                          Catch::Contains("explains all") && Catch::Contains("how conv2d[image "));
    CHECK_THAT(r.out, Catch::Contains("\n>  term "));
    CHECK(r.out.find("diagnosis: conv2d_relu") == std::string::npos);

    const auto json = nlohmann::json::parse(slurp(json_file));
    const auto& diagnosis = json.at("diagnosis");
    CHECK(diagnosis.at("first_wrong_layer") == "conv2d");
    const auto& layer = diagnosis.at("layers").at(0);
    CHECK(layer.at("name") == "conv2d");
    CHECK(layer.at("verdict") == "explained");
    CHECK(layer.at("given_dumped") == nlohmann::json::array({"input"}));
    CHECK(layer.at("hypotheses").at(0).at("share") == 1.0);
    CHECK(layer.at("hypotheses").at(0).at("first_unexplained").is_null());
    CHECK(layer.at("hypotheses").at(0).at("changes").at(0).at("layer") == "conv2d");
    for (std::size_t i = 1; i < diagnosis.at("layers").size(); ++i)
        CHECK(diagnosis.at("layers").at(i).at("verdict") == "equal");

    const auto& proof = diagnosis.at("proofs").at(0);
    CHECK(proof.at("traced_layer") == "conv2d");
    CHECK(proof.at("predicted_raw") == proof.at("actual_raw"));
    CHECK(proof.at("expected_raw") != proof.at("actual_raw"));
    CHECK(proof.at("expected").at("raw") == proof.at("expected_raw"));
    CHECK(proof.at("found").at("raw") == proof.at("actual_raw"));
    const auto row = proof.at("parting").at("row").get<std::size_t>();
    const auto& a = proof.at("expected").at("steps");
    const auto& b = proof.at("found").at("steps");
    REQUIRE(row < a.size());
    for (std::size_t i = 0; i < row; ++i) CHECK(a.at(i).at("value") == b.at(i).at("value"));
    CHECK(a.at(row).at("value") != b.at(row).at("value"));

    // Python's parser takes the XML, and it says the same.
    const Outcome parsed = python(
        "import sys, xml.etree.ElementTree as e; s = e.parse(sys.argv[1]).getroot()[0]; "
        "print(s.attrib[\"failures\"], len(s), s.attrib[\"tests\"]); "
        "print([f.attrib[\"message\"] for f in s.iter(\"failure\")][0])",
        junit);
    INFO(parsed.out);
    REQUIRE(parsed.status == 0);
    CHECK_THAT(parsed.out, Catch::StartsWith(fmt::format("1 {0} {0}\n", json.at("layers").size())));
    CHECK_THAT(parsed.out, Catch::Contains(layer.at("sentence").get<std::string>()));
}

TEST_CASE("diff --diagnose of equal sides says that there is nothing, and exits with 0") {
    const Scratch scratch;
    vectors(kNetwork, scratch.file("v"));
    const Outcome r =
        bittrue_in(scratch.path(), {"diff", "v", "v", "--diagnose", "--junit", "j.xml", "--json", "d.json"});
    INFO(r.out << r.err);
    CHECK(r.status == 0);
    CHECK_THAT(r.out, Catch::EndsWith("diagnosis: every layer gives what the network gives for what it reads\n"));
    CHECK_THAT(slurp(scratch.file("j.xml")), Catch::Contains("failures=\"0\"") && !Catch::Contains("<failure"));
    CHECK(nlohmann::json::parse(slurp(scratch.file("d.json"))).at("diagnosis").at("first_wrong_layer").is_null());
}

TEST_CASE("a network file stands for the expected words, with the images of the dump") {
    const Project p;
    const Outcome r = start({"diff", kNetwork, p.dump, "--input", "digits:12", "--diagnose"});
    INFO(r.out << r.err);
    CHECK(r.status == 1);
    CHECK_THAT(r.out, Catch::Contains("diagnosis: conv2d: "));
    CHECK(start({"diff", kNetwork, p.expected, "--input", "digits:20", "--first", "12"}).status == 0);
    const Outcome none = start({"diff", kNetwork, p.dump});
    CHECK(none.status == 2);
    CHECK_THAT(none.err, Catch::Contains("give the images of the dump with --input"));
    const Outcome idle = start({"diff", p.expected, p.dump, "--input", "digits:12"});
    CHECK(idle.status == 2);
    CHECK_THAT(idle.err, Catch::Contains("--input: it is for a network file as EXPECTED"));
}

TEST_CASE("the network of a diagnosis is the manifest's, or --network's, and no other") {
    const Project p;
    const auto file = nlohmann::json::parse(slurp(p.expected + "/manifest.json")).at("network").at("file");
    CHECK(std::filesystem::equivalent(p.expected + "/" + file.get<std::string>(), kNetwork));

    const Outcome other = p.diff({"--network", p.faulty});
    CHECK(other.status == 2);
    CHECK_THAT(other.err, Catch::Contains("--network: ") && Catch::Contains("was written from another network"));

    auto manifest = nlohmann::json::parse(slurp(p.expected + "/manifest.json"));
    manifest["network"].erase("file");  // as manifests were before
    spill(p.expected + "/manifest.json", manifest.dump());
    const Outcome none = p.diff({});
    CHECK(none.status == 2);
    CHECK_THAT(none.err, Catch::Contains("does not say which network") && Catch::Contains("--network"));
    CHECK(p.diff({"--network", kNetwork}).status == 1);

    manifest["network"]["file"] = "gone.toml";
    spill(p.expected + "/manifest.json", manifest.dump());
    const Outcome gone = p.diff({});
    CHECK(gone.status == 2);
    CHECK_THAT(gone.err, Catch::Contains("gone.toml that the manifest of") && Catch::Contains("is not there"));

    const Outcome idle = start({"diff", p.expected, p.dump, "--network", kNetwork});
    CHECK(idle.status == 2);
    CHECK_THAT(idle.err, Catch::Contains("--network: it needs --diagnose"));
}

TEST_CASE("vectors of one layer alone are diagnosed with that layer") {
    const Project p;
    const std::string a = p.scratch.file("a"), b = p.scratch.file("b");
    REQUIRE(start({"vectors", kNetwork, "--layer", "conv2d", "--input", "digits:8", "--out", a}).status == 0);
    REQUIRE(start({"vectors", p.faulty, "--layer", "conv2d", "--input", "digits:8", "--out", b}).status == 0);
    const Outcome r = start({"diff", a, b, "--diagnose"});
    INFO(r.out << r.err);
    CHECK(r.status == 1);
    CHECK_THAT(r.out, Catch::Contains("diagnosis: conv2d: "));
}

TEST_CASE("a reproducer runs by itself, and mac --case checks it") {
    const Project p;
    const std::string folder = p.scratch.file("repro");
    const Outcome r = p.diff({"--reproducer", folder});
    INFO(r.out << r.err);
    REQUIRE(r.status == 1);
    CHECK_THAT(r.out, Catch::Contains("wrote " + folder));
    const std::string file = folder + "/dot_product.case";
    const Outcome run = start({"mac", "--case", file, "--engine", "both"});
    INFO(run.out << run.err);
    CHECK(run.status == 0);
    CHECK_THAT(run.out, Catch::Contains("expected accumulator ") && Catch::Contains("found accumulator "));
    const auto json = nlohmann::json::parse(start({"mac", "--case", file, "--json", "-"}).out);
    CHECK(json.at("expected").at("equal") == true);
    CHECK(json.at("found").at("equal") == true);
    CHECK(json.at("expected").at("accumulator_raw") != json.at("found").at("accumulator_raw"));
    const Outcome one = start({"mac", "--case", file, "--side", "found", "--plain"});
    CHECK(one.status == 0);
    CHECK(one.out.find("expected") == std::string::npos);

    // A case whose accumulator is another one fails.
    std::string text = slurp(file);
    const auto at = text.find("accumulator_raw = \"") + 19;
    text.replace(at, text.find('"', at) - at, "-1");
    spill(file, text);
    const Outcome wrong = start({"mac", "--case", file});
    CHECK(wrong.status == 1);
    CHECK_THAT(wrong.out, Catch::Contains(", the file says -1"));

    // The folder is replaced as a whole, but nobody else's.
    CHECK(p.diff({"--reproducer", folder}).status == 1);
    CHECK(start({"mac", "--case", file}).status == 0);
    std::filesystem::remove(file);
    const Outcome refused = p.diff({"--reproducer", folder});
    CHECK(refused.status == 2);
    CHECK_THAT(refused.err, Catch::Contains("holds other files"));
}

TEST_CASE("a result whose binary point moved parts at its word, in text, JSON and page") {
    const Project p("result = \"ap_fixed<8,7,AP_RND_CONV,AP_SAT>\"", "result = \"ap_fixed<8,5,AP_RND_CONV,AP_SAT>\"");
    const std::string json_file = p.scratch.file("d.json"), page = p.scratch.file("d.html");
    const Outcome r =
        start({"diff", p.expected, p.dump, "--diagnose", "--seconds", "1", "--json", json_file, "--report", page});
    INFO(r.out << r.err);
    REQUIRE(r.status == 1);
    const auto table = r.out.find("how dense_1[");
    REQUIRE(table != std::string::npos);
    const auto row = r.out.find("\n>  result ", table);
    REQUIRE(row != std::string::npos);
    CHECK_THAT(r.out.substr(table), Catch::Contains("ap_fixed<8,7>") && Catch::Contains("ap_fixed<8,5>"));
    CHECK_THAT(r.out.substr(table), Catch::Contains("   result cast ") && Catch::Contains("result word "));
    const auto json = nlohmann::json::parse(slurp(json_file));
    const auto& parting = json.at("diagnosis").at("proofs").at(0).at("parting");
    CHECK_THAT(parting.at("expected_step").get<std::string>(), Catch::StartsWith("result "));
    CHECK(parting.at("expected_value") != parting.at("found_value"));
    CHECK_THAT(slurp(page), Catch::Contains("result word"));
}

TEST_CASE("a reproducer finds the program: BITTRUE, the PATH, or the one that wrote it") {
    const Project p;
    const std::string folder = p.scratch.file("it's a folder");
    REQUIRE(p.diff({"--reproducer", folder}).status == 1);
    const auto script = [&](const std::string& environment) {
        return std::system(fmt::format("env {} sh \"{}/reproduce.sh\" >/dev/null 2>&1", environment, folder).c_str());
    };
    CHECK(script("PATH=/usr/bin:/bin") == 0);
    CHECK(WEXITSTATUS(script("BITTRUE=/nowhere/bittrue")) == 2);
    CHECK(script("BITTRUE=/bin/true") == 0);
    CHECK(WEXITSTATUS(script("BITTRUE=/bin/false")) == 1);
}

TEST_CASE("folders of a diagnosis are refused before the work, and hold nothing of an earlier run") {
    const Project p;
    const std::string file = p.scratch.file("file");
    spill(file, "x");
    for (const std::string& path : {file, file + "/in"}) {
        const Outcome r = p.diff({"--telling", path});
        CHECK(r.status == 2);
        CHECK(r.out.empty());
        CHECK_THAT(r.err, Catch::Contains("--telling: '" + file + "' is a file; give the name of a folder"));
    }
    // The set that is compared with is an earlier run's: it would go.
    const Outcome own = start({"diff", p.expected, p.dump, "--diagnose", "--telling", p.scratch.path()});
    CHECK(own.status == 2);

    const std::string telling = p.scratch.file("telling"), rep = p.scratch.file("rep");
    const std::string old = telling + "/conv2d-1-2";
    std::filesystem::create_directories(telling);
    spill(telling + "/own.txt", "kept");
    std::filesystem::create_directories(old + "/expected");
    spill(old + "/expected/manifest.json", "{\"input\": \"made to tell explanations of conv2d apart\"}");
    REQUIRE(p.diff({"--reproducer", rep}).status == 1);
    CHECK(std::filesystem::exists(rep + "/reproduce.sh"));
    const Outcome equal = bittrue_in(
        p.scratch.path(), {"diff", p.expected, p.expected, "--diagnose", "--telling", telling, "--reproducer", rep});
    INFO(equal.out << equal.err);
    CHECK(equal.status == 0);
    CHECK_THAT(equal.out, Catch::Contains("has no telling vector of this run"));
    CHECK_THAT(equal.out, Catch::Contains(rep + " was not written, an earlier run's was removed"));
    CHECK_FALSE(std::filesystem::exists(rep));
    CHECK_FALSE(std::filesystem::exists(old));
    CHECK(std::filesystem::exists(telling + "/own.txt"));
}

TEST_CASE("damaged case files are refused with line and remedy") {
    const Scratch scratch;
    const auto refused = [&](const std::string& text) {
        spill(scratch.file("c.case"), text);
        const Outcome r = bittrue_in(scratch.path(), {"mac", "--case", "c.case"});
        CHECK(r.status == 2);
        return r.err;
    };
    const std::string good =
        "bittrue_case = 1\n[expected]\nweight = \"ap_fixed<8,8>\"\ninput = \"ap_fixed<8,8>\"\nw = \"1,2\"\nx = "
        "\"3,4\"\n"
        "accumulator = \"ap_fixed<20,20>\"\naccumulator_raw = \"11\"\n";
    spill(scratch.file("good.case"), good);
    CHECK(bittrue_in(scratch.path(), {"mac", "--case", "good.case"}).status == 0);
    CHECK_THAT(refused(""), Catch::Contains("is no case file"));
    CHECK_THAT(refused("bittrue_case = 1\n"), Catch::Contains("has no table [expected]"));
    CHECK_THAT(refused("bittrue_case = 2\n"), Catch::Contains("c.case:1: bittrue_case is an integer from 1 to 1"));
    CHECK_THAT(refused(replaced_once(good, "x = \"3,4\"", "x = \"3\"")), Catch::Contains("2 weights and 1 inputs"));
    CHECK_THAT(refused(replaced_once(good, "w = \"1,2\"", "w = \"1,200\"")), Catch::Contains("c.case:5: w: "));
    CHECK_THAT(refused(good + "colour = 1\n"), Catch::Contains("'colour' is not known"));
    CHECK_THAT(refused(replaced_once(good, "\"11\"", "\"1e9\"")), Catch::Contains("no integer of at most 38 digits"));
    CHECK_THAT(refused(good + "quantize = \"never\"\n"), Catch::Contains("quantize is step, fold or end"));
    CHECK_THAT(refused(good + "stuck = { bit = 3, value = 2 }\n"), Catch::Contains("value is an integer from 0 to 1"));
    const Outcome both = bittrue_in(scratch.path(), {"mac", "--case", "good.case", "--w", "1"});
    CHECK(both.status == 2);
    CHECK(bittrue_in(scratch.path(), {"mac", "--case", "good.case", "--side", "found"}).status == 2);
    CHECK_THAT(start({"mac", "--w", "1"}).err, Catch::Contains("--weight is required"));
}

TEST_CASE("outputs of a diagnosis never destroy an input") {
    const Project p;
    CHECK(p.diff({"--junit", p.expected + "/manifest.json", "--json", p.expected + "/manifest.json"}).status == 2);
    CHECK(p.diff({"--reproducer", p.scratch.path()}).status == 2);
    CHECK(std::filesystem::exists(p.expected + "/manifest.json"));
}
