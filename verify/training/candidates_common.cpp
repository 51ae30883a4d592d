#include <algorithm>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "training/candidates.hpp"

namespace bittrue::training_detail {

void StepCandidates::add(Cause cause, const std::string& expected, const std::string& found, const std::string& text,
                         double bits, const std::string& slot, Apply apply) {
    const bool whole = place_.kind == "input" || place_.kind == "loss";
    Change change{.cause = cause,
                  .node = whole ? place_.kind : layer().name,
                  .setting = place_.kind,
                  .expected = expected,
                  .found = found,
                  .text = text};
    out_.push_back({.change = std::move(change), .bits = bits, .slot = slot, .apply = std::move(apply)});
}

void StepCandidates::rule(Cause cause, const std::string& expected, const std::string& found, const std::string& text,
                          const std::string& slot, std::function<void(StepRules&)> change, double bits) {
    add(cause, expected, found, text, bits, slot,
        [change = std::move(change)](StepVariant& v, const StepPlace&, StepReader&) {
            change(v.rules);
            return true;
        });
}

void StepCandidates::after(Cause cause, const std::string& found, const std::string& text, const std::string& slot,
                           std::function<void(Words&)> change, double bits) {
    add(cause, "", found, text, bits, slot,
        [change = std::move(change)](StepVariant& v, const StepPlace&, StepReader&) {
            v.after.push_back(change);
            return true;
        });
}

void StepCandidates::roundings(const std::string& what) {
    for (const Rounding mode : kAllRoundings) {
        if (mode == Rounding::RndConv) continue;
        rule(
            Cause::ResultRounding, "RND_CONV", print_rounding(mode),
            fmt::format("{} are rounded by {} where the rule rounds half to even (RND_CONV)", what,
                        print_rounding(mode)),
            "rounding", [mode](StepRules& r) { r.rounding = mode; }, mode == Rounding::Trn ? 3 : 4);
    }
}

namespace {

// Weights in the order of H13 with each index replaced: `from(row, column, in, out)` is where a word is taken from.
template <class From>
Words rearranged(const TrainingLayer& layer, const Words& weights, From from) {
    const int rows = layer.is_conv() ? layer.kernel_rows : 1, columns = layer.is_conv() ? layer.kernel_columns : 1;
    const int ins = layer.is_conv() ? layer.input.channels : layer.input.elements(), outs = layer.sums.channels;
    Words out(weights.size());
    std::size_t at = 0;
    for (int r = 0; r < rows; ++r) {
        for (int s = 0; s < columns; ++s) {
            for (int i = 0; i < ins; ++i) {
                for (int o = 0; o < outs; ++o) out[at++] = weights[from(r, s, i, o)];
            }
        }
    }
    return out;
}

struct Arrangement {
    std::string found{}, text{};
    std::function<Words(const TrainingLayer&, const Words&)> apply{};
};

std::vector<Arrangement> arrangements(const TrainingLayer& layer) {
    const auto index = [](const TrainingLayer& l, int r, int s, int i, int o) {
        const int ins = l.is_conv() ? l.input.channels : l.input.elements();
        return static_cast<std::size_t>(((r * std::max(l.kernel_columns, 1) + s) * ins + i) * l.sums.channels + o);
    };
    const auto ins = [](const TrainingLayer& l) { return l.is_conv() ? l.input.channels : l.input.elements(); };
    std::vector<Arrangement> all;
    if (ins(layer) == layer.sums.channels) {
        all.push_back({"transposed", "weights are transposed: in and out exchanged",
                       [index](const TrainingLayer& l, const Words& w) {
                           return rearranged(l, w, [&](int r, int s, int i, int o) { return index(l, r, s, o, i); });
                       }});
    } else {
        all.push_back(
            {"[out][in]", "weights are read as stored [out][in]", [ins](const TrainingLayer& l, const Words& w) {
                 const int n = ins(l), outs = l.sums.channels;
                 return rearranged(l, w, [&](int r, int s, int i, int o) {
                     return static_cast<std::size_t>((r * std::max(l.kernel_columns, 1) + s) * n * outs + o * n + i);
                 });
             }});
    }
    all.push_back({"outputs reversed", "weights of the outputs are taken in reverse order",
                   [index](const TrainingLayer& l, const Words& w) {
                       return rearranged(l, w, [&](int r, int s, int i, int o) {
                           return index(l, r, s, i, l.sums.channels - 1 - o);
                       });
                   }});
    all.push_back({"inputs reversed", "weights of the inputs are taken in reverse order",
                   [index, ins](const TrainingLayer& l, const Words& w) {
                       return rearranged(l, w,
                                         [&](int r, int s, int i, int o) { return index(l, r, s, ins(l) - 1 - i, o); });
                   }});
    if (!layer.is_conv()) return all;
    all.push_back(
        {"kernel turned", "the kernel is turned by half a turn", [index](const TrainingLayer& l, const Words& w) {
             return rearranged(l, w, [&](int r, int s, int i, int o) {
                 return index(l, l.kernel_rows - 1 - r, l.kernel_columns - 1 - s, i, o);
             });
         }});
    if (layer.kernel_rows == layer.kernel_columns) {
        all.push_back({"rows and columns exchanged", "the kernel's rows and columns are exchanged",
                       [index](const TrainingLayer& l, const Words& w) {
                           return rearranged(l, w, [&](int r, int s, int i, int o) { return index(l, s, r, i, o); });
                       }});
    }
    return all;
}

}  // namespace

void StepCandidates::weights(bool behind) {
    const std::size_t l = place_.layer + (behind ? 1 : 0);
    const TrainingLayer& of = network_.layers[l];
    const auto which = behind ? &StepSources::behind_weights : &StepSources::weights;
    const std::string what = behind ? fmt::format("on the way back, {}'s ", of.name) : "";
    for (Arrangement& a : arrangements(of)) {
        add(Cause::WeightOrder, "[in][out]", a.found, what + a.text, 5, "weight order",
            [which, l, apply = std::move(a.apply)](StepVariant& v, const StepPlace&, StepReader&) {
                v.from.*which = apply(v.network.layers[l], v.from.*which);
                return true;
            });
    }
    const auto other = [&](const std::string& kind, bool step_before, const std::string& found,
                           const std::string& text) {
        add(Cause::StaleState, "weights of the step", found, what + text, 4, "weights",
            [which, kind, step_before, behind](StepVariant& v, const StepPlace& p, StepReader& reader) {
                if (step_before && !p.before) return false;
                const Words* words = reader.near(p, step_before ? *p.before : p.step, behind ? 1 : 0, kind);
                if (words == nullptr || words->size() != (v.from.*which).size()) return false;
                v.from.*which = *words;
                return true;
            });
    };
    other("weights_before", true, "those before", "weights are those of the step before");
    other("weights_after", false, "updated", "weights are the updated ones of the same step");
    rule(Cause::WeightFormat, "q (H2)", "as stored", what + "weights are used as they are stored, not as words of H2",
         "weight words", [](StepRules& r) { r.weights_as_stored = true; });
    if (network_.bits.weights == 1) {
        rule(Cause::WeightRounding, "0", "1", what + "a weight of 0 counts as 1 where rule H2 says 0", "weight words",
             [](StepRules& r) { r.zero_is_one = true; });
        return;
    }
    for (const Rounding mode : kAllRoundings) {
        if (mode == Rounding::RndConv) continue;
        rule(Cause::WeightRounding, "RND_CONV", print_rounding(mode),
             fmt::format("{}weights are rounded by {} where rule H2 rounds half to even", what, print_rounding(mode)),
             "weight words", [mode](StepRules& r) { r.weight_rounding = mode; });
    }
}

void StepCandidates::accumulator(const std::string& what, TrainingAccumulator TrainingLayer::*which,
                                 std::size_t layer) {
    const TrainingAccumulator own = network_.layers[layer].*which;
    const auto print = [](const TrainingAccumulator& a) {
        return a.width == 0 ? std::string("wide enough")
                            : fmt::format("{} bits, {}", a.width, a.saturate ? "SAT" : "WRAP");
    };
    const auto set = [&](Cause cause, const TrainingAccumulator& other, double bits) {
        add(cause, print(own), print(other),
            fmt::format("the accumulator of {} has {} where it is {}", what, print(other),
                        own.width == 0 ? "wide enough for every sum" : print(own)),
            bits, "accumulator", [which, layer, other](StepVariant& v, const StepPlace&, StepReader&) {
                v.network.layers[layer].*which = other;
                return true;
            });
    };
    if (own.width != 0) {
        set(Cause::AccumulatorOverflow, {.width = own.width, .saturate = !own.saturate}, 3);
        add(Cause::AccumulatorFormat, print(own), "wide enough",
            fmt::format("the accumulator of {} does not overflow where it has {}", what, print(own)), 4, "accumulator",
            [which, layer](StepVariant& v, const StepPlace&, StepReader&) {
                v.network.layers[layer].*which = {};
                return true;
            });
    }
    constexpr int kFewest = 3, kMost = 24;
    for (int width = kFewest; width <= kMost; ++width) {
        for (const bool saturate : {false, true}) {
            if (width == own.width) continue;
            set(Cause::AccumulatorFormat, {.width = width, .saturate = saturate}, 6);
        }
    }
    rule(Cause::StaleState, "0", "the sum before",
         fmt::format("the accumulator of {} is not cleared: a sum begins with the one before", what), "kept",
         [](StepRules& r) { r.sums_are_kept = true; });
}

// The batch's images of a tensor that is read: another one's, or left out.
void StepCandidates::other_images(const std::string& what, Words StepSources::*which) {
    const auto edit = [&](Cause cause, const std::string& found, const std::string& text,
                          std::function<void(Words&, std::size_t)> change) {
        add(cause, "all images, each its own", found, text, 4, "images of " + what,
            [which, change = std::move(change)](StepVariant& v, const StepPlace&, StepReader&) {
                Words& words = v.from.*which;
                if (v.from.images < 2 || words.empty()) return false;
                change(words, words.size() / v.from.images);
                return true;
            });
    };
    edit(
        Cause::BatchImages, "the image before", fmt::format("{} are those of the image before", what),
        [](Words& w, std::size_t per) { std::rotate(w.begin(), w.end() - static_cast<std::ptrdiff_t>(per), w.end()); });
    edit(Cause::BatchImages, "the image behind", fmt::format("{} are those of the image behind", what),
         [](Words& w, std::size_t per) {
             std::rotate(w.begin(), w.begin() + static_cast<std::ptrdiff_t>(per), w.end());
         });
}

// What can happen to words of whatever meaning.
void StepCandidates::any_tensor() {
    add(Cause::StaleState, "", "the step before", "the words are those of the step before", 4, "after",
        [](StepVariant& v, const StepPlace& p, StepReader& reader) {
            if (!p.before) return false;
            const StepPlace* own = reader.place(p.name);
            const std::string name = step_prefix(*p.before) + own->name.substr(step_prefix(p.step).size());
            const Words* words = reader.words(name);
            if (words == nullptr) return false;
            v.after.push_back([old = *words](Words& w) {
                if (old.size() == w.size()) w = old;
            });
            return true;
        });
    after(Cause::OutputOrder, "one late", "the words are written one address too late", "order",
          [](Words& w) { std::rotate(w.begin(), w.end() - 1, w.end()); });
    after(Cause::OutputOrder, "one early", "the words are written one address too early", "order",
          [](Words& w) { std::rotate(w.begin(), w.begin() + 1, w.end()); });
    after(Cause::OutputOrder, "reversed", "the words are written in reverse order", "order",
          [](Words& w) { std::reverse(w.begin(), w.end()); });
    const std::size_t blind = out_.size();
    after(Cause::Signedness, "negated", "the words have the other sign", "sign", [](Words& w) {
        for (std::int64_t& v : w) v = -v;
    });
    after(Cause::ResultFormat, "shifted right", "the words are shifted right by one bit", "shift", [](Words& w) {
        for (std::int64_t& v : w) v >>= 1;
    });
    after(Cause::ResultFormat, "shifted left", "the words are shifted left by one bit", "shift", [](Words& w) {
        for (std::int64_t& v : w) v *= 2;
    });
    for (int bit = 0; bit < format_.width; ++bit) {
        for (const bool value : {false, true}) {
            after(
                Cause::StuckBit, fmt::format("bit {} = {}", bit, value ? 1 : 0),
                fmt::format("bit {} of the words is stuck at {}", bit, value ? 1 : 0), "bit",
                [bit, value, format = format_](Words& w) {
                    const std::uint64_t mask = std::uint64_t{1} << bit;
                    for (std::int64_t& v : w) {
                        const std::uint64_t pattern = pattern_from_word(v, format);
                        v = word_from_pattern(value ? pattern | mask : pattern & ~mask, format);
                    }
                },
                8);
        }
    }
    after(Cause::TermsLeftOut, "0", "all words are 0", "zero", [](Words& w) { std::fill(w.begin(), w.end(), 0); });
    for (std::size_t i = blind; i < out_.size(); ++i) out_[i].least = 2;
}

std::vector<StepCandidate> StepCandidates::all() && {
    switch (place_.tensor) {
        case StepTensor::Input: input(); break;
        case StepTensor::Sums: sums(); break;
        case StepTensor::Activations: activations(); break;
        case StepTensor::Loss: loss(); break;
        case StepTensor::ErrorExponent:
            scale();
            error_numbers();
            break;
        case StepTensor::Errors: errors(); break;
        case StepTensor::Deltas: deltas(); break;
        case StepTensor::Gradients: gradients(); break;
        case StepTensor::GradientExponent: scale(); break;
        case StepTensor::Scaled: scaled(); break;
        case StepTensor::Draws: draws(); break;
        case StepTensor::LfsrAfter: randomizer(); break;
        case StepTensor::Steps: steps(); break;
        case StepTensor::WeightsAfter: weights_after(); break;
    }
    any_tensor();
    return std::move(out_);
}

}  // namespace bittrue::training_detail
