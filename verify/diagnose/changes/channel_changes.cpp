// Single channels with a wrong bias or wrong weights. Contents are fitted to the dump, and pay for it with their bits.
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "changes/channel_set.hpp"
#include "changes/entry_changes.hpp"
#include "changes/solved_constants.hpp"
#include "changes/word_probe.hpp"

namespace bittrue::diagnose_detail {

namespace {

constexpr std::size_t kMostChannels = 4;
constexpr std::int64_t kFewestWords = 3;
constexpr std::size_t kWrongWords = 24, kRightWords = 12;

double bits_of_choice(std::int64_t alternatives) {
    return std::log2(static_cast<double>(std::max<std::int64_t>(alternatives, 2)));
}

// What it takes to say the word that was found: which bit of it is flipped, or all of it.
double bits_of_word(std::int64_t expected, std::int64_t found, Format format) {
    const std::uint64_t flipped = pattern_from_word(expected, format) ^ pattern_from_word(found, format);
    return std::has_single_bit(flipped) ? bits_of_choice(format.width) : format.width;
}

// Numbers of the faults with the most hits, best first; only such as hit something.
std::vector<std::size_t> best_of(const std::vector<int>& hits, std::size_t most) {
    std::vector<std::size_t> best;
    for (std::size_t i = 0; i < hits.size(); ++i) {
        if (hits[i] > 0) best.push_back(i);
    }
    std::stable_sort(best.begin(), best.end(), [&](std::size_t a, std::size_t b) { return hits[a] > hits[b]; });
    if (best.size() > most) best.resize(most);
    return best;
}

class ChannelFaults {
public:
    ChannelFaults(const Maker& maker, std::size_t node, std::int64_t channel)
        : maker_(maker),
          node_(node),
          layer_(maker.subject.chain.nodes[node]),
          channel_(channel),
          channels_(weights_of(layer_)->dims.back()),
          probe_(WordProbe::of(maker, node, kWrongWords, kRightWords,
                               [channel](std::int64_t c) { return c == channel; })) {}

    void add() {
        if (!probe_ || probe_->words().empty()) return;
        biases();
        other_channels();
        zero_weights();
        single_weights();
    }

private:
    using Edit = std::function<void(Parameter& weights, Parameter* bias)>;

    void offer(Cause cause, const std::string& setting, const std::string& expected, const std::string& found,
               const std::string& text, double bits, int priority, Edit edit) {
        Candidate candidate;
        candidate.change = {.cause = cause,
                            .node = layer_.name,
                            .setting = setting,
                            .expected = expected,
                            .found = found,
                            .text = text};
        candidate.bits = bits + bits_of_choice(channels_);
        candidate.priority = priority;
        candidate.slot = fmt::format("{}.channel{}.{}", layer_.name, channel_, setting);
        candidate.apply = [node = node_, reads = layer_.inputs[0], kind = layer_.op.index(), subject = &maker_.subject,
                           datapath = &maker_.datapath, edit = std::move(edit)](Variant& variant) {
            Node& changed = variant.chain.nodes[node];
            if (changed.op.index() != kind) return false;
            const TensorWords& input = subject->tensor(reads);
            Parameter& weights = *weights_of(changed);
            std::optional<Parameter>& bias = *bias_of(changed);
            make_raw(weights, changed, "weights", input, *datapath);
            if (bias) make_raw(*bias, changed, "bias", input, *datapath);
            edit(weights, bias ? &*bias : nullptr);
            return true;
        };
        maker_.candidates.push_back(std::move(candidate));
    }

    [[nodiscard]] i128 accumulate(const MacOperands& sum) const {
        return maker_.datapath.accumulate(sum, probe_->terms().spec(), {});
    }

    // Every word that a bias can be, or those around the distance that the words show.
    void biases() {
        const SumTerms& terms = probe_->terms();
        if (!terms.has_bias()) return;
        const Format format = terms.bias_format();
        const std::int64_t expected = terms.bias(channel_);
        std::vector<std::int64_t> words;
        constexpr int kAllWidth = 10, kAround = 512;
        i128 low = raw_min(format), high = raw_max(format);
        if (format.width > kAllWidth) {
            const i128 middle = raw_from_word(expected, format) + bias_distance(format);
            low = std::max(low, middle - kAround);
            high = std::min(high, middle + kAround);
        }
        for (i128 raw = low; raw <= high; ++raw) words.push_back(word_from_raw(raw));
        for (int bit = 0; bit < format.width && format.width > kAllWidth; ++bit) {
            const std::uint64_t pattern = pattern_from_word(expected, format) ^ std::uint64_t{1} << bit;
            words.push_back(word_from_pattern(pattern, format));
        }
        std::erase(words, expected);
        const std::vector<int> hits =
            probe_->hits(words.size(), [&](std::size_t i, const MacOperands& sum, const WordProbe::Word&) {
                MacOperands changed = sum;
                changed.bias_word = words[i];
                return accumulate(changed);
            });
        for (const std::size_t i : simplest_first(best_of(hits, words.size()), hits, words, expected, format, 3)) {
            const std::int64_t word = words[i];
            offer(Cause::ChannelBias, "bias", fmt::format("{}", expected), fmt::format("{}", word),
                  fmt::format("the bias of channel {} is {} (raw) where the network has {}", channel_, word, expected),
                  4 + bits_of_word(expected, word, format), 30,
                  [channel = channel_, word](Parameter&, Parameter* bias) {
                      if (bias != nullptr) bias->raw[static_cast<std::size_t>(channel)] = word;
                  });
        }
    }

    // Among equally good words those that differ in one bit come first, then the near ones.
    [[nodiscard]] static std::vector<std::size_t> simplest_first(std::vector<std::size_t> best,
                                                                 const std::vector<int>& hits,
                                                                 const std::vector<std::int64_t>& words,
                                                                 std::int64_t expected, Format format,
                                                                 std::size_t most) {
        const auto distance = [&](std::size_t i) {
            const i128 d = raw_from_word(words[i], format) - raw_from_word(expected, format);
            return d < 0 ? -d : d;
        };
        std::stable_sort(best.begin(), best.end(), [&](std::size_t a, std::size_t b) {
            if (hits[a] != hits[b]) return hits[a] > hits[b];
            const double bits_a = bits_of_word(expected, words[a], format);
            const double bits_b = bits_of_word(expected, words[b], format);
            return bits_a != bits_b ? bits_a < bits_b : distance(a) < distance(b);
        });
        if (best.size() > most) best.resize(most);
        return best;
    }

    // The median distance of the wrong words in units of the bias.
    [[nodiscard]] i128 bias_distance(Format format) const {
        std::vector<std::int64_t> distances;
        for (const WordProbe::Word& word : probe_->words()) {
            if (word.actual != word.expected) distances.push_back(word.actual - word.expected);
        }
        if (distances.empty()) return 0;
        std::nth_element(distances.begin(), distances.begin() + std::ssize(distances) / 2, distances.end());
        const i128 median = distances[distances.size() / 2];
        const int up = format.frac() - maker_.subject.last().result.format.frac();
        return up >= 0 ? median << std::min(up, 40) : median >> std::min(-up, 63);
    }

    // The channel works with what belongs to another one.
    void other_channels() {
        const std::int64_t most = std::min<std::int64_t>(channels_, 1024);
        std::vector<std::int64_t> weights = raw_weights();
        for (const bool with_bias : {false, true}) {
            if (with_bias && !probe_->terms().has_bias()) continue;
            const std::vector<int> hits = probe_->hits(
                static_cast<std::size_t>(most), [&](std::size_t from, const MacOperands& sum, const WordProbe::Word&) {
                    MacOperands changed = sum;
                    const auto other = static_cast<std::int64_t>(from);
                    for (std::size_t t = 0; t < sum.weights.size(); ++t)
                        changed.weights[t] = weights[probe_->terms().weight_place(other, static_cast<std::int64_t>(t))];
                    if (with_bias) changed.bias_word = probe_->terms().bias(other);
                    return accumulate(changed);
                });
            for (const std::size_t from : best_of(hits, 2)) {
                if (static_cast<std::int64_t>(from) == channel_) continue;
                const std::string what = with_bias ? "weights and bias" : "weights";
                offer(Cause::ChannelWeights, "weights", fmt::format("of channel {}", channel_),
                      fmt::format("{} of channel {}", what, from),
                      fmt::format("channel {} is computed with the {} of channel {}", channel_, what, from),
                      with_bias ? 6 : 5, 25,
                      [channel = static_cast<std::size_t>(channel_), from, with_bias](Parameter& all, Parameter* bias) {
                          const auto count = static_cast<std::size_t>(all.dims.back());
                          for (std::size_t row = 0; row < all.raw.size(); row += count)
                              all.raw[row + channel] = all.raw[row + from];
                          if (with_bias && bias != nullptr) bias->raw[channel] = bias->raw[from];
                      });
            }
        }
    }

    void zero_weights() {
        offer(Cause::ChannelWeights, "weights", "as stored", "zero",
              fmt::format("the weights of channel {} are zero", channel_), 6, 40,
              [channel = static_cast<std::size_t>(channel_)](Parameter& all, Parameter*) {
                  const auto count = static_cast<std::size_t>(all.dims.back());
                  for (std::size_t row = 0; row < all.raw.size(); row += count) all.raw[row + channel] = 0;
              });
    }

    [[nodiscard]] std::vector<std::int64_t> raw_weights() const {
        Node copy = layer_;
        Parameter& weights = *weights_of(copy);
        make_raw(weights, copy, "weights", maker_.subject.tensor(copy.inputs[0]), maker_.datapath);
        return std::move(weights.raw);
    }

    // For each term the change of its weight that comes nearest to the distances, by least squares.
    struct Fit {
        std::int64_t term = 0;
        double change = 0, rest = 0;
    };
    [[nodiscard]] std::vector<Fit> fits() const {
        const FixedType& result = maker_.subject.last().result;
        const SumTerms& terms = probe_->terms();
        const MacOperands& formats = probe_->words()[0].sums[0];
        const double scale = std::ldexp(1.0, formats.weight.frac() + formats.input.frac() - result.format.frac());
        const auto is_end = [&](std::int64_t word) {
            return word == 0 || raw_from_word(word, result.format) == range_min(result) ||
                   raw_from_word(word, result.format) == range_max(result);
        };
        std::vector<double> xx(static_cast<std::size_t>(terms.terms())), dx(xx.size());
        double dd = 0;
        for (const bool all : {false, true}) {
            if (dd > 0) break;  // words at an end of the range say little: only where there are no others
            for (const WordProbe::Word& word : probe_->words()) {
                if (!all && (is_end(word.actual) || is_end(word.expected))) continue;
                const double d = static_cast<double>(word.actual - word.expected) * scale;
                const MacOperands& sum = word.sums[largest_sum(word)];
                dd += d * d;
                for (std::size_t t = 0; t < xx.size(); ++t) {
                    const auto x = static_cast<double>(raw_from_word(sum.inputs[t], sum.input));
                    xx[t] += x * x;
                    dx[t] += d * x;
                }
            }
        }
        std::vector<Fit> list;
        for (std::size_t t = 0; t < xx.size(); ++t) {
            if (xx[t] > 0) list.push_back({static_cast<std::int64_t>(t), dx[t] / xx[t], dd - dx[t] * dx[t] / xx[t]});
        }
        std::stable_sort(list.begin(), list.end(), [](const Fit& a, const Fit& b) { return a.rest < b.rest; });
        return list;
    }

    // That of a pool's window which the word most likely shows.
    [[nodiscard]] std::size_t largest_sum(const WordProbe::Word& word) const {
        std::size_t largest = 0;
        for (std::size_t s = 1; s < word.sums.size(); ++s) {
            if (accumulate(word.sums[s]) > accumulate(word.sums[largest])) largest = s;
        }
        return largest;
    }

    struct NewWeight {
        std::int64_t term = 0, word = 0;
        friend bool operator==(const NewWeight&, const NewWeight&) = default;
    };
    void single_weights() {
        std::vector<Fit> terms = fits();
        constexpr std::size_t kTerms = 12;
        constexpr i128 kAround = 3;
        if (terms.size() > kTerms) terms.resize(kTerms);
        const MacOperands& some = probe_->words()[0].sums[0];
        const Format format = some.weight;
        std::vector<NewWeight> tried;
        const auto take = [&tried](NewWeight weight) {
            if (std::find(tried.begin(), tried.end(), weight) == tried.end()) tried.push_back(weight);
        };
        for (const Fit& fit : terms) {
            const i128 old = raw_from_word(some.weights[static_cast<std::size_t>(fit.term)], format);
            const i128 middle = old + std::llround(std::clamp(fit.change, -9e15, 9e15));
            for (i128 raw = middle - kAround; raw <= middle + kAround; ++raw) {
                if (raw != old && raw >= raw_min(format) && raw <= raw_max(format))
                    take({fit.term, word_from_raw(raw)});
            }
            for (int bit = 0; bit < format.width; ++bit) {
                const std::uint64_t pattern = pattern_from_word(word_from_raw(old), format) ^ std::uint64_t{1} << bit;
                take({fit.term, word_from_pattern(pattern, format)});
            }
        }
        const std::vector<int> hits =
            probe_->hits(tried.size(), [&](std::size_t i, const MacOperands& sum, const WordProbe::Word&) {
                MacOperands changed = sum;
                changed.weights[static_cast<std::size_t>(tried[i].term)] = tried[i].word;
                return accumulate(changed);
            });
        for (const std::size_t i : best_of(hits, 4)) single_weight(tried[i], format);
    }

    void single_weight(const NewWeight& found, Format format) {
        const SumTerms& terms = probe_->terms();
        const std::int64_t expected = probe_->words()[0].sums[0].weights[static_cast<std::size_t>(found.term)];
        std::string where = fmt::format("input {}", found.term);
        if (std::holds_alternative<Conv2d>(layer_.op)) {
            const SumTerms::Tap tap = terms.tap(channel_, found.term);
            where = fmt::format("kernel row {}, column {}, input channel {}", tap.row, tap.column, tap.channel);
        }
        offer(Cause::ChannelWeights, "weights", fmt::format("{}", expected), fmt::format("{}", found.word),
              fmt::format("the weight of channel {} for {} is {} (raw) where the network has {}", channel_, where,
                          found.word, expected),
              5 + bits_of_choice(terms.terms()) + bits_of_word(expected, found.word, format), 35,
              [place = terms.weight_place(channel_, found.term), word = found.word](Parameter& all, Parameter*) {
                  all.raw[place] = word;
              });
    }

    const Maker& maker_;
    std::size_t node_;
    const Node& layer_;
    std::int64_t channel_, channels_;
    std::optional<WordProbe> probe_;
};

}  // namespace

void add_channel_changes(const Maker& maker) {
    if (maker.evidence.different == 0) return;
    const std::vector<std::int64_t> wrong = wrong_channels(maker.evidence);
    const bool few = wrong.size() <= kMostChannels;
    for (std::size_t node = 0; node < maker.subject.chain.nodes.size(); ++node) {
        add_entry_changes(maker, node);
        add_softmax_entries(maker, node);
        add_solved_constants(maker, node);
        add_threshold_changes(maker, node, -1);
        if (!few || !keeps_channels(maker.subject, node)) continue;
        for (const std::int64_t channel : wrong) {
            // Contents cost more than one or two words do.
            if (maker.evidence.by_channel[static_cast<std::size_t>(channel)] < kFewestWords) continue;
            add_flipped_constants(maker, node, channel);
            add_threshold_changes(maker, node, channel);
            if (weights_of(maker.subject.chain.nodes[node]) != nullptr) ChannelFaults(maker, node, channel).add();
        }
    }
}

}  // namespace bittrue::diagnose_detail
