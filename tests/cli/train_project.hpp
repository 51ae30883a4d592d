// What the tests of `bittrue train` train: a small network and images that it learns.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bittrue/model/npz.hpp"
#include "process.hpp"
#include "train/small.hpp"

namespace bittrue::test {

inline const std::string kLenet = std::string(BITTRUE_SOURCE_DIR) + "/examples/lenet5-wage/lenet5_wage.toml";

// A class is a bright row pair; the rest is noise.
inline NpyArray images(std::int64_t count, std::uint64_t seed) {
    NpyArray a{.dims = {count, 6, 6}, .type = NpyType::UInt8};
    for (std::int64_t i = 0; i < count; ++i) {
        for (std::int64_t p = 0; p < 36; ++p) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            const bool bright = p / 12 == i % 3;
            a.integers.push_back(static_cast<std::int64_t>(seed >> 57U) + (bright ? 120 : 0));
        }
    }
    return a;
}

inline NpyArray labels(std::int64_t count) {
    NpyArray a{.dims = {count}, .type = NpyType::UInt8};
    for (std::int64_t i = 0; i < count; ++i) a.integers.push_back(i % 3);
    return a;
}

// net.toml, which reads weights.npz, with images and labels.
struct Project : Scratch {
    Project() {
        std::string text = small_network();
        for (const char* name : {"conv", "fc"}) {
            const auto at = text.find("weights = { real");
            text.replace(at, text.find('\n', at) - at, fmt::format("weights = \"{}\"", name));
        }
        spill(file("net.toml"), replaced(text, "name = \"small\"\n", "name = \"small\"\nweights = \"weights.npz\"\n"));
        NpyArray conv{.dims = {3, 3, 1, 2}, .type = NpyType::Float32}, fc{.dims = {8, 3}, .type = NpyType::Float32};
        conv.reals.assign(18, 0.5);
        fc.reals.assign(24, -0.5);
        write_npz(file("weights.npz"), {{"conv", conv}, {"fc", fc}});
        write_npy(file("train.npy"), images(300, 1));
        write_npy(file("train_labels.npy"), labels(300));
        write_npy(file("test.npy"), images(90, 2));
        write_npy(file("test_labels.npy"), labels(90));
    }
    [[nodiscard]] static std::vector<std::string> command(const std::vector<std::string>& more) {
        std::vector<std::string> all{"train",          "net.toml",         "--train", "train.npy",
                                     "--train-labels", "train_labels.npy", "--test",  "test.npy",
                                     "--test-labels",  "test_labels.npy",  "--batch", "20"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    [[nodiscard]] Outcome train(const std::vector<std::string>& more) const {
        return bittrue_in(path(), command(more));
    }
    // Right answers of `bittrue run` on the test images.
    [[nodiscard]] std::size_t correct(const std::string& network, const std::string& engine) const {
        const Outcome run = bittrue_in(path(), {"run", network, "--input", "test.npy", "--labels", "test_labels.npy",
                                                "--engine", engine, "--json", "-"});
        INFO(run.err);
        REQUIRE(run.status == 0);
        return nlohmann::json::parse(run.out).at("correct").get<std::size_t>();
    }
};

}  // namespace bittrue::test
