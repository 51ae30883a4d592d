// plan and --isa: the program says how it runs, and runs the same by every instruction set.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "bad_files.hpp"

using namespace bittrue::test;

namespace {

struct Project : Scratch {
    Project() { write_project(*this); }
    [[nodiscard]] Outcome go(const std::vector<std::string>& arguments) const { return bittrue_in(path(), arguments); }
};

}  // namespace

TEST_CASE("plan lists every layer with its kernel, proof and memory, as a table and as JSON") {
    const Project p;
    const Outcome r = p.go({"plan", "net.toml", "--json", "plan.json"});
    REQUIRE(r.status == 0);
    CHECK_THAT(r.out, Catch::Contains("blocks of 64 images") && Catch::Contains("why not faster") &&
                          Catch::Contains("with conv") && Catch::Contains("per thread"));
    const auto json = nlohmann::json::parse(slurp(p.file("plan.json")));
    CHECK(json.at("lanes") == 64);
    CHECK(json.at("block_bytes").get<std::int64_t>() > 0);
    REQUIRE(json.at("layers").size() == 3);
    CHECK(json.at("layers").at(0).at("name") == "conv");
    CHECK(json.at("layers").at(0).at("groups").size() >= 1);
    CHECK(json.at("layers").at(1).at("runs_with") == "conv");
    CHECK(json.at("layers").at(2).at("runs_with") == "");
    for (const auto& group : json.at("layers").at(0).at("groups")) {
        CHECK(!group.at("kernel").get<std::string>().empty());
        CHECK(!group.at("proof").get<std::string>().empty());
    }
    CHECK(nlohmann::json::parse(p.go({"plan", "net.toml", "--json", "-"}).out) == json);
}

TEST_CASE("I3: plan and show say what the network file declares of its input") {
    const Project p;
    CHECK(p.go({"plan", "net.toml"}).out.find("declared") == std::string::npos);
    CHECK_FALSE(nlohmann::json::parse(p.go({"show", "net.toml", "--json", "-"}).out).at("input").contains("range"));
    spill(p.file("net.toml"), replaced(network_text(), "shape = [6, 6, 1]", "shape = [6, 6, 1]\nrange = [0, 0.5]"));
    CHECK_THAT(p.go({"plan", "net.toml"}).out, Catch::Contains(", inputs 0..0.5 declared\n"));
    CHECK_THAT(p.go({"show", "net.toml"}).out, Catch::Contains(", inputs 0..0.5 declared\n"));
    const auto expected = nlohmann::json::parse("[0.0, 0.5]");
    CHECK(nlohmann::json::parse(p.go({"show", "net.toml", "--json", "-"}).out).at("input").at("range") == expected);
    const auto plan = nlohmann::json::parse(p.go({"plan", "net.toml", "--json", "-"}).out);
    CHECK(plan.at("input").at("range") == expected);
    CHECK(plan.at("layers").at(0).at("input").at("high") == 128);
}

TEST_CASE("plan and run take an instruction set, and the words do not depend on it") {
    const Project p;
    CHECK_THAT(p.go({"plan", "net.toml", "--isa", "scalar"}).out, Catch::Contains("scalar"));
    REQUIRE(p.go({"run", "net.toml", "--input", "images.npy", "--trace", "best.npz"}).status == 0);
    REQUIRE(p.go({"run", "net.toml", "--input", "images.npy", "--isa", "scalar", "--trace", "scalar.npz"}).status == 0);
    CHECK(slurp(p.file("best.npz")) == slurp(p.file("scalar.npz")));
}

TEST_CASE("an instruction set that is none is refused with those that are") {
    const Project p;
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"plan", "net.toml", "--isa", "avx1024"},
          std::vector<std::string>{"run", "net.toml", "--input", "images.npy", "--isa", "avx1024"}}) {
        const Outcome r = p.go(arguments);
        CHECK(r.status == 2);
        CHECK_THAT(r.err, Catch::Contains("--isa") && Catch::Contains("avx1024") && Catch::Contains("scalar"));
        CHECK(r.out.empty());
    }
}
