// bittrue explain: how one word of one layer came about.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/vectors/digits.hpp"
#include "command.hpp"
#include "console.hpp"
#include "engines.hpp"
#include "execute.hpp"
#include "explanation.hpp"
#include "inputs.hpp"
#include "paths.hpp"
#include "types.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string network, layer, index, json;
    std::string engine = "emulator";
    std::size_t image = 0;
    InputOptions input;
};

const Shape& shape_of_layer(const Graph& graph, const std::string& layer) {
    std::vector<std::string> names{graph.input.name};
    for (const Node& node : graph.nodes) names.push_back(node.name);
    if (std::find(names.begin(), names.end(), layer) == names.end()) {
        throw InputError("--layer",
                         fmt::format("the network has no layer '{}'; it has {}", layer, fmt::join(names, ", ")));
    }
    return shape_of(graph, layer);
}

// "c,r,k" of a map, or the number of the word in storage order, which is a vector's only index.
std::int64_t element_of(const std::string& text, const std::string& layer, const Shape& shape) {
    std::vector<std::int64_t> numbers;
    for (const std::string& part : split_list("--index", text)) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
        if (error != std::errc{} || end != part.data() + part.size())
            throw InputError("--index", fmt::format("'{}' is no whole number", part));
        numbers.push_back(number);
    }
    const auto within = [](std::int64_t number, std::int64_t count) { return number >= 0 && number < count; };
    if (numbers.size() == 1 && within(numbers[0], shape.count())) return numbers[0];
    const bool map = shape.layout != Layout::Vector;
    if (map && numbers.size() == 3 && within(numbers[0], shape.channels()) && within(numbers[1], shape.height()) &&
        within(numbers[2], shape.width()))
        return shape.index(numbers[0], numbers[1], numbers[2]);
    if (!map) {
        throw InputError("--index", fmt::format("'{}' is no word of '{}'; give one number from 0 to {}", text, layer,
                                                shape.count() - 1));
    }
    throw InputError(
        "--index",
        fmt::format("'{}' is no word of '{}'; give channel,row,column from 0,0,0 to {},{},{}, or the "
                    "number of the word from 0 to {}",
                    text, layer, shape.channels() - 1, shape.height() - 1, shape.width() - 1, shape.count() - 1));
}

// Of generated digits only as many as it takes are made.
InputBatch image_of(const Options& o, const InputSpec& spec) {
    InputOptions input = o.input;
    if (is_digits_request(input.source) && o.image < parse_digits_request(input.source).count)
        input.first = o.image + 1;
    const InputBatch all = load(input, spec).batch;
    if (o.image >= all.images) {
        throw InputError("--image", fmt::format("there is no image {}; '{}' has images 0 to {}", o.image, input.source,
                                                all.images - 1));
    }
    const auto size = static_cast<std::ptrdiff_t>(element_count(all.dims));
    const auto begin = all.values.begin() + static_cast<std::ptrdiff_t>(o.image) * size;
    return {.images = 1, .dims = all.dims, .values = {begin, begin + size}};
}

void run(const Options& o, int& status) {
    check_paths({{"--json", o.json}}, input_paths(o.network, o.input));
    const Graph graph = load_network(o.network);
    const std::int64_t element = element_of(o.index, o.layer, shape_of_layer(graph, o.layer));
    const InputBatch image = image_of(o, graph.input);
    const EngineChoice engine = parse_engine(o.engine);
    const Execution run = execute(graph, image, engine, true, 0);
    if (!run.disagreement.empty()) {
        print("the engines disagree (expected: golden, got: emulator)\n" + run.disagreement);
        status = kDifferent;
        return;
    }
    Explanation e = explain(graph, image, run.result, o.layer, element);
    if (e.accumulated) e.accumulated->steps = mac(engine, e.accumulated->operands, e.accumulated->spec);
    if (o.json != "-") print(explanation_text(e, o.image));
    if (!o.json.empty()) write_json(o.json, explanation_json(e, o.image));
}

}  // namespace

void add_explain(CLI::App& app, int& status) {
    auto* command = app.add_subcommand(
        "explain", "How one word of a layer came about: operands, every step of its accumulator, casts, flags");
    const auto o = std::make_shared<Options>();
    command->add_option("NET", o->network, "network file (.toml)")->required();
    command->add_option("--layer", o->layer, "the layer, or the network's input")->required();
    command
        ->add_option("--index", o->index,
                     "the word: channel,row,column of a map whatever its layout, one number of a vector; of a map one "
                     "number is that of the word in storage order, as diff's 'flat'")
        ->required();
    command
        ->add_option("--input", o->input.source,
                     "images: .npy, .npz (FILE.npz:KEY), MNIST idx (also .gz), or digits:N[:SEED] for generated ones")
        ->required();
    command->add_option("--image", o->image, "which image, from 0")
        ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1} << 40U, "N"))
        ->capture_default_str();
    add_engine_option(*command, o->engine);
    command->add_option("--json", o->json, "write the same as JSON to this file ('-': stdout)");
    command->footer(
        "Example:\n  bittrue explain examples/mnist-cnn/mnist_cnn_8bit.toml --layer conv2d --index 1,12,13 --input "
        "digits:10 --image 2");
    command->callback([o, &status] { run(*o, status); });
}

}  // namespace bittrue::cli
