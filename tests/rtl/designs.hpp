// The designs of examples/rtl with the networks they are, and images that exercise them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/vectors/testbench.hpp"
#include "bittrue/vectors/vector_set.hpp"

namespace bittrue::test {

struct Design {
    std::string module{};  // in examples/rtl/sv, or vhdl
    // Packing by layer and by "layer.role", as the design's comments state it.
    std::map<std::string, std::string> packings{};
    std::map<std::string, std::string> parameters{};  // of the module
    PortStyle style = PortStyle::Stream;
    std::optional<SetFile> package{};  // of the formats, where the module reads one
};

[[nodiscard]] Design dense_design(int parallel = 2);
[[nodiscard]] Design dense_vhdl_design();       // in examples/rtl/vhdl
[[nodiscard]] Design seed_dense_vhdl_design();  // with the formats and sizes of the 8-bit network's layer
[[nodiscard]] Design conv_relu_pool_design();
[[nodiscard]] Design softmax_design();
[[nodiscard]] Design mnist_cnn_design(int parallel = 8);
[[nodiscard]] Design mnist_cnn_memory_design();

// examples/rtl/sv/mnist_cnn.sv takes its formats from the package of this name.
inline constexpr const char* kPackage = "cnn";
// That of examples/mnist-cnn/mnist_cnn_8bit.toml.
[[nodiscard]] SetFile mnist_cnn_package();

// Every layer's words for `images` images, computed by the emulator; parameters included.
[[nodiscard]] VectorSet dense_vectors(std::size_t images);           // any words, any sums
[[nodiscard]] VectorSet seed_dense_vectors(std::size_t images);      // the 8-bit network's layer "dense" alone
[[nodiscard]] VectorSet conv_relu_pool_vectors(std::size_t images);  // likewise
[[nodiscard]] VectorSet softmax_vectors(std::size_t images);         // close, equal and distant logits
[[nodiscard]] VectorSet mnist_cnn_vectors(std::size_t images);       // generated digits

}  // namespace bittrue::test
