// parse_network: damaged network files beside an intact weights file.
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/npz.hpp"
#include "fuzz/arrays.hpp"
#include "fuzz/graphs.hpp"
#include "fuzz/scratch.hpp"

namespace bittrue::fuzz {

namespace {

constexpr const char* kHead = R"(bittrue = 1
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
)";

std::string layer(const std::string& name, const std::string& op, const std::string& more = "") {
    return "[[layer]]\nname = \"" + name + "\"\nop = \"" + op + "\"\n" + more;
}

const Scratch& folder() {
    static const Scratch scratch;
    static const bool written = [] {
        scratch.write("w.npz", npz_bytes({{"conv/conv/kernel:0", small_array(NpyType::Float32, {3, 3, 1, 2})},
                                          {"conv/conv/bias:0", small_array(NpyType::Float32, {2})},
                                          {"dense/kernel", small_array(NpyType::Float64, {2, 3})},
                                          {"dense/torch", small_array(NpyType::Float64, {3, 2})},
                                          {"raw", small_array(NpyType::Int32, {2, 3})},
                                          {"oihw", small_array(NpyType::Float32, {2, 1, 3, 3})},
                                          {"one", small_array(NpyType::UInt8, {2})}}));
        return true;
    }();
    require(written, "the weights are there");
    return scratch;
}

}  // namespace

std::vector<std::string> seeds() {
    const std::string conv = layer("conv", "conv2d", "weights = \"conv/kernel\"\nbias = \"conv/bias\"\n");
    const std::string dense = layer("dense", "dense", "weights = \"dense/kernel\"\nbias = false\n");
    return {
        kHead + conv + layer("relu", "relu", "result = \"ap_ufixed<8,2>\"\n") + layer("pool", "max_pool") +
            layer("flat", "flatten") + dense + layer("soft", "softmax", "exp_table_size = 64\ninv_table_size = 64\n"),
        kHead +
            layer("conv", "conv2d",
                  "weights = \"oihw\"\nweights_layout = \"oihw\"\nbias = { real = [0.5, -1], shape = [2] }\npadding = "
                  "\"same\"\nstride = 2\n"
                  "dilation = [1, 1]\ngroups = 1\nproduct = \"exact\"\nterms = \"kernel\"\nschedule = "
                  "\"cascade:4\"\nquantize = \"end\"\n"
                  "bias_position = \"last\"\nbias_cast = \"s16.10\"\nquantizer = \"sign\"\n") +
            layer("mean", "average_pool",
                  "pool = [2, 2]\nstride = [1, 1]\npadding = [0, 1, 0, 1]\ncount_padding = true\ndivide = \"RND\"\n") +
            layer("leaky", "leaky_relu", "alpha = 0.125\nalpha_type = \"ap_fixed<8,1>\"\n") +
            layer("map", "reshape", "shape = [2, 2, 2]\nlayout = \"chw\"\n") +
            layer("out", "add", "inputs = [\"map\", \"map\"]\n"),
        kHead +
            std::string(
                "[training]\nbits = { weights = 2, activations = 1, gradients = 10, errors = 6, randomizer = 5 }\n"
                "learning_rate = \"ap_ufixed<6,0>\"\nrandomizer = { width = 8, taps = \"0xb8\" }\nstore = \"wrap\"\n"
                "zero_scale = \"nan\"\nerror_accumulator = { width = 20, overflow = \"saturate\" }\n"
                "[[training.layer]]\nname = \"conv\"\ngradient_accumulator = { width = 0 }\n") +
            conv,
        std::string(kHead).replace(std::string(kHead).find("pixel"), 0, "range = [0, 0.5]\n") + layer("r", "relu"),
        "output = \"b\"\ndialect = \"ac\"\n" + std::string(kHead) + layer("a", "clipped_relu", "max = 6\n") +
            layer("b", "sigmoid", "inputs = [\"a\"]\ntable_size = 16\ntable_type = \"ac_fixed<18,8,true>\"\n"),
        kHead + layer("flat", "flatten", "order = \"chw\"\n") +
            layer("rom", "lookup",
                  "table = { raw = [0, 1, 2, 3], shape = [4] }\ntable_type = \"s8.0\"\nindex = \"bits\"\nspan = 8\n") +
            layer("t", "tanh", "table_size = 4\n") + layer("q", "quantize", "result = \"Q1.3\"\n"),
        kHead + layer("pool", "max_pool", "pool = 4\npad_rule = \"msb\"\n") +
            layer("up", "dense",
                  "weights = { raw = [[1, 2]], shape = [1, 2] }\nbias = { array = \"one\", raw = true }\n") +
            layer("out", "dense",
                  "weights = { array = \"raw\", raw = true }\nbias = false\nschedule = \"interleave:2\"\nproduct = "
                  "\"accumulator\"\n") +
            layer("max", "softmax", "kind = \"argmax\"\n"),
        kHead + layer("scaled", "affine", "scale = 0.5\nbias = { real = [1], quantizer = \"sign\" }\n") +
            layer("wide", "concat", "inputs = [\"scaled\", \"scaled\"]\naxis = \"row\"\n") +
            layer("turned", "transpose", "axes = [2, 0, 1]\nlayout = \"chw\"\n") +
            layer("framed", "pad", "padding = [1, 0, 2, 0]\n") + layer("cut", "clip", "min = -1\nmax = 0.5\n") +
            layer("steps", "threshold",
                  "thresholds = { real = [[-0.5, 0, 0.25]] }\nscale = 2\nbias = -1\nstrict = true\n") +
            layer("ints", "requantize",
                  "multiplier = [3]\nshift = [1]\nrule = \"tflite_double\"\nzero_point = -3\nzero_point_first = "
                  "true\n") +
            layer("squared", "multiply", "inputs = [\"ints\", \"ints\"]\n")};
}

std::vector<std::string> dictionary() {
    return {"[[layer]]\n",
            "[input]",
            "op = ",
            "inputs = [\"",
            "shape = [",
            "raw = [",
            "real = [",
            "\"same\"",
            "\"valid\"",
            "true",
            "false",
            "nan",
            "-inf",
            "1e308",
            "2147483647",
            "4294967296",
            "9223372036854775807",
            "-1",
            "1048576",
            "0",
            "padding = [1048576, 1048576, 1048576, 1048576]\n",
            "stride = 1048576\n",
            "dilation = 1048576\n",
            "\"legacy\"",
            "\"latency\"",
            "\"stable\"",
            "\"argmax\"",
            "\"chw\"",
            "\"hwc\"",
            "table_size = ",
            "groups = 2\n",
            "[[[[",
            "{ a = { b = ",
            "\"conv\"",
            "\"dense/torch\"",
            "\"oi\"",
            "ap_fixed<64,-512>",
            "ap_ufixed<1,1>",
            "s64.512",
            "\"\"\"",
            "1979-05-27",
            "range = [0, 0.5]\n",
            "range = [",
            "-1e308",
            "axes = [0, 1, 2]\n",
            "shift = -62\n",
            "\"float32\"",
            "quantizer = \"bipolar\""};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    const std::string text = text_of(data, size);
    Graph graph;
    if (takes([&] { graph = parse_network(text, folder().file("net.toml")); })) check_graph(graph);
    return 0;
}
