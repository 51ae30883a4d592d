#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/verify/training_diagnosis.hpp"
#include "pairing.hpp"
#include "training/search.hpp"
#include "word_reader.hpp"

namespace bittrue {

using namespace training_detail;

namespace {

constexpr std::int64_t kNoExponent = -128;

StepWords words_of(const VectorSet& set) {
    StepWords words;
    for (const VectorLayer& layer : set.layers) words.set(layer.name, layer.words);
    return words;
}

// The first rate of the list that makes the scaled gradients of what the expected step has.
LearningRate rate_of(const TrainingSetup& setup, const std::vector<StepPlace>& places, std::uint64_t step,
                     StepReader& reader) {
    std::vector<std::pair<const StepPlace*, StepSources>> known;
    for (const StepPlace& place : places) {
        if (place.step != step || place.origin != Origin::Computed || place.tensor != StepTensor::Scaled) continue;
        if (reader.expected().find(place.name) == nullptr) continue;
        std::string why;
        auto from = reader.sources(place, why);
        if (from && from->gradient_exponent) known.emplace_back(&place, std::move(*from));
    }
    const LearningRate likely = setup.rates.empty() ? LearningRate{} : setup.rates.front();
    if (known.empty()) return likely;
    for (const LearningRate& rate : setup.rates) {
        const bool fits = std::all_of(known.begin(), known.end(), [&](auto& one) {
            one.second.rate = rate;
            return reader.datapath().tensor(setup.network, one.first->layer, StepTensor::Scaled, one.second, {}) ==
                   *reader.expected().find(one.first->name);
        });
        if (fits) return rate;
    }
    return likely;
}

// Of what the step's tensors are computed from, read as this side has it.
struct Sides {
    std::vector<StepPlace> places{};
    StepWords expected{};
    Sides(const TrainingSetup& setup, const VectorSet& set)
        : places(step_places(setup.network, steps_in(set))), expected(words_of(set)) {}
};

void set_rates(const TrainingSetup& setup, const Sides& sides, StepReader& expected, StepReader* other) {
    std::uint64_t step = 0;
    bool first = true;
    for (const StepPlace& place : sides.places) {
        if (!first && place.step == step) continue;
        first = false;
        step = place.step;
        const LearningRate rate = rate_of(setup, sides.places, step, expected);
        expected.set_rate(step, rate);
        if (other != nullptr) other->set_rate(step, rate);
    }
}

// H11 with NaN: behind the first tensor that is NaN zeros stand for what no tensor shows.
bool may_be_nan(const TrainingSetup& setup, const StepPlace& place, StepReader& reader) {
    if (setup.network.zero_scale != ZeroScale::Nan) return false;
    std::optional<std::uint64_t> step = place.step;
    while (step) {
        for (const TrainingLayer& layer : setup.network.layers) {
            for (const char* kind : {".error_exponent", ".gradient_exponent"}) {
                const Words* k = reader.words(step_prefix(*step) + layer.name + kind);
                if (k != nullptr && k->front() == kNoExponent) return true;
            }
        }
        const StepPlace* pixels = reader.place(step_prefix(*step) + "labels");
        step = pixels == nullptr ? std::nullopt : pixels->before;
    }
    return false;
}

std::string strange(const TrainingSetup& setup, const Sides& sides, StepReader& reader) {
    for (const StepPlace& place : sides.places) {
        const Words* own = reader.expected().find(place.name);
        if (own == nullptr || place.origin != Origin::Computed || may_be_nan(setup, place, reader)) continue;
        std::string why;
        const auto from = reader.sources(place, why);
        if (!from) continue;
        if (reader.datapath().tensor(setup.network, place.layer, place.tensor, *from, {}) != *own) return place.name;
    }
    return {};
}

// One tensor of the dump.
struct Judged {
    const StepPlace* place = nullptr;
    const LayerDiff* diff = nullptr;
    Format format{};
    LayerDiagnosis result{};
    std::optional<StepCase> wrong{};  // computed, and to be explained
    std::optional<StepCase> right{};  // computed as the rule says: what a hypothesis must not spoil
};

class Diagnosis {
public:
    Diagnosis(const TrainingSetup& setup, const VectorSet& expected, const VectorSet& actual, const DiffReport& report,
              const TrainingDatapath& datapath, const DiagnoseOptions& options)
        : setup_(setup), set_(expected), report_(report), options_(options), sides_(setup, expected) {
        std::vector<std::string> notes;
        const std::vector<std::size_t> pairs = pair_layers(expected, actual, notes);
        for (std::size_t i = 0; i < pairs.size(); ++i) {
            if (pairs[i] != kNone) read(expected.layers[i], actual.layers[pairs[i]]);
        }
        expected_reader_.emplace(setup, sides_.places, sides_.expected, sides_.expected, datapath);
        reader_.emplace(setup, sides_.places, sides_.expected, dumped_, datapath);
        set_rates(setup, sides_, *expected_reader_, &*reader_);
    }

    DiagnosisReport run() {
        if (const std::string name = strange(setup_, sides_, *expected_reader_); !name.empty()) {
            throw InputError(set_.source,
                             fmt::format("'{}' is not what network '{}' computes from the set's own words: "
                                         "give the network and options that the set was made with",
                                         name, setup_.network.name));
        }
        std::vector<Judged> judged;
        for (const LayerDiff& diff : report_.layers) {
            if (const StepPlace* place = reader_->place(diff.name)) judged.push_back(judge(*place, diff));
        }
        explain(judged);
        DiagnosisReport out;
        for (Judged& j : judged) out.layers.push_back(std::move(j.result));
        return out;
    }

private:
    // Only words that are all known count as dumped.
    void read(const VectorLayer& expected, const VectorLayer& actual) {
        const WordReader reader(actual, expected.type ? std::optional(expected.type->format) : std::nullopt, "the dump",
                                false);
        if (reader.size() != expected.word_count()) return;
        Words words(expected.words.size());
        for (std::size_t i = 0; i < words.size(); ++i) {
            const auto at = static_cast<std::int64_t>(i);
            if (reader.has_undefined() && reader.undefined_bits(at) != nullptr) {
                undefined_[expected.name] = true;
                return;
            }
            words[i] = word_from_raw(reader.raw(at));
        }
        dumped_.set(expected.name, std::move(words));
    }

    [[nodiscard]] Format format_of(const std::string& name) const {
        const VectorLayer* layer = set_.find(name);
        return layer != nullptr && layer->type ? layer->type->format : Format{.width = 64, .integer = 64};
    }

    Judged judge(const StepPlace& place, const LayerDiff& diff) {
        Judged j{.place = &place, .diff = &diff, .format = format_of(place.name)};
        LayerDiagnosis& d = j.result;
        d.layer = place.name;
        for (const std::string& name : place.reads) {
            d.given.push_back(name);
            if (dumped_.find(name) != nullptr) d.given_dumped.push_back(name);
        }
        const Words* own = dumped_.find(place.name);
        const Words* expected = sides_.expected.find(place.name);
        if (own == nullptr) {
            d.verdict = undefined_.contains(place.name) ? Verdict::Undefined : Verdict::Unknown;
            d.why_unknown = undefined_.contains(place.name) ? "" : "the dump has another number of words";
            d.sentence = fmt::format("{}: {}", place.name,
                                     undefined_.contains(place.name) ? "words with x or z bits" : d.why_unknown);
            return j;
        }
        Words reference;
        std::string why;
        std::optional<StepSources> from;
        if (place.origin == Origin::Computed && !may_be_nan(setup_, place, *reader_)) {
            from = reader_->sources(place, why);
            if (from) reference = reader_->datapath().tensor(setup_.network, place.layer, place.tensor, *from, {});
        } else if (place.origin == Origin::Carried) {
            if (const Words* before = reader_->words(place.reads.front())) reference = *before;
        } else if (place.origin == Origin::Computed) {
            why = "a tensor in front of it may be NaN (H11)";
        }
        if (reference.empty() && expected != nullptr) reference = *expected;
        compare(j, *own, reference);
        const bool as_expected = expected != nullptr && *own == *expected;
        if (d.words_different == 0 || (place.origin == Origin::Computed && !from)) {
            d.verdict = d.words_different == 0 || as_expected ? Verdict::Equal : Verdict::Unknown;
            if (d.verdict == Verdict::Unknown) {
                d.why_unknown = why;
                d.sentence = fmt::format("{}: cannot be judged: {}", place.name, why);
            }
            if (from)
                j.right = StepCase{.place = &place, .from = std::move(*from), .expected = reference, .actual = *own};
            return j;
        }
        if (!from) {
            d.verdict = Verdict::Unexplained;
            d.sentence = place.origin == Origin::Carried
                             ? fmt::format("{}: not the words of {}", place.name, place.reads.front())
                             : fmt::format("{}: not what the step was given", place.name);
            return j;
        }
        j.wrong = StepCase{.place = &place, .from = std::move(*from), .expected = std::move(reference), .actual = *own};
        j.wrong->different = d.words_different;
        return j;
    }

    void compare(Judged& j, const Words& own, const Words& reference) const {
        LayerDiagnosis& d = j.result;
        d.expected = reference;
        d.actual = own;
        d.words_judged = static_cast<std::int64_t>(own.size());
        for (std::size_t i = 0; i < own.size() && i < reference.size(); ++i) {
            if (own[i] == reference[i]) continue;
            if (d.words_different++ > 0) continue;
            Mismatch first{.flat = static_cast<std::int64_t>(i)};
            first.expected = raw_from_word(reference[i], j.format);
            first.actual = raw_from_word(own[i], j.format);
            first.index.resize(j.diff->dims.size());
            auto left = static_cast<std::int64_t>(i);
            for (std::size_t axis = first.index.size(); axis-- > 0;) {
                first.index[axis] = left % j.diff->dims[axis];
                left /= j.diff->dims[axis];
            }
            d.first = std::move(first);
        }
    }

    // The steps of one layer and kind together: hardware makes the same mistake in each.
    void explain(std::vector<Judged>& judged) {
        std::map<std::pair<std::size_t, StepTensor>, std::vector<std::size_t>> groups;
        for (std::size_t i = 0; i < judged.size(); ++i) {
            if (judged[i].wrong || judged[i].right)
                groups[{judged[i].place->layer, judged[i].place->tensor}].push_back(i);
        }
        for (const auto& [key, members] : groups) {
            std::vector<StepCase> cases;
            std::vector<std::size_t> wrong;
            // The wrong ones first: a change that gives none of them is left early.
            for (const std::size_t i : members) {
                if (judged[i].wrong) wrong.push_back(i);
            }
            if (wrong.empty()) continue;
            for (const std::size_t i : wrong) cases.push_back(std::move(*judged[i].wrong));
            for (const std::size_t i : members) {
                if (judged[i].right) cases.push_back(std::move(*judged[i].right));
            }
            explain(judged, wrong, cases);
        }
    }

    void explain(std::vector<Judged>& judged, const std::vector<std::size_t>& wrong,
                 const std::vector<StepCase>& cases) {
        using Clock = std::chrono::steady_clock;
        const auto begin = Clock::now();
        if (options_.progress) options_.progress(judged[wrong.front()].result.layer);
        const auto end =
            begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.seconds));
        const StepSearch found = search(setup_.network, cases, judged[wrong.front()].format, *reader_, options_, end);
        const std::chrono::duration<double> took = Clock::now() - begin;
        std::int64_t different = 0;
        for (const StepCase& c : cases) different += c.different;
        for (std::size_t i = 0; i < wrong.size(); ++i) {
            Judged& j = judged[wrong[i]];
            LayerDiagnosis& d = j.result;
            d.tried = found.tried;
            d.pairs_tried = found.pairs_tried;
            d.out_of_time = found.out_of_time;
            d.seconds = i == 0 ? took.count() : 0;
            for (std::size_t h = 0; h < found.hypotheses.size(); ++h) {
                d.hypotheses.push_back(found.hypotheses[h]);
                d.hypotheses.back().explained = found.explained[h][i];
                d.hypotheses.back().spoiled = found.spoiled[h][i];
            }
            verdict(j, found, different);
        }
    }

    void verdict(Judged& j, const StepSearch& found, std::int64_t different) const {
        LayerDiagnosis& d = j.result;
        const Hypothesis* best = found.hypotheses.empty() ? nullptr : &found.hypotheses.front();
        const bool all = best != nullptr && best->explained == different && best->spoiled == 0;
        if (all) {
            d.verdict = Verdict::Explained;
            d.sentence = fmt::format("{}: {}; explains all {} wrong words{}", d.layer, text_of(*best), different,
                                     different > d.words_different ? " of all steps" : "");
            if (different == 1) d.sentence = fmt::format("{}: {}; explains the wrong word", d.layer, text_of(*best));
            return;
        }
        if (!j.diff->findings.empty() && !j.diff->harmless()) {
            d.verdict = Verdict::Moved;
            d.sentence = fmt::format("{}: {}", d.layer, j.diff->findings.front().text);
            return;
        }
        if (best != nullptr && 2 * (best->explained - best->spoiled) >= different) {
            d.verdict = Verdict::Partly;
            d.sentence = fmt::format("{}: {}; explains {} of {} wrong words", d.layer, text_of(*best), best->explained,
                                     different);
            return;
        }
        const bool noise = is_noise(j);
        d.verdict = noise ? Verdict::Noise : Verdict::Unexplained;
        d.sentence =
            fmt::format("{}: {} wrong for what {} read, {}", d.layer,
                        d.words_different == 1 ? "1 word is" : fmt::format("{} words are", d.words_different), "it",
                        noise                    ? "single bits without a pattern"
                        : d.words_different == 1 ? "no hypothesis explains it"
                                                 : "no hypothesis explains them");
    }

    static std::string text_of(const Hypothesis& hypothesis) {
        std::string text;
        for (const Change& change : hypothesis.changes) text += (text.empty() ? "" : ", and ") + change.text;
        return text;
    }

    // Few words, each with one wrong bit.
    static bool is_noise(const Judged& j) {
        const LayerDiagnosis& d = j.result;
        if (d.words_judged < 16 || d.words_different * 4 > d.words_judged) return false;
        for (std::size_t i = 0; i < d.actual.size(); ++i) {
            const std::uint64_t bits =
                pattern_from_word(d.actual[i], j.format) ^ pattern_from_word(d.expected[i], j.format);
            if (std::popcount(bits) > 1) return false;
        }
        return true;
    }

    const TrainingSetup& setup_;
    const VectorSet& set_;
    const DiffReport& report_;
    const DiagnoseOptions& options_;
    training_detail::StepWords dumped_{};
    Sides sides_;
    std::map<std::string, bool> undefined_{};
    std::optional<StepReader> expected_reader_{}, reader_{};
};

}  // namespace

bool is_training_set(const VectorSet& set) {
    for (const std::uint64_t step : steps_in(set)) {
        const std::string prefix = step_prefix(step);
        for (const VectorLayer& layer : set.layers) {
            if (layer.name.starts_with(prefix) && layer.name.ends_with(".weights_after")) return true;
        }
    }
    return false;
}

std::string strange_tensor(const TrainingSetup& setup, const VectorSet& set, const TrainingDatapath& datapath) {
    const Sides sides(setup, set);
    StepReader reader(setup, sides.places, sides.expected, sides.expected, datapath);
    set_rates(setup, sides, reader, nullptr);
    return strange(setup, sides, reader);
}

DiagnosisReport diagnose_training(const TrainingSetup& setup, const VectorSet& expected, const VectorSet& actual,
                                  const DiffReport& report, const TrainingDatapath& datapath,
                                  const DiagnoseOptions& options) {
    return Diagnosis(setup, expected, actual, report, datapath, options).run();
}

}  // namespace bittrue
