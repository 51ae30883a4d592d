// The reference RTL against the emulator's words at every layer boundary, in the testbench that bittrue generates for
// it.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/verify/report.hpp"
#include "replay.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// Every word of every layer is checked by the testbench and equal, and the dump says the same.
void check_equal(const std::string& what, Simulator simulator, const VectorSet& golden, const Design& design) {
    const Replay played = replay(simulator, golden, design);
    INFO(played.outcome.text);
    CHECK(played.outcome.status == 0);
    CHECK(played.checked == words_to_check(golden));
    REQUIRE(played.report.has_value());
    INFO(print_report(*played.report));
    CHECK(played.report->layers.size() == golden.layers.size() - 1);
    CHECK(played.report->words_compared() == words_to_check(golden));
    CHECK(played.report->equal());
    fmt::print("{}, {}: {} words checked\n", what, name_of(simulator), played.checked);
}

}  // namespace

TEST_CASE("dense, conv_relu_pool and softmax in Icarus give the emulator's words at every boundary") {
    check_equal("dense", Simulator::Icarus, dense_vectors(24), dense_design());
    check_equal("conv_relu_pool", Simulator::Icarus, conv_relu_pool_vectors(3), conv_relu_pool_design());
    check_equal("softmax", Simulator::Icarus, softmax_vectors(16), softmax_design());
}

TEST_CASE("the whole network in Icarus gives the emulator's words at every boundary") {
    check_equal("mnist_cnn", Simulator::Icarus, mnist_cnn_vectors(3), mnist_cnn_design());
    check_equal("mnist_cnn, one multiplier", Simulator::Icarus, mnist_cnn_vectors(1), mnist_cnn_design(1));
}

TEST_CASE("the whole network behind memory ports in Icarus gives the emulator's words at every boundary") {
    check_equal("mnist_cnn_memory", Simulator::Icarus, mnist_cnn_vectors(2), mnist_cnn_memory_design());
}

TEST_CASE("dense and conv_relu_pool in Verilator give the emulator's words at every boundary") {
    check_equal("dense", Simulator::Verilator, dense_vectors(200), dense_design());
    check_equal("conv_relu_pool", Simulator::Verilator, conv_relu_pool_vectors(50), conv_relu_pool_design());
}

TEST_CASE("the whole network in Verilator gives the emulator's words at every boundary") {
    check_equal("mnist_cnn", Simulator::Verilator, mnist_cnn_vectors(50), mnist_cnn_design());
}

TEST_CASE("dense in VHDL by IEEE's fixed_pkg in GHDL gives the emulator's words") {
    check_equal("dense", Simulator::Ghdl, dense_vectors(200), dense_vhdl_design());
    check_equal("dense of the 8-bit network", Simulator::Ghdl, seed_dense_vectors(3), seed_dense_vhdl_design());
}
