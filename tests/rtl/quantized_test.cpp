// From the float model to the simulated design as users go it: quantize, vectors with the package of formats, the
// reference RTL in real simulators, diff. No file of the RTL is touched between one network and the next.
#include <filesystem>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "simulation.hpp"

using namespace bittrue::test;

namespace {

const std::string kModel = BITTRUE_SOURCE_DIR "/examples/mnist-cnn/seed_cnn_mnist.h5";
const std::string kMnist = BITTRUE_SOURCE_DIR "/../shared/data/mnist/";

// In a folder of its own, as a user's shell would run it.
std::string must(const Folder& folder, const std::string& command) {
    const Outcome outcome = shell(folder.path(), command);
    INFO(command << "\n" << outcome.text);
    REQUIRE(outcome.status == 0);
    return outcome.text;
}

std::string program(const Folder& folder, const std::string& arguments) {
    return must(folder, BITTRUE_PROGRAM " " + arguments);
}

struct Images {
    std::string calibration{};  // arguments of quantize
    std::string test{};         // arguments of run and vectors
};

void quantize(const Folder& folder, const Images& images, const std::string& bits) {
    program(folder, fmt::format("quantize {} {} {} -o net.toml", kModel, images.calibration, bits));
    CHECK(program(folder, fmt::format("run net.toml {} --first 20 --engine both", images.test)).find("golden agrees") !=
          std::string::npos);
}

// In the folder of the vectors, where the design finds its memories; everything made lies beside that folder.
std::string simulation(Simulator simulator) {
    const std::string sv = kRtl + "/sv";
    if (simulator == Simulator::Icarus)
        return fmt::format(
            "iverilog -g2012 -y {0} -Y .sv -s mnist_cnn_tb -o ../tb.vvp cnn.sv {0}/fixed_point.sv tb/*.sv && "
            "vvp -n ../tb.vvp +dump=../dump",
            sv);
    return fmt::format(
        "verilator --cc --exe --build -j 1 -O3 -Mdir ../obj -y {0} --top-module bittrue_top cnn.sv "
        "{0}/fixed_point.sv tb/bittrue_top.sv $PWD/tb/mnist_cnn_tb.cpp "
        "-MAKEFLAGS 'OBJCACHE=ccache OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1' >../build.log 2>&1 || "
        "{{ cat ../build.log; exit 1; }}; ../obj/Vbittrue_top +dump=../dump",
        sv);
}

// Vectors of `count` images with testbench and package, the simulation, diff. An image has 3656 words in eight layers.
void simulate_in(Simulator simulator, const Folder& folder, const Images& images, int count) {
    program(folder, fmt::format("vectors net.toml {} --first {} --out v --format npy,mem --testbench {} --ports "
                                "{}/mnist_cnn_ports.toml --sv-package cnn --pack conv2d.weights:lanes=2 "
                                "--pack conv2d.bias:lanes=2 --pack dense.weights:lanes=8 --pack dense.bias:lanes=8",
                                images.test, count, simulator == Simulator::Icarus ? "sv" : "verilator", kRtl));
    const std::string words = fmt::format("{} words", 3656 * count);
    const std::string said = must(folder, "rm -rf dump && mkdir dump && cd v && " + simulation(simulator));
    CHECK(said.find("bittrue: PASS " + words + " checked") != std::string::npos);
    CHECK(program(folder, "diff v dump").find("equal: 8 layers, " + words) != std::string::npos);
}

const Images kDigits{.calibration = "--data digits:100", .test = "--input digits:20:7"};

}  // namespace

TEST_CASE("the seed's network quantized to 8 bits is simulated by the same RTL with equal words in every layer") {
    const Folder folder;
    quantize(folder, kDigits, "--bits 8");
    simulate_in(Simulator::Icarus, folder, kDigits, 2);
    simulate_in(Simulator::Verilator, folder, kDigits, 20);
}

TEST_CASE("the same with weights of 4 bits and activations of 6") {
    const Folder folder;
    quantize(folder, kDigits, "--bits 6 --weight-bits 4");
    simulate_in(Simulator::Icarus, folder, kDigits, 2);
    simulate_in(Simulator::Verilator, folder, kDigits, 20);
}

TEST_CASE("the same with other bits in Icarus") {
    for (const char* bits : {"--bits 6", "--bits 4", "--bits 16"}) {
        INFO(bits);
        const Folder folder;
        quantize(folder, kDigits, bits);
        simulate_in(Simulator::Icarus, folder, kDigits, 1);
    }
}

TEST_CASE("the same with accumulators that saturate, and with other bits in every layer, in Icarus") {
    for (const char* bits : {"--bits 8 --accumulator 12", "--bits 6 --budget 100000"}) {
        INFO(bits);
        const Folder folder;
        quantize(folder, kDigits, bits);
        simulate_in(Simulator::Icarus, folder, kDigits, 1);
    }
}

TEST_CASE("the seed's network calibrated on MNIST's training images is simulated with equal words on its test images") {
    if (!std::filesystem::exists(kMnist + "train-images-idx3-ubyte.gz")) {
        WARN("SKIPPED: the MNIST images absent");
        return;
    }
    const Images mnist{
        .calibration = fmt::format("--data {0}train-images-idx3-ubyte.gz --labels {0}train-labels-idx1-ubyte.gz "
                                   "--first 500",
                                   kMnist),
        .test = fmt::format("--input {}t10k-images-idx3-ubyte.gz", kMnist)};
    for (const char* bits : {"--bits 8", "--bits 6 --weight-bits 4"}) {
        INFO(bits);
        const Folder folder;
        quantize(folder, mnist, bits);
        simulate_in(Simulator::Icarus, folder, mnist, 2);
        simulate_in(Simulator::Verilator, folder, mnist, 100);
    }
}
