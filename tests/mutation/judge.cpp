#include "judge.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include <fmt/format.h>

#include "datapath.hpp"

namespace bittrue::mutation {

namespace {

const LayerDiagnosis* layer_of(const DiagnosisReport& report, const std::string& name) {
    for (const LayerDiagnosis& l : report.layers)
        if (l.layer == name) return &l;
    return nullptr;
}

// Both modes of one cast, in one change whose text says either.
bool is_both(const Change& change, const std::vector<Truth>& truths) {
    const bool said = truths.size() == 2 && !truths[0].mentions.empty() && !truths[1].mentions.empty();
    if (!said || truths[0].nodes != truths[1].nodes) return false;
    Truth both = truths[0];
    both.causes.insert(both.causes.end(), truths[1].causes.begin(), truths[1].causes.end());
    both.mentions.insert(both.mentions.end(), truths[1].mentions.begin(), truths[1].mentions.end());
    return matches(change, both);
}

bool names_all(const Hypothesis& h, const std::vector<Truth>& truths) {
    if (h.changes.size() == 1 && is_both(h.changes[0], truths)) return true;
    if (h.changes.size() != truths.size()) return false;
    if (truths.size() == 1) return matches(h.changes[0], truths[0]);
    return (matches(h.changes[0], truths[0]) && matches(h.changes[1], truths[1])) ||
           (matches(h.changes[0], truths[1]) && matches(h.changes[1], truths[0]));
}

// The fault shows: every faulty layer gives other words than the right one would for what it reads, and of two causes
// in one layer neither gives them alone.
bool is_seen(const Stand& stand, const Fault& fault, const std::map<std::string, TensorWords>& tensors) {
    for (const auto& [name, stage] : fault.layers) {
        const Node& node = stand.graph.nodes[static_cast<std::size_t>(node_index(stand.graph, name))];
        const TensorWords& input = tensors.at(node.inputs.front());
        if (!fault.absent.contains(name) && golden_layer(node, input).words == tensors.at(name).words) return false;
    }
    for (const FaultyLayers& half : fault.halves)
        if (run_faulty(stand, half, fault.absent).at(half.begin()->first).words ==
            tensors.at(half.begin()->first).words)
            return false;
    return true;
}

bool has_finding(const DiffReport& report, const std::string& layer, FindingKind kind) {
    for (const LayerDiff& l : report.layers)
        if (l.name == layer)
            for (const Finding& f : l.findings)
                if (f.kind == kind) return true;
    return false;
}

double seconds_of_a_layer = DiagnoseOptions{}.seconds;

bool any_differs(const VectorSet& expected, const VectorSet& actual, const std::vector<std::string>& layers) {
    return std::any_of(layers.begin(), layers.end(),
                       [&](const std::string& name) { return expected.find(name)->words != actual.find(name)->words; });
}

// The truths that the diagnosis of this layer has to name.
std::vector<Truth> truths_for(const Fault& fault, std::size_t layer, std::size_t layers) {
    return layers == 1 ? fault.truths : std::vector<Truth>{fault.truths[layer]};
}

Outcome worse(Outcome a, Outcome b) {
    return static_cast<int>(a) > static_cast<int>(b) ? a : b;
}

}  // namespace

std::string outcome_name(Outcome outcome) {
    switch (outcome) {
        case Outcome::First: return "first";
        case Outcome::Tied: return "tied";
        case Outcome::Third: return "top 3";
        case Outcome::Lower: return "lower";
        case Outcome::Missed: return "MISSED";
        case Outcome::False: return "FALSE";
        case Outcome::Unseen: return "unseen";
        case Outcome::Right: return "right";
    }
    return "";
}

bool matches(const Change& change, const Truth& truth) {
    const auto has = [](const auto& all, const auto& one) {
        return std::find(all.begin(), all.end(), one) != all.end();
    };
    if (!has(truth.causes, change.cause) || !has(truth.nodes, change.node)) return false;
    const std::string said = change.text + " " + change.setting + " " + change.expected + " " + change.found;
    return std::all_of(truth.mentions.begin(), truth.mentions.end(),
                       [&](const std::string& m) { return said.find(m) != std::string::npos; });
}

Found find_truths(const LayerDiagnosis& layer, const std::vector<Truth>& truths) {
    for (std::size_t i = 0; i < layer.hypotheses.size(); ++i) {
        if (!names_all(layer.hypotheses[i], truths)) continue;
        int before = 0;
        for (std::size_t j = 0; j < i; ++j) before += layer.hypotheses[j].group != layer.hypotheses[i].group ? 1 : 0;
        const int rank = before + 1;
        if (rank == 1) return {i == 0 ? Outcome::First : Outcome::Tied, rank};
        return {rank <= 3 ? Outcome::Third : Outcome::Lower, rank};
    }
    // The right setting with another value that gives every word, among others that do: the data cannot tell the value.
    std::vector<Truth> any_value = truths;
    for (Truth& t : any_value) t.mentions.clear();
    for (const Hypothesis& h : layer.hypotheses) {
        const Hypothesis& first = layer.hypotheses.front();
        const bool gives_all = h.explained == layer.words_different && h.spoiled == 0;
        if (gives_all && h.group == first.group && names_all(h, any_value)) return {Outcome::Tied, 1};
    }
    return {};
}

std::string first_named(const LayerDiagnosis& layer) {
    if (layer.hypotheses.empty()) return layer.why_unknown.empty() ? layer.sentence : layer.why_unknown;
    std::string text;
    for (const Change& c : layer.hypotheses.front().changes)
        text += fmt::format("{}{} [{}]: {}", text.empty() ? "" : " AND ", c.node, cause_name(c.cause), c.text);
    return text;
}

std::vector<std::string> accused(const DiagnosisReport& report, const std::vector<std::string>& except) {
    std::vector<std::string> names;
    for (const LayerDiagnosis& l : report.layers) {
        const bool cause = l.verdict == Verdict::Explained || l.verdict == Verdict::Partly;
        if (cause && std::find(except.begin(), except.end(), l.layer) == except.end()) names.push_back(l.layer);
    }
    return names;
}

void set_seconds(double seconds) {
    seconds_of_a_layer = seconds;
}

DiagnosisReport diagnose_dump(const Graph& graph, const VectorSet& expected, const VectorSet& actual,
                              const DiffReport& report) {
    static const std::unique_ptr<Datapath> datapath = cli::make_datapath();
    return diagnose(graph, expected, actual, report, *datapath, {.seconds = seconds_of_a_layer});
}

Row judge(const Fault& fault) {
    const Stand& stand = stand_of(fault.stand);
    std::vector<std::string> layers = fault.judged;
    if (layers.empty()) layers.push_back(fault.layers.begin()->first);
    Row row{.kind = fault.is_double() ? Kind::Double : Kind::Single,
            .fault = fault.name,
            .network = stand.name,
            .accumulator = stand.accumulator,
            .layer = fmt::format("{}", fmt::join(layers, ", "))};
    auto tensors = run_faulty(stand, fault.layers, fault.absent);
    const bool seen = is_seen(stand, fault, tensors);
    for (const auto& [name, rewrite] : fault.dumped) tensors.at(name) = rewritten(tensors.at(name), rewrite);
    const VectorSet dump = dump_of(stand, tensors, fault.absent);
    if (!seen || !any_differs(stand.expected, dump, layers)) {
        row.outcome = Outcome::Unseen;
        return row;
    }
    const DiffReport difference = diff(stand.expected, dump);
    const auto start = std::chrono::steady_clock::now();
    DiagnosisReport report;
    try {
        report = diagnose_dump(stand.graph, stand.expected, dump, difference);
    } catch (const std::exception& e) {
        row.remark = fmt::format("the diagnosis throws: {}", e.what());
        return row;
    }
    row.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    row.outcome = Outcome::First;
    row.rank = 1;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LayerDiagnosis* layer = layer_of(report, layers[i]);
        if (layer == nullptr) {
            row.outcome = Outcome::Missed;
            row.remark = layers[i] + " is not diagnosed";
            continue;
        }
        Found found = find_truths(*layer, truths_for(fault, i, layers.size()));
        const bool moved =
            fault.finding && layer->verdict == Verdict::Moved && has_finding(difference, layers[i], *fault.finding);
        if (moved) found = {Outcome::First, 1};
        row.outcome = worse(row.outcome, found.outcome);
        row.rank = found.rank == 0 || row.rank == 0 ? 0 : std::max(row.rank, found.rank);
        row.verdict += (i == 0 ? "" : ", ") + verdict_name(layer->verdict);
        row.named += (i == 0 ? "" : " / ") + (moved ? "moved" : first_named(*layer));
        row.wrong += layer->words_different;
        row.tried += layer->tried + layer->pairs_tried;
        if (!layer->hypotheses.empty()) row.explained += layer->hypotheses.front().explained;
        for (const Hypothesis& h : layer->hypotheses) {
            std::string causes;
            for (const Change& c : h.changes)
                causes += fmt::format("{}{}: {}", causes.empty() ? "" : " AND ", cause_name(c.cause), c.text);
            row.listed.push_back(fmt::format("group {}, {} explained, {} spoiled, {:.0f} bits: {}", h.group,
                                             h.explained, h.spoiled, h.bits, causes));
        }
        if (layer->out_of_time) row.remark += "out of time ";
    }
    if (const auto others = accused(report, layers); !others.empty() && !fault.finding) {
        row.outcome = Outcome::False;
        row.remark += fmt::format("also accuses {}", fmt::join(others, ", "));
        for (const std::string& name : others) row.remark += " {" + first_named(*layer_of(report, name)) + "}";
    }
    return row;
}

}  // namespace bittrue::mutation
