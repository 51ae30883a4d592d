#include <algorithm>

#include <fmt/format.h>

#include "training/candidates.hpp"

namespace bittrue::training_detail {

using Random = StepRules::Random;
using Chance = StepRules::Chance;

void StepCandidates::gradients() {
    accumulator("the gradients", &TrainingLayer::gradient, place_.layer);
    const auto left_out = [&](bool first) {
        add(Cause::BatchImages, "all images", first ? "without the first" : "without the last",
            fmt::format("the {} image of the batch is left out", first ? "first" : "last"), 3, "images",
            [first](StepVariant& v, const StepPlace&, StepReader&) {
                if (v.from.images == 0) return false;
                Words& w = v.from.deltas;
                const auto per = static_cast<std::ptrdiff_t>(w.size() / v.from.images);
                std::fill_n(first ? w.begin() : w.end() - per, per, 0);
                return true;
            });
    };
    left_out(true);
    left_out(false);
    other_images("activations", &StepSources::front);
    add(Cause::StaleImage, "this step's", "the step before", "activations are those of the step before", 4,
        "images of activations", [](StepVariant& v, const StepPlace& p, StepReader& reader) {
            if (!p.before) return false;
            const Words* words = p.layer == 0 ? reader.words(step_prefix(*p.before) + "input")
                                              : reader.near(p, *p.before, -1, "activations");
            if (words == nullptr || words->size() != v.from.front.size()) return false;
            v.from.front = *words;
            return true;
        });
    add(Cause::StaleState, "0", "those of the step before", "gradients are added to those of the step before", 4,
        "kept", [](StepVariant& v, const StepPlace& p, StepReader& reader) {
            if (!p.before) return false;
            const Words* words = reader.near(p, *p.before, 0, "gradients");
            if (words == nullptr) return false;
            v.after.push_back([before = *words](Words& w) {
                for (std::size_t i = 0; i < w.size() && i < before.size(); ++i) w[i] += before[i];
            });
            return true;
        });
    add(Cause::ErrorMask, "deltas", "errors", "gradients are those of the errors, not of the masked deltas", 4,
        "deltas", [](StepVariant& v, const StepPlace& p, StepReader& reader) {
            const Words* errors = reader.near(p, 0, "errors");
            if (errors == nullptr || errors->size() != v.from.deltas.size()) return false;
            v.from.deltas = *errors;
            return true;
        });
    add(Cause::BatchImages, "the sum", "the mean",
        "gradients are divided by the number of images where rule H10 takes the sum", 4, "mean",
        [](StepVariant& v, const StepPlace&, StepReader&) {
            const auto images = static_cast<std::int64_t>(v.from.images);
            if (images < 2) return false;
            v.after.push_back([images](Words& w) {
                for (std::int64_t& g : w) g = (g - (g % images + images) % images) / images;
            });
            return true;
        });
}

void StepCandidates::scaled() {
    roundings("scaled gradients");
    for (const int by : {1, -1}) {
        add(Cause::ScaleExponent, "k", fmt::format("k{:+}", by),
            fmt::format("gradients are scaled by an exponent that is 1 too {}", by < 0 ? "small" : "large"), 3, "scale",
            [by](StepVariant& v, const StepPlace&, StepReader&) {
                if (!v.from.gradient_exponent) return false;
                *v.from.gradient_exponent += by;
                return true;
            });
    }
    const auto rate = [&](const std::string& found, const std::string& text, double bits,
                          std::function<bool(LearningRate&, const StepPlace&, StepReader&)> change) {
        add(Cause::LearningRate, "the step's", found, text, bits, "rate",
            [change = std::move(change)](StepVariant& v, const StepPlace& p, StepReader& reader) {
                return change(v.from.rate, p, reader);
            });
    };
    rate("1", "the learning rate is ignored: it counts as 1", 3, [](LearningRate& r, const StepPlace&, StepReader&) {
        const int one = 1 << r.frac;
        const bool changes = r.raw != one;
        r.raw = one;
        return changes;
    });
    rate("that of the step before", "the learning rate is that of the step before", 3,
         [](LearningRate& r, const StepPlace& p, StepReader& reader) {
             if (!p.before || reader.rate(*p.before).raw == r.raw) return false;
             r = reader.rate(*p.before);
             return true;
         });
    for (const int by : {1, -1, 2, -2}) {
        rate(fmt::format("{} more fraction bits", by), fmt::format("the learning rate's binary point is off by {}", by),
             5, [by](LearningRate& r, const StepPlace&, StepReader&) {
                 r.frac += by;
                 return true;
             });
    }
}

// H13, of draws and of the state behind them.
void StepCandidates::randomizer() {
    const auto random = [&](Random which, const std::string& found, const std::string& text, double bits = 3) {
        rule(
            Cause::Randomizer, "H13", found, text, "random", [which](StepRules& r) { r.random = which; }, bits);
    };
    random(Random::OneShift, "one shift", "a draw makes one shift of the LFSR where rule H13 makes one for each bit");
    random(Random::Late, "one draw late", "one draw is thrown away: every weight has that of the weight behind it");
    for (int bit = 0; bit < network_.randomizer.width; ++bit) {
        const bool set = ((network_.randomizer.taps >> bit) & 1U) != 0;
        add(Cause::Randomizer, fmt::format("taps 0x{:x}", network_.randomizer.taps),
            fmt::format("taps 0x{:x}", network_.randomizer.taps ^ (std::uint64_t{1} << bit)),
            fmt::format("the LFSR {} tap at bit {}", set ? "lacks the" : "has another", bit), set ? 5 : 7, "taps",
            [bit](StepVariant& v, const StepPlace&, StepReader&) {
                v.network.randomizer.taps ^= std::uint64_t{1} << bit;
                return true;
            });
    }
    const auto seed = [&](const std::string& found, const std::string& text, double bits,
                          std::function<const Words*(const StepPlace&, StepReader&)> from) {
        add(Cause::Randomizer, "goes on from step to step", found, text, bits, "seed",
            [from = std::move(from)](StepVariant& v, const StepPlace& p, StepReader& reader) {
                const Words* words = from(p, reader);
                if (words == nullptr || words->empty()) return false;
                const auto state = static_cast<std::uint64_t>(words->front());
                if (state == v.from.lfsr) return false;
                v.from.lfsr = state;
                return true;
            });
    };
    seed("the first seed", "the LFSR starts anew with every step: it begins as in the first", 3,
         [](const StepPlace& p, StepReader& reader) -> const Words* {
             const StepPlace* place = &p;
             while (place != nullptr && place->before) {
                 const std::string tail = p.name.substr(step_prefix(p.step).size());
                 place = reader.place(step_prefix(*place->before) + tail);
             }
             return place == nullptr || place == &p ? nullptr : reader.near(*place, 0, "lfsr_before");
         });
    for (const int other : {-1, 1}) {
        seed(other < 0 ? "the layer in front" : "the layer behind",
             fmt::format("the LFSR is that of the layer {}", other < 0 ? "in front" : "behind"), 4,
             [other](const StepPlace& p, StepReader& reader) { return reader.near(p, other, "lfsr_before"); });
    }
}

void StepCandidates::draws() {
    randomizer();
    const auto random = [&](Random which, const std::string& found, const std::string& text) {
        rule(
            Cause::Randomizer, "H13", found, text, "random", [which](StepRules& r) { r.random = which; }, 3);
    };
    random(Random::BitsReversed, "bits reversed", "the bits of a draw are reversed: the first is the highest");
    random(Random::StateAfter, "the state's bits",
           "a draw is the lowest bits of the state behind the shifts, not the bits that were shifted out");
    random(Random::Early, "one draw early", "every weight has the draw of the weight in front of it");
    random(Random::Constant, "one draw", "all weights have the first draw");
    add(Cause::OutputOrder, "[in][out]", "[out][in]",
        "draws are made in the order [out][in] where rule H13 has [in][out]", 4, "order",
        [](StepVariant& v, const StepPlace& p, StepReader&) {
            const auto outs = static_cast<std::size_t>(v.network.layers[p.layer].sums.channels);
            v.after.push_back([outs](Words& w) {
                const Words from = w;
                const std::size_t ins = from.size() / outs;
                for (std::size_t i = 0; i < ins; ++i) {
                    for (std::size_t o = 0; o < outs; ++o) w[i * outs + o] = from[o * ins + i];
                }
            });
            return true;
        });
}

void StepCandidates::steps() {
    const auto chance = [&](Chance which, const std::string& found, const std::string& text, double bits = 3) {
        rule(
            Cause::StochasticRounding, "f > k (H12)", found, text, "chance",
            [which](StepRules& r) { r.chance = which; }, bits);
    };
    chance(Chance::OrEqual, "f >= k", "a step goes up where the chance is equal (f >= k) where rule H12 has f > k");
    chance(Chance::Less, "f < k", "a step goes up where the chance is smaller (f < k) where rule H12 has f > k");
    chance(Chance::Added, "f + k >= 1", "the draw is added in front of the cut where rule H12 compares");
    chance(Chance::Nearest, "half up", "steps are rounded half up, without the draw");
    chance(Chance::None, "cut", "steps are cut, without the draw");
    chance(Chance::Always, "up", "steps go up whenever something is cut");
    chance(Chance::Floor, "floor", "negative gradients are rounded from minus infinity, not by their magnitude");
    chance(Chance::Signed, "two's complement", "negative gradients are not made positive before they are rounded");
    const auto draws = [&](const std::string& found, const std::string& text,
                           std::function<bool(StepVariant&)> change) {
        add(Cause::Randomizer, "the weight's draw", found, text, 4, "draws",
            [change = std::move(change)](StepVariant& v, const StepPlace&, StepReader&) { return change(v); });
    };
    draws("bits reversed", "draws are read with their bits reversed", [](StepVariant& v) {
        const int bits = v.network.bits.randomizer;
        for (std::int64_t& k : v.from.draws) {
            std::int64_t turned = 0;
            for (int i = 0; i < bits; ++i) turned |= ((k >> i) & 1) << (bits - 1 - i);
            k = turned;
        }
        return true;
    });
    draws("of the weight in front", "draws are those of the weight in front", [](StepVariant& v) {
        std::rotate(v.from.draws.begin(), v.from.draws.end() - 1, v.from.draws.end());
        return true;
    });
    draws("of the weight behind", "draws are those of the weight behind", [](StepVariant& v) {
        std::rotate(v.from.draws.begin(), v.from.draws.begin() + 1, v.from.draws.end());
        return true;
    });
    add(Cause::Randomizer, "the step's draws", "the step before", "draws are those of the step before", 4, "draws",
        [](StepVariant& v, const StepPlace& p, StepReader& reader) {
            const Words* words = p.before ? reader.near(p, *p.before, 0, "draws") : nullptr;
            if (words == nullptr || words->size() != v.from.draws.size()) return false;
            v.from.draws = *words;
            return true;
        });
}

void StepCandidates::weights_after() {
    for (const WeightStore store : {WeightStore::Saturate, WeightStore::Wrap}) {
        if (store == network_.store) continue;
        add(Cause::WeightStore, print_weight_store(network_.store), print_weight_store(store),
            fmt::format("stored weights {} at the ends of their range where rule H14 has \"{}\"",
                        store == WeightStore::Wrap ? "wrap" : "saturate", print_weight_store(network_.store)),
            2, "store", [store](StepVariant& v, const StepPlace&, StepReader&) {
                v.network.store = store;
                return true;
            });
    }
    rule(
        Cause::WeightStore, "-S(G)", "-(S(G)-1)", "the lowest stored weight is -(S(G)-1) where rule H2 has -S(G)",
        "lowest", [](StepRules& r) { r.lowest = StepRules::Lowest::Never; }, 3);
    rule(
        Cause::WeightStore, "saturates at -S(G)", "at -(S(G)-1)",
        "stored weights saturate at -(S(G)-1) where rule H14 saturates at -S(G)", "lowest",
        [](StepRules& r) { r.lowest = StepRules::Lowest::NotSaturated; }, 3);
    rule(
        Cause::WeightStore, "w - step", "w + step", "steps are added to the weights where rule H14 subtracts", "sign",
        [](StepRules& r) { r.added = true; }, 3);
    const auto times = [&](int factor, const std::string& found, const std::string& text) {
        add(Cause::WeightStore, "once", found, text, 3, "times",
            [factor](StepVariant& v, const StepPlace&, StepReader&) {
                for (std::int64_t& s : v.from.steps) s *= factor;
                return true;
            });
    };
    times(0, "not at all", "weights are not updated");
    times(2, "twice", "the update is made twice");
    add(Cause::StaleState, "the step's", "the step before", "the update is that of the step before", 4, "times",
        [](StepVariant& v, const StepPlace& p, StepReader& reader) {
            const Words* words = p.before ? reader.near(p, *p.before, 0, "steps") : nullptr;
            if (words == nullptr || words->size() != v.from.steps.size()) return false;
            v.from.steps = *words;
            return true;
        });
}

}  // namespace bittrue::training_detail
