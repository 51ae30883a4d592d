// Clocks per image of the whole network, as examples/rtl/README.md states them.
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/vectors/vector_files.hpp"
#include "designs.hpp"
#include "simulation.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// Pixels without a pause; what they are does not matter. Prints the clocks between the last words of two images.
constexpr const char* kBench = R"(module cycles_tb;
  logic clk = 0, rst = 1;
  wire in_ready, out_valid;
  integer clocks = 0, words = 0, previous = 0;
  mnist_cnn #(.PARALLEL(`PARALLEL)) dut (
    .clk(clk), .rst(rst), .in_data(clocks[7:0]), .in_valid(1'b1), .in_ready(in_ready),
    .out_data(), .out_valid(out_valid), .out_ready(1'b1),
    .conv2d_data(), .conv2d_valid(), .conv2d_relu_data(), .conv2d_relu_valid(), .max_pooling2d_data(),
    .max_pooling2d_valid(), .flatten_data(), .flatten_valid(), .dense_data(), .dense_valid(), .dense_relu_data(),
    .dense_relu_valid(), .dense_1_data(), .dense_1_valid());
  always #5 clk = !clk;
  always @(posedge clk) begin
    clocks <= clocks + 1;
    if (clocks == 3) rst <= 0;
    if (!rst && out_valid) begin
      words <= words + 1;
      if (words == 9) previous <= clocks;
      if (words == 19) begin
        $display("%0d clocks per image", clocks - previous);
        $finish;
      end
    end
  end
endmodule
)";

std::int64_t clocks_per_image(int parallel) {
    const Folder folder;
    VectorOptions options{.kinds = {FileKind::Mem}};
    for (const auto& [name, packing] : mnist_cnn_design(parallel).packings)
        options.packings[name] = parse_packing(packing);
    const SetFile package = mnist_cnn_package();
    options.extra.push_back(package);
    write_vector_set(folder / "set", mnist_cnn_vectors(1), options);
    spill(folder / "set/cycles_tb.sv", fmt::format("`define PARALLEL {}\n", parallel) + kBench);
    const Outcome outcome = simulate(Simulator::Icarus, folder / "set", package.path + " cycles_tb.sv", "cycles_tb");
    INFO(outcome.text);
    CHECK(outcome.status == 0);
    return count_before(outcome.text, "clocks per image");
}

}  // namespace

TEST_CASE("the whole network takes 6,192 clocks per image with 8 multipliers in its dense layer, 43,264 with one") {
    CHECK(clocks_per_image(8) == 6192);
    CHECK(clocks_per_image(1) == 43264);
}
