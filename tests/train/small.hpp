// A small network that can be trained: 6x6 pixels, conv 3x3 to 2 channels, pool, dense to 3 classes.
#pragma once

#include <string>

namespace bittrue::test {

// `accumulator` of the convolution; its weights need no file.
inline std::string small_network(const std::string& accumulator = "ap_fixed<5,3>", const std::string& more = "") {
    std::string ones, many;
    for (int i = 0; i < 18; ++i) ones += i == 0 ? "1.0" : ", -1.0";
    for (int i = 0; i < 24; ++i) many += i == 0 ? "1.0" : ", -1.0";
    return R"(bittrue = 1
name = "small"
[input]
shape = [1, 6, 6]
layout = "chw"
type = "ap_ufixed<1,0,AP_RND_CONV,AP_SAT>"
pixel = { divide = 256, precision = "float64" }
[defaults]
quantizer = "sign"
terms = "kernel"
)" + more + R"([[layer]]
name = "conv"
op = "conv2d"
weights = { real = [)" +
           ones + R"(], shape = [3, 3, 1, 2] }
bias = false
weight_type = "ap_fixed<2,1>"
accumulator = ")" +
           accumulator + R"("
result = ")" +
           accumulator + R"("
[[layer]]
name = "pool"
op = "max_pool"
[[layer]]
name = "act"
op = "relu"
result = "ap_ufixed<1,0,AP_RND_CONV,AP_SAT>"
[[layer]]
name = "flat"
op = "flatten"
[[layer]]
name = "fc"
op = "dense"
weights = { real = [)" +
           many + R"(], shape = [8, 3] }
bias = false
weight_type = "ap_fixed<2,1>"
accumulator = "ap_fixed<5,3>"
result = "ap_fixed<5,3>"
[[layer]]
name = "end"
op = "clipped_relu"
max = 1
result = "ap_ufixed<3,1>"
)";
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    if (at == std::string::npos) return "the text lacks " + from;
    return text.replace(at, from.size(), to);
}

}  // namespace bittrue::test
