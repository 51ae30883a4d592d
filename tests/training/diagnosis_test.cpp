// Which tensor of a training step is wrong for what it read, also where everything behind it differs, and why.
#include <catch2/catch.hpp>

#include "bittrue/model/error.hpp"
#include "training/diagnosis_support.hpp"
#include "training_datapath.hpp"

using namespace bittrue;
using namespace training_tests;

namespace {

DiagnosisReport diagnosed(const Made& made, const VectorSet& expected, const VectorSet& actual,
                          const DiffOptions& how = {}) {
    const auto datapath = cli::make_training_datapath();
    return diagnose_training(made.setup, expected, actual, diff(expected, actual, how), *datapath, {.seconds = 20});
}
DiagnosisReport diagnosed(const Made& made, const VectorSet& actual) {
    return diagnosed(made, made.set(), actual);
}

std::vector<std::string> not_equal(const DiagnosisReport& report) {
    std::vector<std::string> names;
    for (const LayerDiagnosis& tensor : report.layers) {
        if (tensor.verdict != Verdict::Equal) names.push_back(tensor.layer);
    }
    return names;
}

std::string describe(const DiagnosisReport& report) {
    std::string text;
    for (const LayerDiagnosis& t : report.layers) {
        if (t.verdict == Verdict::Equal) continue;
        text += fmt::format("{}: {} [{}]\n", t.layer, t.sentence, verdict_name(t.verdict));
        for (const Hypothesis& h : t.hypotheses) {
            text += fmt::format("    {:.1f} bits, group {}, explains {}, spoils {}:", h.bits, h.group, h.explained,
                                h.spoiled);
            for (const Change& c : h.changes) text += " " + c.text + ";";
            text += "\n";
        }
    }
    return text;
}

}  // namespace

TEST_CASE("an equal dump of training has no wrong tensor") {
    const Made made = make(small_network());
    const DiagnosisReport report = diagnosed(made, Hardware(made, {}).dump());
    INFO(describe(report));
    CHECK(report.layers.size() == 3 * (4 + 3 * 14));
    CHECK(not_equal(report).empty());
    CHECK(report.first() == nullptr);
}

TEST_CASE("a wrong word in any tensor of a step is blamed on this tensor alone, whatever follows of it") {
    const Made made = make(small_network());
    std::size_t spread = 0, cases = 0;
    for (const auto& [tensor, kind] : kinds()) {
        for (std::size_t layer = 0; layer < 3; ++layer) {
            if (tensor == StepTensor::Input && layer != 0) continue;
            if (tensor == StepTensor::Loss && layer != 2) continue;
            Fault fault;
            fault.words = [&, wanted = tensor](std::size_t step, std::size_t l, StepTensor t, Words& words) {
                if (step != 1 || l != layer || t != wanted) return;
                for (std::size_t i = 0; i < words.size(); i += 5) words[i] ^= 1;
            };
            const VectorSet dump = Hardware(made, fault).dump();
            const DiagnosisReport report = diagnosed(made, dump);
            INFO(describe(report));
            const bool whole = tensor == StepTensor::Input || tensor == StepTensor::Loss;
            const std::string name = "step1." + (whole ? "" : made.setup.network.layers[layer].name + ".") + kind;
            CHECK(not_equal(report) == std::vector{name});
            ++cases;
            const DiffReport plain = diff(made.set(), dump);
            const auto different = std::count_if(plain.layers.begin(), plain.layers.end(),
                                                 [](const LayerDiff& l) { return l.words_different > 0; });
            spread += different > 10 ? 1 : 0;
        }
    }
    CHECK(cases == 38);
    CHECK(spread >= 15);  // many of them spoil more than ten tensors behind them
}

namespace {

struct Planted {
    std::string what{};
    StepTensor tensor{};
    std::size_t layer = 0;
    Cause cause{};
    std::string found{};
    std::function<void(StepSources&, StepRules&)> change{};
};

template <class Change>
Planted planted(std::string what, StepTensor tensor, std::size_t layer, Cause cause, std::string found, Change change) {
    return {.what = std::move(what),
            .tensor = tensor,
            .layer = layer,
            .cause = cause,
            .found = std::move(found),
            .change = change};
}

}  // namespace

TEST_CASE("a wrong rule is named in the tensor that it makes, in every step, and nothing else is blamed") {
    const Made made =
        make(small_network({.weights = 3, .activations = 4, .gradients = 8, .errors = 8, .randomizer = 8}));
    using R = StepRules;
    const auto rule = [](auto set) { return [set](StepSources&, StepRules& r) { set(r); }; };
    const std::vector<Planted> faults = {
        planted("input truncated", StepTensor::Input, 0, Cause::ResultRounding, "TRN",
                rule([](R& r) { r.rounding = Rounding::Trn; })),
        planted("weights truncated", StepTensor::Sums, 1, Cause::WeightRounding, "TRN",
                rule([](R& r) { r.weight_rounding = Rounding::Trn; })),
        planted("sums not cleared", StepTensor::Sums, 2, Cause::StaleState, "the sum before",
                rule([](R& r) { r.sums_are_kept = true; })),
        planted("activations rounded up at ties", StepTensor::Activations, 1, Cause::ResultRounding, "RND",
                rule([](R& r) { r.rounding = Rounding::Rnd; })),
        planted("activations not clipped", StepTensor::Activations, 0, Cause::ResultOverflow, "no clip",
                rule([](R& r) { r.limit = R::Limit::None; })),
        planted("the pool takes its first word", StepTensor::Activations, 0, Cause::PoolRule, "the first",
                rule([](R& r) { r.pool = R::Pool::Corner; })),
        planted("the leading one", StepTensor::ErrorExponent, 1, Cause::ScaleExponent, "the leading one",
                rule([](R& r) { r.scale = R::Scale::LeadingOne; })),
        planted("mask of clipped activations", StepTensor::Errors, 1, Cause::ErrorMask, "missing",
                rule([](R& r) { r.clipped = R::Mask::Missing; })),
        planted("errors truncated", StepTensor::Errors, 1, Cause::ResultRounding, "TRN",
                rule([](R& r) { r.rounding = Rounding::Trn; })),
        planted("the deltas' mask", StepTensor::Deltas, 1, Cause::ErrorMask, "missing",
                rule([](R& r) { r.positive = R::Mask::Missing; })),
        planted("all maxima", StepTensor::Deltas, 0, Cause::PoolRule, "all maxima",
                rule([](R& r) { r.pool = R::Pool::All; })),
        planted("the last image", StepTensor::Gradients, 1, Cause::BatchImages, "without the last",
                [](StepSources& s, StepRules&) {
                    std::fill(s.deltas.end() - static_cast<std::ptrdiff_t>(s.deltas.size() / s.images), s.deltas.end(),
                              0);
                }),
        planted("the exponent of gradients", StepTensor::GradientExponent, 0, Cause::ScaleExponent,
                "the power of two above", rule([](R& r) { r.scale = R::Scale::Up; })),
        planted("learning rate of 1", StepTensor::Scaled, 2, Cause::LearningRate, "1",
                [](StepSources& s, StepRules&) { s.rate.raw = 128; }),
        planted("scaled by another exponent", StepTensor::Scaled, 1, Cause::ScaleExponent, "k+1",
                [](StepSources& s, StepRules&) { ++*s.gradient_exponent; }),
        planted("bits of draws reversed", StepTensor::Draws, 1, Cause::Randomizer, "bits reversed",
                rule([](R& r) { r.random = R::Random::BitsReversed; })),
        planted("one draw late", StepTensor::Draws, 2, Cause::Randomizer, "one draw late",
                rule([](R& r) { r.random = R::Random::Late; })),
        planted("one shift", StepTensor::LfsrAfter, 2, Cause::Randomizer, "one shift",
                rule([](R& r) { r.random = R::Random::OneShift; })),
        planted("draws added", StepTensor::Steps, 1, Cause::StochasticRounding, "f + k >= 1",
                rule([](R& r) { r.chance = R::Chance::Added; })),
        planted("a chance that is equal", StepTensor::Steps, 1, Cause::StochasticRounding, "f >= k",
                rule([](R& r) { r.chance = R::Chance::OrEqual; })),
        planted("steps added", StepTensor::WeightsAfter, 0, Cause::WeightStore, "w + step",
                rule([](R& r) { r.added = true; })),
        planted("the lowest weight", StepTensor::WeightsAfter, 1, Cause::WeightStore, "-(S(G)-1)",
                rule([](R& r) { r.lowest = R::Lowest::Never; })),
    };
    for (const Planted& planted : faults) {
        Fault fault;
        fault.rules = [&](std::size_t, std::size_t l, StepTensor t, StepSources& from, StepRules& rules) {
            if (l == planted.layer && t == planted.tensor) planted.change(from, rules);
        };
        const DiagnosisReport report = diagnosed(made, Hardware(made, fault).dump());
        INFO(planted.what << "\n" << describe(report));
        REQUIRE(report.first() != nullptr);
        const bool whole = planted.tensor == StepTensor::Input;
        const std::string suffix =
            (whole ? "" : "." + made.setup.network.layers[planted.layer].name) + "." + kinds().at(planted.tensor);
        for (const std::string& name : not_equal(report)) CHECK(name.substr(name.find('.')) == suffix);
        const LayerDiagnosis& first = *report.first();
        CHECK(first.verdict == Verdict::Explained);
        REQUIRE_FALSE(first.hypotheses.empty());
        // The true one, or one that the data cannot tell from it.
        const auto named = std::find_if(first.hypotheses.begin(), first.hypotheses.end(), [&](const Hypothesis& h) {
            return h.changes.size() == 1 && h.changes[0].cause == planted.cause && h.changes[0].found == planted.found;
        });
        REQUIRE(named != first.hypotheses.end());
        CHECK(named->group == 0);
    }
}

TEST_CASE("golden with another taps mask, store or accumulator: the tensor and the setting are named") {
    const Made made = make(small_network(), {128, 1280, 1280});
    struct Other {
        std::string what{};
        std::function<void(TrainingNetwork&)> change{};
        std::string kind{};
        Cause cause{};
    };
    const std::vector<Other> others = {
        {"taps", [](TrainingNetwork& n) { n.randomizer.taps ^= 2; }, "out.draws", Cause::Randomizer},
        {"store", [](TrainingNetwork& n) { n.store = WeightStore::Wrap; }, "weights_after", Cause::WeightStore},
        {"forward", [](TrainingNetwork& n) { n.layers[1].forward = {.width = 3, .saturate = true}; }, "fc.sums",
         Cause::AccumulatorFormat},
        {"error", [](TrainingNetwork& n) { n.layers[2].error = {.width = 8, .saturate = false}; }, "fc.error",
         Cause::AccumulatorFormat},
        {"gradient", [](TrainingNetwork& n) { n.layers[2].gradient = {.width = 8, .saturate = true}; }, "out.gradients",
         Cause::AccumulatorFormat},
    };
    for (const Other& other : others) {
        TrainingNetwork network = made.setup.network;
        other.change(network);
        TrainingState state = made.start;
        std::vector<TrainedStep> steps = made.steps;
        for (TrainedStep& step : steps) step.trace = golden::training_step(network, state, step.batch, step.rate);
        VectorSet actual = made.set();
        for (const VectorLayer& layer : training_vectors(network, steps).layers) {
            for (VectorLayer& own : actual.layers) {
                if (own.name == layer.name) own.words = layer.words;
            }
        }
        const DiagnosisReport report = diagnosed(made, actual);
        INFO(other.what << "\n" << describe(report));
        REQUIRE(report.first() != nullptr);
        CHECK(report.first()->layer.find(other.kind) != std::string::npos);
        CHECK(report.first()->verdict == Verdict::Explained);
        CHECK(report.first()->hypotheses.at(0).changes.size() == 1);
        CHECK(report.first()->hypotheses.at(0).changes[0].cause == other.cause);
        for (const std::string& name : not_equal(report)) {
            const bool random = name.ends_with(".draws") || name.ends_with(".lfsr_after");
            CHECK((name.find(other.kind) != std::string::npos || (other.cause == Cause::Randomizer && random)));
        }
    }
}

TEST_CASE("two wrong rules in one tensor are both named") {
    const Made made =
        make(small_network({.weights = 3, .activations = 4, .gradients = 8, .errors = 8, .randomizer = 8}));
    Fault fault;
    fault.rules = [](std::size_t, std::size_t l, StepTensor t, StepSources&, StepRules& rules) {
        if (l != 1 || t != StepTensor::Errors) return;
        rules.rounding = Rounding::Trn;
        rules.clipped = StepRules::Mask::Missing;
    };
    const DiagnosisReport report = diagnosed(made, Hardware(made, fault).dump());
    INFO(describe(report));
    REQUIRE(report.first() != nullptr);
    CHECK(report.first()->verdict == Verdict::Explained);
    const std::vector<Change>& changes = report.first()->hypotheses.at(0).changes;
    REQUIRE(changes.size() == 2);
    CHECK((changes[0].cause == Cause::ErrorMask) != (changes[1].cause == Cause::ErrorMask));
    CHECK((changes[0].cause == Cause::ResultRounding) != (changes[1].cause == Cause::ResultRounding));
}

TEST_CASE("what a dump does not have is computed from what it has: the fault is found behind it") {
    const Made made = make(small_network());
    Fault fault;
    fault.rules = [](std::size_t, std::size_t l, StepTensor t, StepSources&, StepRules& rules) {
        if (l == 1 && t == StepTensor::Steps) rules.chance = StepRules::Chance::None;
    };
    VectorSet dump = Hardware(made, fault).dump();
    // Of the update only the weights are shown; of the way back only the errors.
    std::erase_if(dump.layers, [](const VectorLayer& layer) {
        for (const char* kind : {".steps", ".scaled", ".draws", ".deltas", "_exponent", ".weights_before"}) {
            if (layer.name.ends_with(kind)) return true;
        }
        return false;
    });
    const DiagnosisReport report = diagnosed(made, made.set(), dump, {.common = true});
    INFO(describe(report));
    for (const std::string& name : not_equal(report)) CHECK(name.ends_with(".fc.weights_after"));
    CHECK(not_equal(report).size() == 3);
}

TEST_CASE("a set of one layer is diagnosed as far as it has what a tensor reads") {
    const Made made = make(small_network());
    const VectorSet expected = made.set("out");
    Fault fault;
    fault.rules = [](std::size_t, std::size_t l, StepTensor t, StepSources&, StepRules& rules) {
        if (l == 2 && t == StepTensor::Steps) rules.chance = StepRules::Chance::Nearest;
    };
    VectorSet dump = Hardware(made, fault).dump();
    std::erase_if(dump.layers, [&](const VectorLayer& layer) { return expected.find(layer.name) == nullptr; });
    const DiagnosisReport report = diagnosed(made, expected, dump);
    INFO(describe(report));
    REQUIRE(report.first() != nullptr);
    CHECK(report.first()->layer.ends_with(".out.steps"));
    CHECK(report.first()->hypotheses.at(0).changes[0].found == "half up");
}

TEST_CASE("words of another sign or shifted by one are named, in every step or in some") {
    const Made made =
        make(small_network({.weights = 3, .activations = 4, .gradients = 8, .errors = 8, .randomizer = 8}));
    struct Other {
        StepTensor tensor{};
        std::string found{};
        std::function<void(std::int64_t&)> change{};
    };
    const auto negated = [](std::int64_t& w) { w = -w; };
    const auto halved = [](std::int64_t& w) { w >>= 1; };
    const std::vector<Other> others = {{StepTensor::Errors, "negated", negated},
                                       {StepTensor::Gradients, "negated", negated},
                                       {StepTensor::Steps, "negated", negated},
                                       {StepTensor::Sums, "shifted right", halved},
                                       {StepTensor::Gradients, "shifted right", halved}};
    for (const Other& other : others) {
        for (const bool first_only : {true, false}) {
            Fault fault;
            fault.words = [&](std::size_t step, std::size_t l, StepTensor t, Words& words) {
                if (l == 1 && t == other.tensor && (step == 0 || !first_only))
                    std::for_each(words.begin(), words.end(), other.change);
            };
            const DiagnosisReport report = diagnosed(made, Hardware(made, fault).dump());
            INFO(kinds().at(other.tensor) << " " << other.found << "\n" << describe(report));
            REQUIRE(report.first() != nullptr);
            const LayerDiagnosis& first = *report.first();
            CHECK(first.layer == "step0.fc." + kinds().at(other.tensor));
            CHECK(first.verdict == Verdict::Explained);
            REQUIRE_FALSE(first.hypotheses.empty());
            REQUIRE(first.hypotheses[0].changes.size() == 1);
            CHECK(first.hypotheses[0].changes[0].found == other.found);
            const bool said = first.sentence.find("(in step 0 only)") != std::string::npos;
            CHECK(said == first_only);
        }
    }
}

TEST_CASE("one wrong word is not explained by what could give any word") {
    const Made made = make(small_network());
    for (const StepTensor tensor : {StepTensor::GradientExponent, StepTensor::ErrorExponent}) {
        Fault fault;
        fault.words = [&](std::size_t step, std::size_t l, StepTensor t, Words& words) {
            if (step == 0 && l == 1 && t == tensor) words[0] = 77;
        };
        const DiagnosisReport report = diagnosed(made, Hardware(made, fault).dump());
        INFO(describe(report));
        REQUIRE(report.first() != nullptr);
        CHECK(report.first()->verdict == Verdict::Unexplained);
        CHECK(report.first()->hypotheses.empty());
        CHECK(report.first()->sentence.ends_with("1 word is wrong for what it read, no hypothesis explains it"));
    }
}

TEST_CASE("a set that another network or another rate made is refused") {
    Made made = make(small_network());
    const auto datapath = cli::make_training_datapath();
    CHECK(strange_tensor(made.setup, made.set(), *datapath).empty());
    TrainingSetup other = made.setup;
    other.network.randomizer.taps ^= 4;
    CHECK(strange_tensor(other, made.set(), *datapath) == "step0.out.draws");
    other = made.setup;
    other.rates = {{.raw = 128, .frac = 7}};
    CHECK(strange_tensor(other, made.set(), *datapath) == "step1.out.scaled");
    made.setup.network.randomizer.taps ^= 4;
    CHECK_THROWS_AS(diagnosed(made, make(small_network()).set()), InputError);
}
