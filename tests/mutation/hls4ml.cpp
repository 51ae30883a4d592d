#include "hls4ml.hpp"

#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/input.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/tables.hpp"
#include "bittrue/vectors/dump.hpp"
#include "suite.hpp"

namespace bittrue::mutation {

namespace {

constexpr std::size_t kImages = 40;  // of the simulation

std::string shared(const std::string& name) {
    const std::string path = std::string(BITTRUE_SOURCE_DIR) + "/../shared/" + name;
    return std::filesystem::exists(path) ? path : "";
}

const Node* node_of(const Graph& graph, const std::string& name) {
    for (const Node& n : graph.nodes)
        if (n.name == name) return &n;
    return nullptr;
}

// The accumulator's type stands once in the file.
void let_products_follow(Graph& wrong, const Graph& right) {
    for (Node& n : wrong.nodes) {
        const bool sums = std::holds_alternative<Dense>(n.op) || std::holds_alternative<Conv2d>(n.op);
        if (!sums) continue;
        AccumulatorSpec& spec = accumulator(n);
        Node before = *node_of(right, n.name);
        if (spec.product && !(spec.type == accumulator(before).type)) spec.product = spec.type;
    }
}

// What the types of a softmax say about its tables.
void let_tables_follow(Graph& wrong, const Graph& right) {
    for (Node& n : wrong.nodes) {
        auto* op = std::get_if<Softmax>(&n.op);
        if (op == nullptr) continue;
        const auto& before = std::get<Softmax>(node_of(right, n.name)->op);
        // The file states 128 entries, which a narrower difference cannot index.
        if (op->difference.format.width < 7) throw InputError("exp_table_size", "too large");
        if (!(op->difference.format == before.difference.format))
            op->exp_table = stable_exp_table(128, op->exp_table.entries.type, op->difference.format);
        if (!(op->inv_input.format == before.inv_input.format))
            op->inv_table = inverse_table(1024, op->inv_table.entries.type, op->inv_input.format);
    }
}

const LayerDiagnosis* layer_of(const DiagnosisReport& report, const std::string& name) {
    for (const LayerDiagnosis& l : report.layers)
        if (l.layer == name) return &l;
    return nullptr;
}

void judge_layer(const WrongSetting& setting, const DiagnosisReport& report, Row& row) {
    const LayerDiagnosis* layer = layer_of(report, setting.layer);
    if (layer == nullptr) {
        row.remark = "not diagnosed";
        return;
    }
    const Found found = find_truths(*layer, {setting.truth});
    row.outcome = found.outcome;
    row.rank = found.rank;
    row.verdict = verdict_name(layer->verdict);
    row.named = first_named(*layer);
    row.wrong = layer->words_different;
    row.tried = layer->tried + layer->pairs_tried;
    if (!layer->hypotheses.empty()) row.explained = layer->hypotheses.front().explained;
}

}  // namespace

std::string hls4ml_dump() {
    return shared("hls4ml-csim/ap8/layers_raw.npz");
}
std::string hls4ml_images() {
    return shared("data/mnist/t10k-images-idx3-ubyte.gz");
}

std::vector<std::string> missed_settings(const std::vector<Row>& rows) {
    std::vector<std::string> missed;
    for (const Row& row : rows) {
        const bool named = row.outcome == Outcome::First || row.outcome == Outcome::Tied;
        if (!named && row.outcome != Outcome::Unseen) missed.push_back(row.fault + " is not named first: " + row.named);
    }
    return missed;
}

namespace {

// Its words, read by the formats that they have.
const VectorSet& simulation(const Graph& right) {
    static const VectorSet words = [&] {
        const InputBatch images = load_input(hls4ml_images(), right.input, kImages);
        const VectorSet schema = from_run(right, emulator::make_engine(right)->run(images, {.keep_layers = true}));
        return read_dump(hls4ml_dump(), {.schema = &schema});
    }();
    return words;
}

Row judge_setting(const WrongSetting& setting, const Graph& right) {
    Graph wrong = right;
    setting.edit(wrong);
    let_products_follow(wrong, right);
    Row row{.fault = setting.name, .network = "hls4ml ap8", .accumulator = "hls4ml's", .layer = setting.layer};
    try {
        let_tables_follow(wrong, right);
        validate(wrong);
    } catch (const InputError& e) {
        row.outcome = Outcome::Unseen;  // a value that the file cannot have
        return row;
    }
    const VectorSet& simulated = simulation(right);
    // The fault is seen where the layer answers otherwise, on the simulation's own words of what it reads.
    if (!setting.layer.empty()) {
        const Node& n = *node_of(wrong, setting.layer);
        const std::string& from = n.inputs.front();
        const TensorWords given{.name = from,
                                .shape = shape_of(right, from),
                                .type = type_of(right, from),
                                .words = simulated.find(from)->words,
                                .images = kImages};
        if (golden_layer(n, given).words == simulated.find(setting.layer)->words) {
            row.outcome = Outcome::Unseen;
            return row;
        }
    }
    const InputBatch images = load_input(hls4ml_images(), wrong.input, kImages);
    const VectorSet expected = from_run(wrong, emulator::make_engine(wrong)->run(images, {.keep_layers = true}));
    const VectorSet actual = read_dump(hls4ml_dump(), {.schema = &expected});
    const std::string& seen_at = setting.layer.empty() ? wrong.input.name : setting.layer;
    const bool seen = !setting.layer.empty() || expected.find(seen_at)->words != actual.find(seen_at)->words;
    if (!seen) {
        row.outcome = Outcome::Unseen;
    } else {
        const DiffReport difference = diff(expected, actual);
        const auto start = std::chrono::steady_clock::now();
        const DiagnosisReport report = diagnose_dump(wrong, expected, actual, difference);
        row.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        std::vector<std::string> allowed;
        if (setting.layer.empty()) {
            const bool found =
                difference.first_differing && difference.layers[*difference.first_differing].is_network_input;
            row.outcome = found ? Outcome::First : Outcome::Missed;
            row.rank = found ? 1 : 0;
            row.named = "diff: the input";
        } else {
            judge_layer(setting, report, row);
            allowed.push_back(setting.layer);
        }
        // The first verdict is what is asked for. Where a result's format is wrong in the file, the layers behind read
        // the dump's words by that format, too, and may say so.
        // Who reads the input by a wrong format names the input.
        const LayerDiagnosis* first = report.first();
        const bool names_input = first != nullptr && setting.layer.empty() && !first->hypotheses.empty() &&
                                 first->hypotheses.front().changes.front().node == wrong.input.name;
        if (first != nullptr && first->layer != setting.layer && !names_input) {
            row.outcome = Outcome::False;
            row.remark += fmt::format("accuses {} first {{{}}}", first->layer, first_named(*first));
        }
        if (names_input) row.named = first_named(*first);
        if (const auto others = accused(report, allowed); !others.empty())
            row.remark += fmt::format("also accuses {}", fmt::join(others, ", "));
    }
    return row;
}

}  // namespace

std::vector<Row> run_hls4ml(const std::string& filter, const std::function<void(const Row&)>& done, unsigned workers,
                            std::size_t every) {
    if (hls4ml_dump().empty() || hls4ml_images().empty()) return {};
    const Graph right = load_network(std::string(BITTRUE_SOURCE_DIR) + "/tests/data/hls4ml_ap8.toml");
    std::vector<std::function<Row()>> jobs;
    std::size_t number = 0;
    for (const WrongSetting& setting : wrong_settings()) {
        if (setting.name.find(filter) == std::string::npos || number++ % every != 0) continue;
        jobs.emplace_back([setting, &right] { return judge_setting(setting, right); });
    }
    return run_jobs(jobs, done, workers);
}

}  // namespace bittrue::mutation
