// bittrue stimulus: constructed corner images of a network or of one of its layers.
#include <array>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/npy.hpp"
#include "command.hpp"
#include "console.hpp"
#include "job.hpp"
#include "table.hpp"

namespace bittrue::cli {

namespace {

struct Options {
    std::string network, layer, output, json;
    StimulusOptions stimulus;
};

const char* kind_name(CoverageKind kind) {
    switch (kind) {
        case CoverageKind::Goal: return "corner";
        case CoverageKind::Sum: return "sum";
        case CoverageKind::Bin: return "bin";
    }
    return "";
}

nlohmann::ordered_json goals_json(const Stimulus& s) {
    nlohmann::ordered_json images = nlohmann::ordered_json::array();
    for (const std::string& text : s.made_for) images.push_back(text);
    nlohmann::ordered_json goals = nlohmann::ordered_json::array();
    for (const StimulusGoal& g : s.goals) {
        goals.push_back({{"layer", g.layer},
                         {"kind", kind_name(g.kind)},
                         {"place", g.place},
                         {"goal", g.goal},
                         {"possible", g.possible},
                         {"reached", g.reached}});
        if (g.image >= 0) goals.back()["image"] = g.image;
        if (!g.why_not.empty()) goals.back()["why_not"] = g.why_not;
    }
    return {{"images", images}, {"goals", goals}};
}

// What was reached of what no proof excludes, by layer; and the corners that were not.
std::string goals_text(const Stimulus& s) {
    struct Count {
        std::size_t reached = 0, all = 0;
        [[nodiscard]] std::string text() const { return all == 0 ? "-" : fmt::format("{} of {}", reached, all); }
    };
    struct Row {
        std::string layer{};
        std::array<Count, 3> kinds{};  // by CoverageKind
        std::size_t impossible = 0;
    };
    std::vector<Row> rows;
    for (const StimulusGoal& g : s.goals) {
        if (rows.empty() || rows.back().layer != g.layer) rows.push_back({.layer = g.layer});
        if (!g.possible) {
            ++rows.back().impossible;
            continue;
        }
        Count& count = rows.back().kinds.at(static_cast<std::size_t>(g.kind));
        ++count.all;
        count.reached += g.reached ? 1U : 0U;
    }
    Table table({{"layer", Align::Left}, {"corners"}, {"extreme sums"}, {"table entries"}, {"proved impossible"}});
    for (const Row& row : rows) {
        table.row(
            {row.layer, row.kinds[0].text(), row.kinds[1].text(), row.kinds[2].text(), std::to_string(row.impossible)});
    }
    std::string text = table.text();
    for (const StimulusGoal& g : s.goals) {
        if (g.reached || !g.possible || g.kind != CoverageKind::Goal) continue;
        text += fmt::format("not reached: {}, {}, {}: {}\n", g.layer, g.place, g.goal, g.why_not);
    }
    return text;
}

NpyArray images_of(const InputBatch& batch) {
    NpyArray array;
    array.dims = batch.dims;
    array.dims.insert(array.dims.begin(), static_cast<std::int64_t>(batch.images));
    array.type = NpyType::Float64;
    array.reals = batch.values;
    return array;
}

void run(const Options& o) {
    check_paths({{"--output", o.output, OutputKind::File}, {"--json", o.json}}, input_paths(o.network));
    Graph graph = load_network(o.network);
    if (!o.layer.empty()) graph = extract_layer(graph, o.layer, emulator_factory());
    const Stimulus s = corners_of(graph, o.stimulus);
    write_npy(o.output, images_of(s.batch));
    if (!o.json.empty()) write_json(o.json, goals_json(s));
    if (o.json == "-") return;
    print(goals_text(s));
    print(fmt::format("wrote {}: {}, as values{}\n", o.output, counted(s.batch.images, "image"),
                      graph.input.range ? fmt::format(" within the declared range {} to {}", graph.input.range->low,
                                                      graph.input.range->high)
                                        : ""));
}

}  // namespace

void add_stimulus(CLI::App& app, int&) {
    auto* command = app.add_subcommand(
        "stimulus", "Construct corner images: ties, saturation edges, worst-case sums, table edges, borders");
    const auto o = std::make_shared<Options>();
    command->add_option("NET", o->network, "network file (.toml)")->required();
    command->add_option("--layer", o->layer, "for this layer alone: what it reads (use with --layer-input)");
    command->add_option("-o,--output", o->output, ".npy of values to write, images first")->required();
    command->add_option("--corner-images", o->stimulus.max_images, "at most this many images")
        ->check(CLI::Range(1, 1000000))
        ->capture_default_str();
    command->add_option("--corner-seed", o->stimulus.seed, "seed of the search")->capture_default_str();
    command->add_option("--json", o->json, "what each image is for, as JSON to this file ('-': stdout)");
    command->footer(
        "Example:\n  bittrue stimulus examples/mnist-cnn/mnist_cnn_8bit.toml --layer dense -o /tmp/dense_corners.npy");
    command->callback([o] { run(*o); });
}

}  // namespace bittrue::cli
