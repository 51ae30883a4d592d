// A small network file and its weights, for tests that change one thing in it.
#pragma once

#include <string>

#include "bittrue/model/network_file.hpp"
#include "bittrue/model/npz.hpp"
#include "model/files.hpp"

namespace bittrue::test {

// 4x4x1 -> conv 3x3x1x2 -> relu -> max pool 2x2 -> flatten 2 -> dense 2x3 -> softmax
inline const std::string kSmallNetwork = R"(bittrue = 1
name = "small"
weights = "w.npz"

[input]
name = "in"
shape = [4, 4, 1]
type = "ap_ufixed<8,0>"
pixel = { divide = 255, precision = "float32" }

[defaults]
weight_type = "ap_fixed<8,1>"
accumulator = "ap_fixed<16,4>"
result = "ap_fixed<10,3>"

[[layer]]
name = "conv"
op = "conv2d"
weights = "conv/kernel"
bias = "conv/bias"

[[layer]]
name = "relu"
op = "relu"
result = "ap_ufixed<8,2>"

[[layer]]
name = "pool"
op = "max_pool"

[[layer]]
name = "flat"
op = "flatten"

[[layer]]
name = "dense"
op = "dense"
weights = "dense/kernel"
bias = false

[[layer]]
name = "softmax"
op = "softmax"
)";

inline NpyArray reals(Dims dims, double step = 0.0625) {
    NpyArray a{.dims = std::move(dims), .type = NpyType::Float64, .integers = {}, .reals = {}};
    for (std::int64_t i = 0; i < element_count(a.dims); ++i) a.reals.push_back(step * static_cast<double>(i + 1));
    return a;
}
inline NpyArray integers(Dims dims) {
    NpyArray a{.dims = std::move(dims), .type = NpyType::Int32, .integers = {}, .reals = {}};
    for (std::int64_t i = 0; i < element_count(a.dims); ++i) a.integers.push_back(i + 1);
    return a;
}

// Folder with w.npz, against which network texts are parsed.
class NetworkFolder {
public:
    NetworkFolder() {
        write_npz(folder_.file("w.npz"), {{"conv/conv/kernel:0", reals({3, 3, 1, 2})},
                                          {"conv/conv/bias:0", reals({2})},
                                          {"dense/kernel", reals({2, 3})},
                                          {"dense/torch", reals({3, 2})},
                                          {"raw", integers({2, 3})},
                                          {"oihw", reals({2, 1, 3, 3})},
                                          {"stats", reals({2})}});
    }
    [[nodiscard]] Graph parse(const std::string& text) const { return parse_network(text, folder_.file("net.toml")); }
    [[nodiscard]] std::string refusal(const std::string& text) const {
        return error_of([&] { static_cast<void>(parse(text)); });
    }
    [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

private:
    TemporaryFolder folder_{};
};

// The small network with one piece of text replaced by another; the piece must occur.
inline std::string with(const std::string& piece, const std::string& other, std::string text = kSmallNetwork) {
    const std::size_t at = text.find(piece);
    REQUIRE(at != std::string::npos);
    return text.replace(at, piece.size(), other);
}

// By value: the graph is often a temporary.
template <typename Op>
Op op_of(const Graph& graph, const std::string& name) {
    const int i = node_index(graph, name);
    REQUIRE(i >= 0);
    return std::get<Op>(graph.nodes[static_cast<std::size_t>(i)].op);
}

}  // namespace bittrue::test
