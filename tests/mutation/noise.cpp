#include "noise.hpp"

#include <chrono>

#include <fmt/format.h>

#include "exhaustive/random.hpp"

namespace bittrue::mutation {

namespace {

using bittrue::testing::Random;

// One random bit of about one word in `rarity` is inverted.
Rewrite flips(int rarity, std::uint64_t seed, const FixedType& type) {
    return [=](std::vector<ImageWords>& images, const Shape&) {
        Random random(seed);
        for (ImageWords& image : images)
            for (std::int64_t& w : image)
                if (random.one_in(rarity))
                    w = word_from_pattern(pattern_from_word(w, type.format) ^
                                              std::uint64_t{1} << random.integer(0, type.format.width - 1),
                                          type.format);
    };
}

std::string describe(const DiagnosisReport& report) {
    std::string text;
    for (const LayerDiagnosis& l : report.layers)
        if (l.verdict != Verdict::Equal)
            text += fmt::format("{}{} {} {{{}}}", text.empty() ? "" : ", ", l.layer, verdict_name(l.verdict),
                                l.sentence.empty() ? first_named(l) : l.sentence);
    return text;
}

// `layer` must be called `verdict`, and no layer may be accused of a cause.
Row judge_without_cause(Kind kind, const std::string& name, const std::string& stand_name, const std::string& layer,
                        const VectorSet& dump, Verdict verdict) {
    const Stand& stand = stand_of(stand_name);
    Row row{.kind = kind,
            .fault = name,
            .network = stand.name,
            .accumulator = stand.accumulator,
            .layer = layer.empty() ? "none" : layer};
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
    row.outcome = Outcome::Right;
    row.named = describe(report);
    for (const LayerDiagnosis& l : report.layers) {
        if (l.layer == layer || (layer.empty() && row.verdict.empty())) row.verdict = verdict_name(l.verdict);
        if (l.layer == layer) row.wrong = l.words_different;
        const bool judged = layer.empty() || l.layer == layer;
        if (judged && l.verdict != verdict) row.outcome = Outcome::Missed;
    }
    if (row.verdict.empty()) row.outcome = Outcome::Missed;
    if (!accused(report, {}).empty()) row.outcome = Outcome::False;
    return row;
}

Trial equal(const std::string& stand, const std::set<std::string>& absent) {
    const std::string name = absent.empty() ? "equal dump" : "equal dump without inner layers";
    return {stand + ": " + name, [=] {
                const Stand& s = stand_of(stand);
                return judge_without_cause(Kind::Equal, name, stand, "", dump_of(s, s.right, absent), Verdict::Equal);
            }};
}

// In the design: the layers behind compute with what was flipped.
Trial upset(const std::string& stand, const std::string& layer, int rarity, std::uint64_t seed) {
    const std::string name = fmt::format("{}: one word in {} has a flipped bit", layer, rarity);
    return {name, [=] {
                const Stand& s = stand_of(stand);
                const auto tensors = run_faulty(s, {{layer, writes(flips(rarity, seed, s.right.at(layer).type))}}, {});
                return judge_without_cause(Kind::Noise, name, stand, layer, dump_of(s, tensors, {}), Verdict::Noise);
            }};
}

// On the way out: the layers behind are right.
Trial disturbed(const std::string& stand, const std::string& layer, int rarity, std::uint64_t seed) {
    const std::string name = fmt::format("{}: one word in {} of the dump has a flipped bit", layer, rarity);
    return {name, [=] {
                const Stand& s = stand_of(stand);
                auto tensors = s.right;
                tensors.at(layer) = rewritten(tensors.at(layer), flips(rarity, seed, tensors.at(layer).type));
                return judge_without_cause(Kind::Noise, name, stand, layer, dump_of(s, tensors, {}), Verdict::Noise);
            }};
}

// Random words in the place of all.
Trial garbage(const std::string& stand, const std::string& layer, std::uint64_t seed) {
    const std::string name = layer + ": random words";
    return {name, [=] {
                const Stand& s = stand_of(stand);
                const Format f = s.right.at(layer).type.format;
                const auto tensors =
                    run_faulty(s, {{layer, writes([f, seed](std::vector<ImageWords>& images, const Shape&) {
                                        Random random(seed);
                                        for (ImageWords& image : images)
                                            for (std::int64_t& w : image) w = word_from_pattern(random.bits(), f);
                                    })}},
                               {});
                Row row = judge_without_cause(Kind::Noise, name, stand, layer, dump_of(s, tensors, {}), Verdict::Noise);
                // There is nothing in common either way: what counts is that no setting is accused.
                if (row.outcome == Outcome::Missed && row.verdict == verdict_name(Verdict::Unexplained))
                    row.outcome = Outcome::Right;
                return row;
            }};
}

Trial undefined(const std::string& stand, const std::string& layer, int rarity, std::uint64_t seed) {
    const std::string name = fmt::format("{}: one word in {} has x bits", layer, rarity);
    return {
        name, [=] {
            const Stand& s = stand_of(stand);
            VectorSet dump = dump_of(s, s.right, {});
            for (VectorLayer& l : dump.layers) {
                if (l.name != layer) continue;
                Random random(seed);
                for (std::size_t i = 0; i < l.words.size(); ++i) {
                    if (!random.one_in(rarity)) continue;
                    l.words[i] = 0;
                    l.undefined.push_back(static_cast<std::int64_t>(i));
                    l.undefined_bits.push_back("0b" + std::string(static_cast<std::size_t>(l.type->format.width), 'x'));
                }
            }
            return judge_without_cause(Kind::Noise, name, stand, layer, dump, Verdict::Undefined);
        }};
}

// The cause must be named in spite of the flips.
Trial fault_with_flips(const std::string& name, const std::string& stand, const std::string& layer, int rarity,
                       const Truth& truth, const std::function<void(Node&)>& edit) {
    const std::string whole = fmt::format("{}: {}, and one word in {} has a flipped bit", layer, name, rarity);
    return {whole, [=] {
                const Stand& s = stand_of(stand);
                Fault f{.name = whole, .stand = stand, .truths = {truth}};
                const FixedType type = s.right.at(layer).type;
                f.layers[layer] = [=](const Node& node, const TensorWords& input) {
                    return rewritten(edited(edit)(node, input), flips(rarity, 77, type));
                };
                Row row = judge(f);
                row.kind = Kind::Noise;
                const bool named = row.outcome == Outcome::First || row.outcome == Outcome::Tied;
                row.outcome = named ? Outcome::Right : row.outcome;
                return row;
            }};
}

}  // namespace

std::vector<Trial> equal_trials() {
    std::vector<Trial> trials;
    for (const std::string& stand : stand_names()) trials.push_back(equal(stand, {}));
    trials.push_back(equal("cnn", {"conv2d_relu", "max_pooling2d", "flatten", "dense", "dense_relu", "dense_1"}));
    trials.push_back(equal("lenet-wrap", {"maxpool", "qactivation", "maxpool_1", "qactivation_1", "reshape", "qfc",
                                          "qactivation_2", "qfc_1", "qactivation_3", "qfc_2"}));
    return trials;
}

std::vector<Trial> noise_trials() {
    return {
        upset("cnn", "conv2d", 20000, 1),
        upset("cnn", "conv2d", 1000, 2),
        upset("cnn", "conv2d", 50, 3),
        upset("cnn", "dense", 100, 4),
        upset("cnn-wrap", "dense", 10, 5),
        upset("cnn-sat", "max_pooling2d", 200, 6),
        upset("cnn", "dense_1", 20, 7),
        upset("cnn", "dense_1_softmax", 30, 8),
        upset("lenet", "qconv2d", 1000, 9),
        upset("lenet-sat", "qconv2d_1", 30, 10),
        upset("lenet-wrap", "qfc", 50, 11),
        upset("lenet", "qactivation_1", 40, 12),
        disturbed("cnn", "conv2d", 500, 13),
        disturbed("cnn-sat", "dense", 40, 14),
        disturbed("lenet", "qconv2d_1", 200, 15),
        disturbed("lenet-wrap", "qsoftmax", 20, 16),
        garbage("cnn", "dense", 17),
        garbage("lenet", "qconv2d_1", 18),
        undefined("cnn", "conv2d", 300, 19),
        undefined("cnn-wrap", "dense", 3, 20),
        undefined("lenet", "qfc_2", 10, 21),
        fault_with_flips("result rounds by TRN", "cnn", "conv2d", 300, truth(Cause::ResultRounding, "conv2d", {"TRN"}),
                         [](Node& n) { n.result.rounding = Rounding::Trn; }),
        fault_with_flips("bias is missing", "cnn-sat", "dense", 100, truth(Cause::BiasMissing, "dense"),
                         [](Node& n) { bias(n).reset(); }),
        fault_with_flips("accumulator wraps", "lenet-sat", "qconv2d_1", 200,
                         truth(Cause::AccumulatorOverflow, "qconv2d_1", {"WRAP"}),
                         [](Node& n) { accumulator(n).type.overflow = Overflow::Wrap; }),
    };
}

}  // namespace bittrue::mutation
