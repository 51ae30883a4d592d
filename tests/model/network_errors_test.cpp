#include <limits>

#include "model/network_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// The line of the small network's text on which a piece stands.
std::string line_of(const std::string& text, const std::string& piece) {
    const std::size_t at = text.find(piece);
    REQUIRE(at != std::string::npos);
    return "net.toml:" +
           std::to_string(1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) + ":";
}

struct Case {
    std::string piece;    // of the small network
    std::string other;    // what stands there instead
    std::string culprit;  // the error names the line of this text
    std::string says;
};

}  // namespace

TEST_CASE("errors in a network file name the line, the layer and the remedy") {
    const NetworkFolder files;
    const std::vector<Case> cases{
        {"op = \"relu\"", "op = \"rellu\"", "op = \"rellu\"",
         "layer 'relu': op: 'rellu' is no operation, the nearest is 'relu'"},
        {"op = \"relu\"\n", "", "[[layer]]\nname = \"relu\"", "lacks the key 'op'"},
        {"name = \"relu\"\n", "", "[[layer]]\nop = \"relu\"", "every layer needs a name"},
        {"name = \"relu\"", "name = \"conv\"", "name = \"conv\"\nop = \"relu\"",
         "another layer or the input has the same name"},
        {"op = \"relu\"", "op = \"relu\"\nstride = 2", "stride = 2", "the key 'stride' is not known here"},
        {"accumulator = \"ap_fixed<16,4>\"", "acumulator = \"ap_fixed<16,4>\"", "acumulator",
         "the nearest known key is 'accumulator'"},
        {"name = \"small\"", "nam = \"small\"", "nam =", "the nearest known key is 'name'"},
        {"shape = [4, 4, 1]", "shpe = [4, 4, 1]", "[input]", "lacks the key 'shape'"},
        {"shape = [4, 4, 1]", "shape = [4, 4]", "shape", "2 axes"},
        {"shape = [4, 4, 1]", "shape = [1099511627776, 4, 1]", "shape", "integers from 1 to"},
        {"shape = [4, 4, 1]", "shape = [2147483647, 2147483647, 4]", "shape", "2^31"},
        {"shape = [4, 4, 1]", "shape = [4, -4, 1]", "shape", "integers from 1 to"},
        {"shape = [4, 4, 1]", "shape = [4, 4, 1]\nlayout = \"nchw\"", "layout", "one of vector, hwc, chw"},
        {"type = \"ap_ufixed<8,0>\"", "type = \"ap_ufixed<0,0>\"", "type = ", "input: type"},
        {"type = \"ap_ufixed<8,0>\"", "type = \"ap_ufixed<65,0>\"", "type = ", "input: type"},
        {"type = \"ap_ufixed<8,0>\"", "type = 8", "type = ", "a text in quotes"},
        {"divide = 255", "divide = 0", "pixel", "positive number"},
        {"divide = 255", "divide = nan", "pixel", "positive number"},
        {"\"float32\"", "\"float16\"", "pixel", "one of float32, float64"},
        {"name = \"in\"", "range = 1\nname = \"in\"", "range", "input: range: must be a list of numbers"},
        {"name = \"in\"", "range = [0, \"1\"]\nname = \"in\"", "range", "must be a list of numbers"},
        {"name = \"in\"", "range = [0, true]\nname = \"in\"", "range", "must be a list of numbers"},
        {"name = \"in\"", "range = [1]\nname = \"in\"", "range", "must be two numbers: range = [0, 1]"},
        {"name = \"in\"", "range = [0, nan]\nname = \"in\"", "range", "two finite numbers, the lower first"},
        {"name = \"in\"", "range = [0, inf]\nname = \"in\"", "range", "two finite numbers, the lower first"},
        {"name = \"in\"", "range = [0.5, 0.25]\nname = \"in\"", "range", "the lower first, not 0.5 to 0.25"},
        {"name = \"in\"", "range = [1, 2]\nname = \"in\"", "range",
         "no word of ap_ufixed<8,0> has a value from 1 to 2; its words are steps of 0.00390625 from 0 to 0.99609375"},
        {"weights = \"conv/kernel\"", "weights = \"conv/kernal\"", "weights = \"conv/kernal\"",
         "the nearest name is 'conv/conv/kernel:0'"},
        {"weights = \"conv/kernel\"\n", "", "[[layer]]\nname = \"conv\"", "lacks the key 'weights'"},
        {"bias = \"conv/bias\"\n", "", "[[layer]]\nname = \"conv\"", "bias = false for a layer without bias"},
        {"bias = \"conv/bias\"", "bias = true", "bias = true", "must be the name of an array or a table"},
        {"bias = \"conv/bias\"", "bias = { raw = [1, 2, 3] }", "[[layer]]\nname = \"conv\"", "bias has 3 numbers"},
        {"bias = \"conv/bias\"", "bias = { raw = [1, 200] }", "bias = {",
         "200 is outside of ap_fixed<8,1> (-128 to 127)"},
        {"bias = \"conv/bias\"", "bias = { raw = [1, 2.5] }", "bias = {", "integers only"},
        {"bias = \"conv/bias\"", "bias = { raw = [] }", "bias = {", "has no numbers"},
        {"bias = \"conv/bias\"", "bias = { real = [1, inf] }", "bias = {", "only finite numbers"},
        {"bias = \"conv/bias\"", "bias = { raw = [1, 2], shape = [3] }", "bias = {", "does not hold 2 numbers"},
        {"bias = \"conv/bias\"", "bias = { raw = [1, 2], shape = [2, 2] }", "bias = {", "2x2 does not hold 2 numbers"},
        {"bias = \"conv/bias\"", "bias = { raw = [[1, 2], [3]] }", "bias = {", "bias: raw: is ragged"},
        {"bias = \"conv/bias\"", "bias = { raw = [1, [2]] }", "bias = {", "bias: raw: is ragged"},
        {"bias = \"conv/bias\"", "bias = { raw = [[1], 2] }", "bias = {", "bias: raw: is ragged"},
        {"bias = \"conv/bias\"", "bias = { real = [[[1]], [2]] }", "bias = {", "bias: real: is ragged"},
        {"bias = \"conv/bias\"", "bias = { real = [[], []] }", "bias = {", "has no numbers"},
        {"weights = \"dense/kernel\"", "weights = { raw = [[1, 2], [3, 4], [5, 6]] }", "[[layer]]\nname = \"dense\"",
         "the weights have shape 3x2"},
        {"name = \"relu\"", "name = \"re\\nlu\"", "name = \"re\\nlu\"", "name: must not have line ends"},
        {"name = \"relu\"", "name = \"" + std::string(201, 'r') + "\"", "name = \"rrr",
         "name: must have at most 200 characters, not 201"},
        {"name = \"in\"", "name = \"\"", "name = \"\"", "input: name: must not be empty"},
        {"bias = \"conv/bias\"", "bias = { rew = [1, 2] }", "bias = {", "either raw = [integers]"},
        {"bias = \"conv/bias\"", "bias = { file = \"absent.npy\" }", "bias = {", "absent.npy: cannot be read"},
        {"bias = \"conv/bias\"", "bias = { array = \"dense/kernel\", raw = true }", "bias = {",
         "raw words must be integers"},
        {"bias = \"conv/bias\"", "bias = \"conv/bias\"\nstride = 0", "stride", "integer from 1"},
        {"bias = \"conv/bias\"", "bias = \"conv/bias\"\nstride = [1, 2, 3]", "stride", "list of two"},
        {"bias = \"conv/bias\"", "bias = \"conv/bias\"\npadding = \"full\"", "padding", "one of valid, same"},
        {"bias = \"conv/bias\"", "bias = \"conv/bias\"\npadding = [1, 1]", "padding", "list of four"},
        {"bias = \"conv/bias\"", "bias = \"conv/bias\"\ngroups = 3", "[[layer]]\nname = \"conv\"", "3 groups"},
        {"bias = \"conv/bias\"", "bias = \"conv/bias\"\ndilation = 9", "[[layer]]\nname = \"conv\"", "window spans"},
        {"bias = \"conv/bias\"", "bias = \"conv/bias\"\nschedule = \"fold\"", "schedule", "fold"},
        {"bias = \"conv/bias\"", "bias = \"conv/bias\"\nschedule = \"tree\"\nquantize = \"fold\"",
         "[[layer]]\nname = \"conv\"", "layer 'conv'"},
        {"bias = \"conv/bias\"", "bias = \"conv/bias\"\nproduct = \"wide\"", "product", "layer 'conv': product"},
        {"bias = \"conv/bias\"", "bias = \"conv/bias\"\nweights_layout = \"hwoo\"", "weights_layout",
         "\"oihw\" (PyTorch)"},
        {"bias = false", "bias = false\nquantizer = \"ternary\"", "quantizer", "one of cast, sign, bipolar"},
        {"weights = \"dense/kernel\"", "weights = \"dense/torch\"", "[[layer]]\nname = \"dense\"",
         "the weights have shape 3x2"},
        {"weights = \"dense/kernel\"", "weights = \"oihw\"", "weights = \"oihw\"", "2 axes are needed"},
        {"op = \"flatten\"", "op = \"flatten\"\ninputs = [\"pol\"]", "inputs",
         "'pol' is neither the input nor a layer above this one; the nearest name is 'pool'"},
        {"op = \"flatten\"", "op = \"flatten\"\ninputs = [\"dense\"]", "inputs", "neither the input nor a layer above"},
        {"op = \"flatten\"", "op = \"flatten\"\ninputs = []", "inputs", "is empty"},
        {"op = \"flatten\"", "op = \"softmax\"", "[[layer]]\nname = \"flat\"", "put a flatten in front"},
        {"op = \"max_pool\"", "op = \"max_pool\"\npool = 9", "[[layer]]\nname = \"pool\"", "window spans 9"},
        {"op = \"relu\"", "op = \"clipped_relu\"", "[[layer]]\nname = \"relu\"", "lacks the key 'max'"},
        {"op = \"relu\"", "op = \"clipped_relu\"\nmax = -1", "[[layer]]\nname = \"relu\"", "at least 0"},
        {"op = \"relu\"", "op = \"leaky_relu\"\nalpha = inf", "alpha", "finite"},
        {"op = \"relu\"", "op = \"lookup\"", "[[layer]]\nname = \"relu\"", "lacks the key 'table'"},
        {"op = \"relu\"", "op = \"sigmoid\"\ntable_size = 1", "table_size", "integer from 2"},
        {"op = \"softmax\"", "op = \"softmax\"\nexp_table_size = 1000", "exp_table_size", "power of two"},
        {"op = \"softmax\"", "op = \"softmax\"\nkind = \"soft\"", "kind", "one of stable, latency, legacy, argmax"},
        {"op = \"softmax\"", "op = \"add\"", "[[layer]]\nname = \"softmax\"", "two or more inputs"},
        {"result = \"ap_fixed<10,3>\"\n", "", "[[layer]]\nname = \"conv\"",
         "write result = \"ap_fixed<16,6>\" here or in [defaults]"},
        {"bittrue = 1", "bittrue = 2", "bittrue = 2", "version 2 of the file format is unknown"},
        {"weights = \"w.npz\"", "weights = \"absent.npz\"", "weights = \"absent.npz\"", "absent.npz: cannot be read"},
        {"weights = \"w.npz\"", "weights = [\"w.npz\", 3]", "weights = [", "list of texts"},
        {"weights = \"w.npz\"", "weights = \"w.npz\"\noutput = \"nobody\"", "output", "'nobody' is not a layer"},
        {"name = \"small\"", "name = \"small", "name = \"small", "is not valid TOML"},
        {"[input]", "[input", "[input", "is not valid TOML"},
        {"shape = [4, 4, 1]", "shape = [4, 4, 1]\nshape = [4, 4, 1]", "shape = [4, 4, 1]\ntype", "is not valid TOML"},
    };
    for (const Case& c : cases) {
        const std::string text = with(c.piece, c.other);
        const std::string error = files.refusal(text);
        INFO("with " << c.other);
        CHECK_THAT(error, Catch::Contains(line_of(text, c.culprit)));
        CHECK_THAT(error, Catch::Contains(c.says));
    }
}

TEST_CASE("files that are no network files at all") {
    const NetworkFolder files;
    CHECK_THAT(files.refusal(""), Catch::Contains("is not a network file: its first line must be bittrue = 1"));
    CHECK_THAT(files.refusal("bittrue = 1\n"), Catch::Contains("lacks the section [input]"));
    CHECK_THAT(files.refusal("bittrue = 1\n[input]\nshape = [1]\ntype = \"s8.0\"\n"),
               Catch::Contains("lacks its layers"));
    CHECK_THAT(files.refusal("bittrue = 1\n[input]\nshape = [1]\ntype = \"s8.0\"\n[layer]\nname = \"x\"\n"),
               Catch::Contains("each is a section [[layer]]"));
    CHECK_THAT(files.refusal(std::string("\x00\xff\xfe", 3)), Catch::Contains("is not valid TOML"));
    CHECK_FALSE(files.refusal("bittrue = " + std::string(100000, '[')).empty());
    CHECK_THAT(error_of([&] { static_cast<void>(load_network(files.folder().file("absent.toml"))); }),
               Catch::Contains("absent.toml: cannot be read"));
}

TEST_CASE("a network file cut after any number of bytes is an input error, but for the last line") {
    const NetworkFolder files;
    std::size_t accepted = 0;
    for (std::size_t n = 0; n < kSmallNetwork.size(); ++n)
        accepted += files.refusal(kSmallNetwork.substr(0, n)).empty() ? 1U : 0U;
    // A cut between two layers leaves a shorter network, which is one.
    CHECK(accepted > 0);
    CHECK(accepted < 120);
    for (std::size_t n = 0; n < kSmallNetwork.find("bias = \"conv/bias\""); ++n)
        CHECK_FALSE(files.refusal(kSmallNetwork.substr(0, n)).empty());
}

TEST_CASE("NaN in an array that a layer uses is refused with its index") {
    const NetworkFolder files;
    NpyArray bad = reals({2, 3});
    bad.reals[4] = std::numeric_limits<double>::quiet_NaN();
    write_npz(files.folder().file("bad.npz"), {{"k", bad}});
    const std::string says = "bad.npz: array 'k': holds nan at index [1,1] (flat index 4); only finite numbers";
    CHECK_THAT(files.refusal(with("weights = \"dense/kernel\"", "weights = { file = \"bad.npz\", array = \"k\" }")),
               Catch::Contains(says));
    CHECK_THAT(error_of([&] { static_cast<void>(import_model(files.folder().file("bad.npz"))); }),
               Catch::Contains(says));
}

TEST_CASE("a message names key, file and array once") {
    const NetworkFolder files;
    CHECK_THAT(files.refusal(with("weights = \"dense/kernel\"", "weights = { array = \"stats\", raw = true }")),
               Catch::Contains("layer 'dense': weights: array: ") &&
                   Catch::Contains("w.npz: array 'stats': holds float64 numbers") &&
                   !Catch::Contains("weights: weights"));
}

TEST_CASE("names have up to 200 Unicode characters") {
    const NetworkFolder files;
    std::string name;
    for (int i = 0; i < 200; ++i) name += "\xe2\x82\xac";
    CHECK(files.parse(with("name = \"relu\"", "name = \"" + name + "\"")).nodes[1].name == name);
    CHECK_THAT(files.refusal(with("name = \"relu\"", "name = \"" + name + "\xe2\x82\xac\"")),
               Catch::Contains("name: must have at most 200 characters, not 201"));
}

TEST_CASE("an array name that fits several arrays is refused") {
    const NetworkFolder files;
    write_npz(files.folder().file("two.npz"), {{"conv/kernel:0", reals({3, 3, 1, 2})}});
    CHECK_THAT(files.refusal(with("weights = \"w.npz\"", "weights = [\"w.npz\", \"two.npz\"]")),
               Catch::Contains("fits") && Catch::Contains("write the whole name"));
}
