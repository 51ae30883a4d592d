// explain: every word it shows is the word of run --trace, over all layers of the examples and of random networks; its
// steps are those of the mac command that it prints.
#include <algorithm>
#include <set>
#include <sstream>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bad_files.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/network_save.hpp"
#include "bittrue/model/npz.hpp"
#include "exhaustive/random_graph.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// The arguments of a command line as this program prints it: words, some in double quotes.
std::vector<std::string> arguments_of(const std::string& command) {
    std::vector<std::string> words(1);
    bool quoted = false;
    for (const char c : command) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ' ' && !quoted) {
            words.emplace_back();
        } else {
            words.back() += c;
        }
    }
    words.erase(words.begin());  // "bittrue"
    return words;
}

// The index as a user gives it: of a map channel,row,column.
std::string index_of(const Shape& shape, std::int64_t flat) {
    if (shape.layout == Layout::Vector) return std::to_string(flat);
    for (std::int64_t c = 0; c < shape.channels(); ++c)
        for (std::int64_t y = 0; y < shape.height(); ++y)
            for (std::int64_t x = 0; x < shape.width(); ++x)
                if (shape.index(c, y, x) == flat) return fmt::format("{},{},{}", c, y, x);
    return {};
}

struct Asked {
    std::string folder{}, network{}, input{};
    std::size_t image = 0;
};

nlohmann::json explained(const Asked& a, const std::string& layer, const std::string& index) {
    const Outcome r = bittrue_in(a.folder, {"explain", a.network, "--input", a.input, "--layer", layer, "--index",
                                            index, "--image", std::to_string(a.image), "--json", "-"});
    INFO(layer << " " << index << ": " << r.err);
    REQUIRE(r.status == 0);
    return nlohmann::json::parse(r.out);
}

void check_steps(const Asked& a, const nlohmann::json& json) {
    if (!json.contains("command")) return;
    auto arguments = arguments_of(json.at("command").get<std::string>());
    arguments.insert(arguments.end(), {"--engine", "both", "--json", "-"});
    const Outcome r = bittrue_in(a.folder, arguments);
    INFO(json.at("command").get<std::string>() << r.err);
    REQUIRE(r.status == 0);
    CHECK(nlohmann::json::parse(r.out) == json.at("steps"));
}

// Every word that was read is the one of golden's run at the place that its name says.
void check_read(const nlohmann::json& read, const RunResult& golden, std::size_t image) {
    const auto name = read.at("word").get<std::string>();
    if (name == "padding") {
        CHECK(read.at("raw") == 0);
        return;
    }
    const std::size_t bracket = name.find('[');
    const auto layer = std::find_if(golden.layers.begin(), golden.layers.end(),
                                    [&](const LayerResult& l) { return l.name == name.substr(0, bracket); });
    REQUIRE(layer != golden.layers.end());
    const std::string index = name.substr(bracket + 1, name.size() - bracket - 2);
    std::int64_t flat = 0;
    while (flat < layer->shape.count() && index_of(layer->shape, flat) != index) ++flat;
    REQUIRE(flat < layer->shape.count());
    const std::size_t at = image * static_cast<std::size_t>(layer->shape.count()) + static_cast<std::size_t>(flat);
    INFO(name);
    CHECK(read.at("raw").get<std::int64_t>() == layer->words.at(at));
}

// Every weight is the one at the place of the stored array that its name says.
void check_weight(const nlohmann::json& weight, const std::vector<ParameterWords>& parameters,
                  const std::string& layer) {
    const auto own = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const ParameterWords& p) { return p.layer == layer && p.role == "weights"; });
    REQUIRE(own != parameters.end());
    std::istringstream name(weight.at("word").get<std::string>().substr(2));  // behind "w["
    std::int64_t flat = 0, number = 0;
    for (const std::int64_t dim : own->tensor.dims) {
        name >> number;
        name.ignore();
        REQUIRE(number < dim);
        flat = flat * dim + number;
    }
    INFO(weight.at("word"));
    CHECK(weight.at("raw").get<std::int64_t>() == own->tensor.words.at(static_cast<std::size_t>(flat)));
}

// Words of every layer; `words` of image a.image: golden's, or those of run --trace.
nlohmann::json check_layer(const Asked& a, const LayerResult& layer, const std::vector<std::int64_t>& words,
                           std::int64_t flat) {
    const nlohmann::json json = explained(a, layer.name, index_of(layer.shape, flat));
    INFO(layer.name << " word " << flat);
    CHECK(json.at("flat") == flat);
    const std::size_t at = a.image * static_cast<std::size_t>(layer.shape.count()) + static_cast<std::size_t>(flat);
    CHECK(json.at("raw").get<std::int64_t>() == words.at(at));
    check_steps(a, json);
    // The number in front of the result cast is shown, of tables and pools, too.
    const std::set<std::string> shown{"affine", "average_pool", "clip",    "clipped_relu", "leaky_relu",
                                      "lookup", "max_pool",     "sigmoid", "softmax",      "tanh"};
    if (shown.contains(json.at("op").get<std::string>())) CHECK(json.contains("exact"));
    return json;
}

}  // namespace

TEST_CASE("explain shows the words of run --trace in every layer of the examples") {
    const Scratch s;
    const std::string examples = std::string(BITTRUE_SOURCE_DIR) + "/examples/";
    testing::Random random(7);
    for (const char* name : {"mnist-cnn/mnist_cnn_8bit.toml", "lenet5-wage/lenet5_wage.toml", "rtl/conv_relu_pool.toml",
                             "live/mlp.toml"}) {
        Asked a{.folder = s.path(), .network = examples + name, .input = "digits:3:5", .image = 1};
        const Graph graph = load_network(a.network);
        if (graph.input.shape.count() != 784) {
            const std::int64_t count = graph.input.shape.count();
            std::string pixels;
            for (std::int64_t i = 0; i < 3 * count; ++i) pixels += static_cast<char>(random.integer(0, 255));
            std::string dims = "3,";
            for (const std::int64_t d : graph.input.shape.dims) dims += std::to_string(d) + ",";
            spill(s.file("images.npy"), npy("|u1", "(" + dims + ")", pixels));
            a.input = "images.npy";
        }
        const Outcome r = bittrue_in(s.path(), {"run", a.network, "--input", a.input, "--trace", "t.npz"});
        INFO(name << r.err);
        REQUIRE(r.status == 0);
        const auto arrays = read_npz(s.file("t.npz"));
        REQUIRE(arrays.size() == graph.nodes.size() + 1);
        for (const auto& [layer, array] : arrays) {
            const LayerResult as{.name = layer, .shape = shape_of(graph, layer)};
            const auto count = static_cast<int>(as.shape.count());
            for (int k = 0; k < 2; ++k) check_layer(a, as, array.integers, random.integer(0, count - 1));
        }
    }
}

TEST_CASE("explain shows golden's words in every layer of random networks") {
    std::set<std::string> ops;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const Scratch s;
        testing::Random random(seed);
        Graph graph = testing::random_graph(random, 5);
        const InputBatch batch = testing::random_batch(random, graph, 2);
        save_network(graph, s.file("net.toml"));
        Dims dims{2};
        dims.insert(dims.end(), batch.dims.begin(), batch.dims.end());
        write_npz(s.file("x.npz"),
                  {{"x", {.dims = dims, .type = NpyType::Float64, .integers = {}, .reals = batch.values}}});
        RunOptions options;
        options.keep_layers = true;
        const auto oracle = golden::make_engine(graph);
        const RunResult golden = oracle->run(batch, options);
        const Asked a{.folder = s.path(), .network = "net.toml", .input = "x.npz", .image = seed % 2};
        for (std::size_t l = 0; l < golden.layers.size(); ++l) {
            const LayerResult& layer = golden.layers[l];
            if (l > 0) ops.insert(op_name(graph.nodes[l - 1].op));
            INFO("seed " << seed << "\n" << testing::describe(graph));
            const nlohmann::json json =
                check_layer(a, layer, layer.words, random.integer(0, static_cast<int>(layer.shape.count()) - 1));
            const auto listed = [&](const char* key) { return json.value(key, nlohmann::json::array()); };
            const nlohmann::json terms = listed("terms"), words = listed("read");
            for (const auto& term : terms) {
                check_read(term.at("input"), golden, a.image);
                check_weight(term.at("weight"), oracle->parameters(), layer.name);
            }
            for (const auto& word : words) check_read(word, golden, a.image);
        }
    }
    for (const char* op :
         {"dense", "conv2d", "max_pool", "average_pool", "flatten", "concat", "transpose", "pad", "add"})
        CHECK(ops.contains(op));
}

TEST_CASE("explain names the operands of each term and what padding reads") {
    const Scratch s;
    write_project(s);
    const Asked a{.folder = s.path(), .network = "net.toml", .input = "images.npy", .image = 2};
    const nlohmann::json json = explained(a, "conv", "1,2,3");
    REQUIRE(json.at("terms").size() == 9);
    const auto& term = json.at("terms").at(5);  // kernel row 1, column 2
    CHECK(term.at("input").at("word") == "input[0,3,5]");
    CHECK(term.at("weight").at("word") == "w[1,2,0,1]");
    CHECK(json.at("bias").at("word") == "bias");
    // 4x4x2 channels last: word (2 * 4 + 3) * 2 + 1.
    CHECK(json.at("flat") == 23);
    CHECK(explained(a, "conv", "23") == json);
    const nlohmann::json relu = explained(a, "relu", "23");
    REQUIRE(relu.at("read").size() == 1);
    CHECK(relu.at("read").at(0).at("word") == "conv[1,2,3]");
    CHECK(relu.at("read").at(0).at("raw") == json.at("raw"));
}

TEST_CASE("explain refuses layers, words and images that do not exist, and says which do") {
    const Scratch s;
    write_project(s);
    const auto refused = [&](const std::string& layer, const std::string& index, const std::string& image) {
        const Outcome r = bittrue_in(s.path(), {"explain", "net.toml", "--input", "images.npy", "--layer", layer,
                                                "--index", index, "--image", image});
        CHECK(r.status == 2);
        CHECK(r.out.empty());
        CHECK(std::count(r.err.begin(), r.err.end(), '\n') == 1);
        return r.err;
    };
    CHECK_THAT(refused("cnov", "0", "0"), Catch::Contains("no layer 'cnov'; it has input, conv, relu, dense"));
    CHECK_THAT(refused("conv", "2,0,0", "0"), Catch::Contains("from 0,0,0 to 1,3,3") && Catch::Contains("0 to 31"));
    CHECK_THAT(refused("conv", "0,0", "0"), Catch::Contains("channel,row,column"));
    CHECK_THAT(refused("conv", "32", "0"), Catch::Contains("0 to 31"));
    CHECK_THAT(refused("dense", "3", "0"), Catch::Contains("one number from 0 to 2"));
    CHECK_THAT(refused("dense", "1x", "0"), Catch::Contains("'1x' is no whole number"));
    CHECK_THAT(refused("dense", "0", "4"), Catch::Contains("no image 4") && Catch::Contains("0 to 3"));
}

TEST_CASE("explain shows what the accumulator held before each step, and the numbers between tables") {
    const std::vector<std::string> common{
        "explain", BITTRUE_SOURCE_DIR "/examples/mnist-cnn/mnist_cnn_8bit.toml", "--input", "digits:2", "--json", "-"};
    auto dense = common;
    dense.insert(dense.end(), {"--layer", "dense_1", "--index", "3"});
    const auto steps = nlohmann::json::parse(start(dense).out).at("steps");
    CHECK(steps.at(0).at("before").is_null());
    for (std::size_t i = 1; i < steps.size(); ++i) CHECK(steps.at(i).at("before") == steps.at(i - 1).at("value"));

    auto softmax = common;
    softmax.insert(softmax.end(), {"--layer", "dense_1_softmax", "--index", "3"});
    const auto json = nlohmann::json::parse(start(softmax).out);
    std::set<std::string> names;
    for (const auto& stage : json.at("stages")) names.insert(stage.at("what").get<std::string>());
    for (const char* const name : {"largest", "exp index 3", "exp entry 9", "sum", "inverse index", "inverse entry"})
        CHECK(names.contains(name));
}

TEST_CASE("explain computes with golden or with both engines") {
    std::vector<std::string> arguments{"explain", BITTRUE_SOURCE_DIR "/examples/mnist-cnn/mnist_cnn_8bit.toml",
                                       "--input", "digits:1",
                                       "--layer", "conv2d",
                                       "--index", "1,12,13"};
    const std::string text = start(arguments).out;
    CHECK_THAT(text, Catch::Contains("raw before"));
    arguments.insert(arguments.end(), {"--engine", "golden"});
    CHECK(start(arguments).out == text);
    arguments.back() = "both";
    const Outcome both = start(arguments);
    CHECK(both.status == 0);
    CHECK(both.out == text);
}
