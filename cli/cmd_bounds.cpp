// bittrue bounds: how far accumulators can go, the widths that proves, certificates and witnesses.
#include <algorithm>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/explore/bounds.hpp"
#include "bittrue/golden/certificate.hpp"
#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"
#include "command.hpp"
#include "console.hpp"
#include "interrupt.hpp"
#include "paths.hpp"
#include "table.hpp"
#include "types.hpp"
#include "witness.hpp"

namespace bittrue::cli {

namespace {

using explore::ChannelBounds;
using explore::Extent;
using explore::LayerBounds;
using explore::NetworkBounds;

struct Options {
    std::string network, layer, range, certificate, check, witness, json;
    bool per_channel = false, threads_given = false;
    int threads = 0;
    InputOptions input;
};

// "-1:0.5" as raws of the type.
Extent parse_range(const std::string& text, const FixedType& type) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos)
        throw InputError("--input-range", fmt::format("'{}' must be LO:HI in values, for example 0:0.5", text));
    const auto raw = [&](const std::string& part) {
        const Converted c = emulator::quantize_real(parse_number("--input-range", part), type);
        if (c.events.overflow())
            throw InputError("--input-range", fmt::format("{} does not fit {}", part, print_type(type)));
        return raw_from_word(c.word, type.format);
    };
    const Extent range{raw(text.substr(0, colon)), raw(text.substr(colon + 1))};
    if (range.low > range.high) throw InputError("--input-range", fmt::format("'{}' is empty: LO is above HI", text));
    return range;
}

explore::DeclaredRange declared_range(const Options& o, const Graph& graph) {
    std::string tensor = graph.input.name;
    if (!o.layer.empty() && !o.range.empty()) {
        for (const Node& node : graph.nodes)
            if (node.name == o.layer) tensor = node.inputs.front();
    }
    const FixedType& type = type_of(graph, tensor);
    const bool is_input = tensor == graph.input.name;
    const InputRaws all = is_input ? input_raws(graph.input) : InputRaws{range_min(type), range_max(type)};
    const Extent range = o.range.empty() ? Extent{all.low, all.high} : parse_range(o.range, type);
    if (is_input && graph.input.range && (range.low < all.low || range.high > all.high)) {
        throw InputError(
            "--input-range",
            fmt::format("'{}' reaches beyond {} to {}, which the network file declares as 'range' in [input]", o.range,
                        graph.input.range->low, graph.input.range->high));
    }
    return {tensor, range.low, range.high};
}

std::string interval(const Extent& x) {
    return fmt::format("{}..{}", print_raw(x.low), print_raw(x.high));
}

std::string width_of(const Extent& x, const FixedType& type) {
    const int width = explore::width_for(x, type);
    return width == 0 ? "none" : std::to_string(width);
}

Extent symmetric(i128 l1) {
    return {-l1, l1};
}

// L1 knows no sign; an unsigned accumulator needs the other bounds for its lower end.
Extent l1_extent(const ChannelBounds& c, const FixedType& type) {
    return type.format.is_signed ? symmetric(c.l1) : Extent{std::min(c.any_order.low, i128{0}), c.l1};
}

// Widest of all channels.
struct LayerExtents {
    Extent l1{}, any_order{}, exact{}, observed{};
    int width = 1;  // proven; 0: none
    std::size_t safe = 0;
};

LayerExtents summary(const LayerBounds& layer) {
    LayerExtents all;
    const auto add = [](Extent& sum, const Extent& x) { sum = {std::min(sum.low, x.low), std::max(sum.high, x.high)}; };
    for (const ChannelBounds& c : layer.channels) {
        add(all.l1, l1_extent(c, layer.spec.type));
        add(all.any_order, c.any_order);
        add(all.exact, c.exact);
        add(all.observed, c.observed);
        all.width = all.width == 0 || c.width == 0 ? 0 : std::max(all.width, c.width);
        if (c.safe) ++all.safe;
    }
    return all;
}

// Overflows that no width of the accumulator prevents: of a product type or a bias type that is not the accumulator's.
std::string elsewhere(const LayerBounds& layer, const ChannelBounds& c) {
    const AccumulatorSpec& spec = layer.spec;
    const auto& p = spec.product;
    const bool products = p && p != spec.type && (c.product.low < range_min(*p) || c.product.high > range_max(*p));
    const bool bias = !c.bias_fits && spec.bias_cast != spec.type;
    if (products && bias) return "products and the bias leave their types";
    if (products) return "products leave their type";
    return bias ? "the bias leaves its type" : "";
}

std::string elsewhere(const LayerBounds& layer) {
    for (const ChannelBounds& c : layer.channels)
        if (std::string text = elsewhere(layer, c); !text.empty()) return " (" + text + ", at any width)";
    return {};
}

std::string verdict(const LayerBounds& layer, std::size_t safe, std::size_t images) {
    if (layer.safe()) return "safe by proof";
    const std::string at_any_width = elsewhere(layer);
    const std::uint64_t outputs = static_cast<std::uint64_t>(layer.outputs) * images;
    if (layer.overflows() > 0)
        return fmt::format("overflows: {} of {} outputs{}", layer.overflows(), outputs, at_any_width);
    const std::string open = fmt::format("{} of {} channels can overflow{}", layer.channels.size() - safe,
                                         layer.channels.size(), at_any_width);
    return images > 0 ? "safe on the data; " + open : open;
}

std::string width_text(int width) {
    return width == 0 ? "none" : std::to_string(width);
}

std::string layer_table(const NetworkBounds& bounds) {
    std::vector<Table::Column> columns{{"layer", Align::Left},
                                       {"terms"},
                                       {"accumulator", Align::Left},
                                       {"input raws"},
                                       {"exact bound"},
                                       {"format"},
                                       {"L1"},
                                       {"any order"},
                                       {"exact"}};
    const bool observed = bounds.images > 0;
    if (observed) columns.insert(columns.begin() + 5, Table::Column{"observed"});
    if (observed) columns.push_back({"data"});
    columns.push_back({"verdict", Align::Left});
    Table table(columns);
    for (const LayerBounds& layer : bounds.layers) {
        const LayerExtents all = summary(layer);
        const FixedType& type = layer.spec.type;
        std::vector<std::string> cells{layer.layer,
                                       std::to_string(layer.terms),
                                       print_type(type),
                                       interval(layer.range),
                                       interval(all.exact),
                                       width_of(layer.data_type, type),
                                       width_of(all.l1, type),
                                       width_of(all.any_order, type),
                                       width_text(all.width)};
        if (observed) cells.insert(cells.begin() + 5, interval(all.observed));
        if (observed) cells.push_back(width_of(all.observed, type));
        cells.push_back(verdict(layer, all.safe, bounds.images));
        table.row(cells);
    }
    return table.text();
}

std::string channel_table(const LayerBounds& layer, bool observed) {
    std::vector<Table::Column> columns{{"channel"}, {"L1 bound"}, {"any order"}, {"exact bound"},
                                       {"L1"},      {"any"},      {"exact"},     {"safe", Align::Left}};
    if (observed) columns.insert(columns.begin() + 7, {{"observed"}, {"data"}, {"overflows"}});
    Table table(columns);
    const FixedType& type = layer.spec.type;
    for (std::size_t i = 0; i < layer.channels.size(); ++i) {
        const ChannelBounds& c = layer.channels[i];
        const std::string open = elsewhere(layer, c);
        std::vector<std::string> cells{std::to_string(i),
                                       print_raw(c.l1),
                                       interval(c.any_order),
                                       interval(c.exact),
                                       width_of(l1_extent(c, type), type),
                                       width_of(c.any_order, type),
                                       width_text(c.width),
                                       c.safe         ? "yes"
                                       : open.empty() ? "no"
                                                      : "no: " + open};
        if (observed)
            cells.insert(cells.begin() + 7,
                         {interval(c.observed), width_of(c.observed, type), std::to_string(c.overflows)});
        table.row(cells);
    }
    return table.text();
}

nlohmann::ordered_json json_of(const Extent& x, const FixedType& type) {
    return {{"low", json_raw(x.low)}, {"high", json_raw(x.high)}, {"width", explore::width_for(x, type)}};
}

nlohmann::ordered_json json_of(const NetworkBounds& bounds, const std::vector<std::string>& first_overflows) {
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (std::size_t l = 0; l < bounds.layers.size(); ++l) {
        const LayerBounds& layer = bounds.layers[l];
        const FixedType& type = layer.spec.type;
        const LayerExtents all = summary(layer);
        nlohmann::ordered_json channels = nlohmann::ordered_json::array();
        for (const ChannelBounds& c : layer.channels) {
            nlohmann::ordered_json channel = {
                {"l1", json_of(l1_extent(c, type), type)},
                {"any_order", json_of(c.any_order, type)},
                {"exact", json_of(c.exact, type)},
                {"product", json_of(c.product, layer.spec.product.value_or(
                                                   FixedType{.format = product_format(layer.weight, layer.input)}))},
                {"bias_fits", c.bias_fits},
                {"proven_width", c.width},
                {"safe", c.safe}};
            if (bounds.images > 0) {
                channel["observed"] = json_of(c.observed, type);
                channel["overflows"] = c.overflows;
            }
            channels.push_back(std::move(channel));
        }
        nlohmann::ordered_json one = {
            {"layer", layer.layer},
            {"terms", layer.terms},
            {"accumulator", print_type(type)},
            {"input", {{"low", json_raw(layer.range.low)}, {"high", json_raw(layer.range.high)}}},
            {"data_type", json_of(layer.data_type, type)},
            {"l1", json_of(all.l1, type)},
            {"any_order", json_of(all.any_order, type)},
            {"exact", json_of(all.exact, type)},
            {"proven_width", all.width},
            {"safe", layer.safe()},
            {"verdict", verdict(layer, all.safe, bounds.images)}};
        if (bounds.images > 0) {
            one["observed"] = json_of(all.observed, type);
            one["overflows"] = layer.overflows();
            one["first_overflow"] =
                first_overflows[l].empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(first_overflows[l]);
        }
        one["channels"] = std::move(channels);
        layers.push_back(std::move(one));
    }
    return {{"declared",
             {{"tensor", bounds.declared.tensor},
              {"low", json_raw(bounds.declared.low)},
              {"high", json_raw(bounds.declared.high)}}},
            {"images", bounds.images},
            {"layers", std::move(layers)}};
}

// In words, per layer; empty without.
std::vector<std::string> first_overflows(const Graph& graph, const NetworkBounds& bounds, const InputBatch& batch) {
    std::vector<std::string> all;
    for (const LayerBounds& layer : bounds.layers) {
        all.emplace_back();
        if (!layer.first_overflow) continue;
        const explore::Place& p = *layer.first_overflow;
        const OverflowStep s = first_overflow_step(explore::OperandReader(graph, layer.node), layer, p,
                                                   input_words(graph, layer, batch, p.image));
        all.back() = fmt::format("image {}, row {}, column {}, channel {}, step '{}': the {} is left {}", p.image, p.y,
                                 p.x, p.channel, s.step, s.what, s.event);
    }
    return all;
}

void check(const Options& o, int& status) {
    const Graph graph = load_network(o.network);
    const golden::CertificateCheck c = golden::check_certificate(graph, read_file(o.check), o.check);
    if (!c.difference.empty()) {
        print(fmt::format("{}: refused: {}\n", o.check, c.difference));
        status = kDifferent;
        return;
    }
    print(fmt::format("{}: every number is right: {}, {}; {} of the layers cannot overflow while {}\n", o.check,
                      counted(c.layers, "layer"), counted(c.channels, "channel"), c.safe_layers, c.condition));
}

void run(const Options& o, int& status) {
    std::vector<OutputPath> outputs{
        {"--certificate", o.certificate}, {"--json", o.json}, {"--witness", o.witness, OutputKind::Folder}};
    check_paths(outputs, input_paths(o.network, o.input));
    if (!o.check.empty()) {
        const bool more = !o.layer.empty() || !o.range.empty() || !o.certificate.empty() || !o.witness.empty() ||
                          !o.json.empty() || !o.input.source.empty() || o.per_channel || o.input.first > 0 ||
                          o.threads_given;
        if (more) throw InputError("--check", "it stands alone: the certificate itself says what it is about");
        return check(o, status);
    }
    if (o.input.source.empty() && o.input.first > 0)
        throw InputError("--first", "it says how many images to take; give them with --input");
    const Graph graph = load_network(o.network);
    NetworkBounds bounds = explore::bound_network(graph, declared_range(o, graph), o.layer);
    if (!o.witness.empty()) {
        for (const std::string& set : witness_folders(o.witness, bounds))
            outputs.push_back({"--witness", set, OutputKind::WholeFolder});
        check_paths(outputs, input_paths(o.network, o.input));
        check_witness_folders(o.witness, bounds);
    }
    LoadedInput in;
    std::vector<std::string> first(bounds.layers.size());
    if (!o.input.source.empty()) {
        in = load(o.input, graph.input);
        Progress progress("bounds", in.batch.images);
        explore::ObserveOptions options;
        options.threads = o.threads;
        options.cancel = &interrupt_flag();
        options.progress = [&](std::size_t done) { progress.show(done); };
        explore::observe(bounds, graph, in.batch, options);
        first = first_overflows(graph, bounds, in.batch);
    }
    std::vector<std::string> written;
    if (!o.witness.empty()) written = write_witnesses(o.witness, o.network, graph, bounds, in);
    const std::string certificate = o.certificate.empty() ? "" : explore::certificate(graph, bounds);
    if (!o.certificate.empty() && o.certificate != "-") write_file(o.certificate, certificate);
    if (!o.json.empty()) write_json(o.json, json_of(bounds, first));
    if (o.certificate == "-") return print(certificate);
    if (o.json == "-") return;

    const FixedType& type = type_of(graph, bounds.declared.tensor);
    std::string text = fmt::format(
        "inputs: '{}' from {} to {}{}\nbounds are raws of the accumulator; format, L1, any order, exact{} are the bits "
        "that "
        "each bound needs, lsb kept\n\n{}",
        bounds.declared.tensor, print_value(bounds.declared.low, type.format.frac()),
        print_value(bounds.declared.high, type.format.frac()),
        bounds.images > 0 ? "; observed on " + counted(bounds.images, "image") : "", bounds.images > 0 ? ", data" : "",
        layer_table(bounds));
    for (std::size_t l = 0; l < bounds.layers.size(); ++l)
        if (!first[l].empty()) text += fmt::format("\n{} overflows first at {}", bounds.layers[l].layer, first[l]);
    if (text.back() != '\n') text += '\n';
    if (o.per_channel)
        for (const LayerBounds& layer : bounds.layers)
            text += fmt::format("\n{}: {} bits by the format ({})\n{}", layer.layer,
                                width_of(layer.data_type, layer.spec.type), interval(layer.data_type),
                                channel_table(layer, bounds.images > 0));
    for (const std::string& line : written) text += "\n" + line;
    if (!o.witness.empty() && written.empty())
        text +=
            fmt::format("\nno layer overflows{}: no witness was written", bounds.images > 0 ? " on these images" : "");
    if (!o.certificate.empty()) text += fmt::format("\nwrote {}", o.certificate);
    print(text.back() == '\n' ? text : text + "\n");
}

}  // namespace

void add_bounds(CLI::App& app, int& status) {
    auto* command = app.add_subcommand("bounds", "How far accumulators can go, and the widths that are proven safe");
    const auto o = std::make_shared<Options>();
    command->add_option("NET", o->network, "network file (.toml)")->required();
    command->add_option("--layer", o->layer, "this layer only");
    command->add_option(
        "--input-range", o->range,
        "LO:HI, values that the network's input (with --layer: the layer's) stays within; default: what the "
        "network file declares, else its format");
    add_image_options(*command, o->input, false);
    command->add_flag("--per-channel", o->per_channel, "also a table of each layer's channels");
    command->add_option("--certificate", o->certificate, "write the proof as JSON to this file ('-': stdout)");
    command->add_option("--check", o->check, "check a certificate by golden's own arithmetic, and nothing else");
    command->add_option(
        "--witness", o->witness,
        "write inputs that overflow to this directory, a vector set per layer, in place of earlier ones; with "
        "--input the first image that overflows");
    command->add_option("--threads", o->threads, "threads to use (0: all cores); results do not depend on it")
        ->check(CLI::Range(0, 1024));
    command->add_option("--json", o->json, "write the figures as JSON to this file ('-': stdout)");
    command->footer(
        "Example:\n"
        "  bittrue bounds examples/mnist-cnn/mnist_cnn_8bit.toml --input digits:100 --certificate /tmp/bounds.json\n"
        "  bittrue bounds examples/mnist-cnn/mnist_cnn_8bit.toml --check /tmp/bounds.json\n"
        "Exit status of --check: 0 every number is right, 1 one is not, 2 the file cannot be used.");
    command->callback([o, command, &status] {
        o->threads_given = command->count("--threads") > 0;
        run(*o, status);
    });
}

}  // namespace bittrue::cli
