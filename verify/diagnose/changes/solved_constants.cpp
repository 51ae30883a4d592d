#include "changes/solved_constants.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "changes/arrangement.hpp"
#include "changes/channel_set.hpp"
#include "changes/constant_probe.hpp"
#include "changes/stored_words.hpp"
#include "subject/words.hpp"

namespace bittrue::diagnose_detail {

namespace {

constexpr std::size_t kMostChannels = 4;
constexpr int kShifts = 12;

double bits_of_choice(std::int64_t alternatives) {
    return std::log2(static_cast<double>(std::max<std::int64_t>(alternatives, 2)));
}

// Scale and bias of affine, slope of leaky_relu, multiplier of requantize; null of others.
Parameter* scale_of(Node& node) {
    if (auto* affine = std::get_if<Affine>(&node.op)) return &affine->scale;
    if (auto* leaky = std::get_if<LeakyRelu>(&node.op)) return &leaky->alpha;
    if (auto* requantize = std::get_if<Requantize>(&node.op)) return &requantize->multiplier;
    return nullptr;
}
Parameter* offset_of(Node& node) {
    auto* affine = std::get_if<Affine>(&node.op);
    return affine != nullptr && affine->bias ? &*affine->bias : nullptr;
}

class Solver {
public:
    Solver(const Maker& maker, std::size_t node, std::int64_t channel)
        : maker_(maker),
          node_(node),
          layer_(maker.subject.chain.nodes[node]),
          channel_(channel),
          probe_(ConstantProbe::of(maker, node, channel)) {}

    void add() const {
        if (!probe_) return;
        own_hits_ = probe_->hits({probe_->own()})[0];
        Node copy = layer_;
        Parameter* scale = scale_of(copy);
        Parameter* offset = offset_of(copy);
        if (is_mine(scale)) solve(*scale, false);
        if (is_mine(offset)) solve(*offset, true);
        if (std::holds_alternative<Requantize>(layer_.op) && channel_ >= 0) {
            shifts();
            other_channels();
        }
    }

private:
    // One word for all, or one of this channel.
    [[nodiscard]] bool is_mine(const Parameter* parameter) const {
        return parameter != nullptr && (parameter->dims[0] == 1) == (channel_ < 0);
    }
    [[nodiscard]] std::string role(bool is_offset) const {
        if (is_offset) return "bias";
        if (std::holds_alternative<LeakyRelu>(layer_.op)) return "slope";
        return std::holds_alternative<Requantize>(layer_.op) ? "multiplier" : "scale";
    }
    [[nodiscard]] std::string of_channel() const { return channel_ < 0 ? "" : fmt::format(" of channel {}", channel_); }

    void offer(Cause cause, const std::string& setting, const std::string& expected, const std::string& found,
               const std::string& text, double bits, std::function<bool(Node&)> edit) const {
        Candidate candidate;
        candidate.change = {.cause = cause,
                            .node = layer_.name,
                            .setting = setting,
                            .expected = expected,
                            .found = found,
                            .text = text};
        candidate.bits = bits + (channel_ < 0 ? 0 : bits_of_choice(layer_.shape.channels()));
        candidate.priority = 25;
        candidate.slot = fmt::format("{}.{}.{}", layer_.name, setting, channel_);
        candidate.apply = [node = node_, kind = layer_.op.index(), edit = std::move(edit)](Variant& variant) {
            if (node >= variant.chain.nodes.size()) return false;
            Node& changed = variant.chain.nodes[node];
            return changed.op.index() == kind && edit(changed);
        };
        maker_.candidates.push_back(std::move(candidate));
    }

    [[nodiscard]] ChannelConstants with(std::int64_t word, bool is_offset) const {
        ChannelConstants constants = probe_->own();
        (is_offset ? constants.bias : constants.scale) = word;
        return constants;
    }

    // Raws to be tried: all of a narrow format; of a wide one those that the words show, and near or likely ones.
    struct Raws {
        std::set<std::int64_t> words{};
        double step = 1;
    };
    [[nodiscard]] Raws raws_of(const Parameter& parameter, std::int64_t own, bool is_offset) const {
        constexpr int kAllWidth = 10, kSteps = 512, kNear = 8;
        const Format format = parameter.type.format;
        Raws raws;
        const auto take = [&](i128 raw) {
            if (raw >= raw_min(format) && raw <= raw_max(format)) raws.words.insert(word_from_raw(raw));
        };
        if (format.width <= kAllWidth) {
            for (i128 raw = raw_min(format); raw <= raw_max(format); ++raw) take(raw);
            return raws;
        }
        for (int bit = 0; bit < format.width; ++bit)
            raws.words.insert(word_from_pattern(pattern_from_word(own, format) ^ std::uint64_t{1} << bit, format));
        const i128 old = raw_from_word(own, format);
        for (i128 raw = old - kNear; raw <= old + kNear; ++raw) take(raw);
        take(-old);
        for (const std::int64_t word : parameter.raw) raws.words.insert(word);
        for (const ConstantProbe::Range& range : probe_->ranges(is_offset)) {
            if (!(std::abs(range.low) < 0x1p62 && std::abs(range.high) < 0x1p62)) continue;
            const double step = std::max(1.0, (range.high - range.low) / kSteps);
            if (raws.step == 1 || step < raws.step) raws.step = step;
            for (double raw = std::floor(range.low); raw <= range.high + 1; raw += step)
                take(static_cast<i128>(std::llround(raw)));
        }
        return raws;
    }

    [[nodiscard]] double contents(const Parameter& parameter, std::int64_t own, std::int64_t word,
                                  double as_good) const {
        const Format format = parameter.type.format;
        const std::uint64_t flipped = pattern_from_word(own, format) ^ pattern_from_word(word, format);
        if (parameter.raw.size() > 1 &&
            std::find(parameter.raw.begin(), parameter.raw.end(), word) != parameter.raw.end())
            return bits_of_choice(std::ssize(parameter.raw));
        if (std::has_single_bit(flipped)) return bits_of_choice(format.width);
        return std::max(3.0, format.width - std::log2(std::max(1.0, as_good)));
    }

    void solve(Parameter& parameter, bool is_offset) const {
        make_raw(parameter, maker_.datapath);
        const std::int64_t own = is_offset ? probe_->own().bias : probe_->own().scale;
        Raws raws = raws_of(parameter, own, is_offset);
        raws.words.erase(own);
        std::vector<std::int64_t> words(raws.words.begin(), raws.words.end());
        if (words.empty()) return;
        std::vector<ChannelConstants> tried;
        for (const std::int64_t word : words) tried.push_back(with(word, is_offset));
        const std::vector<int> hits = probe_->hits(tried);
        const int most = *std::max_element(hits.begin(), hits.end());
        if (most <= own_hits_) return;
        const double as_good = raws.step * static_cast<double>(std::count(hits.begin(), hits.end(), most));
        std::vector<std::size_t> best;
        for (std::size_t i = 0; i < hits.size(); ++i) {
            if (hits[i] == most) best.push_back(i);
        }
        const Format format = parameter.type.format;
        const auto distance = [&](std::size_t i) {
            const i128 d = raw_from_word(words[i], format) - raw_from_word(own, format);
            return d < 0 ? -d : d;
        };
        std::stable_sort(best.begin(), best.end(), [&](std::size_t a, std::size_t b) {
            const double bits_a = contents(parameter, own, words[a], as_good);
            const double bits_b = contents(parameter, own, words[b], as_good);
            return bits_a != bits_b ? bits_a < bits_b : distance(a) < distance(b);
        });
        // The simplest, and one from their middle.
        std::vector<std::size_t> offered{best.front()};
        if (best.size() > 1) {
            std::sort(best.begin(), best.end());
            if (best[best.size() / 2] != offered[0]) offered.push_back(best[best.size() / 2]);
        }
        const std::string name = role(is_offset);
        for (const std::size_t i : offered) {
            const std::int64_t word = words[i];
            const bool slope = name == "slope";
            const Cause cause = slope                  ? Cause::ActivationShape
                                : is_offset            ? Cause::ChannelBias
                                : name == "multiplier" ? Cause::RequantizeMultiplier
                                                       : Cause::ChannelWeights;
            offer(cause, slope ? "alpha" : name, fmt::format("{}", own), fmt::format("{}", word),
                  fmt::format("the {}{} of '{}' is {}{} (raw) where the network has {}", name, of_channel(),
                              layer_.name, best.size() > 1 ? "about " : "", word, own),
                  4 + contents(parameter, own, word, as_good),
                  [is_offset, word, channel = channel_, datapath = &maker_.datapath](Node& node) {
                      Parameter* changed = is_offset ? offset_of(node) : scale_of(node);
                      if (changed == nullptr) return false;
                      make_raw(*changed, *datapath);
                      const auto place = static_cast<std::size_t>(std::max<std::int64_t>(channel, 0));
                      if (place >= changed->raw.size()) return false;
                      changed->raw[place] = word;
                      return true;
                  });
        }
    }

    // Of these constants the two that give most words, where they give more than the network's.
    [[nodiscard]] std::vector<std::size_t> best_of(const std::vector<ChannelConstants>& tried) const {
        std::vector<int> hits;
        try {
            hits = probe_->hits(tried);
        } catch (const InputError&) {
            return {};  // too wide for the datapath
        }
        std::vector<std::size_t> best;
        for (std::size_t i = 0; i < hits.size(); ++i) {
            if (hits[i] > own_hits_) best.push_back(i);
        }
        std::stable_sort(best.begin(), best.end(), [&](std::size_t a, std::size_t b) { return hits[a] > hits[b]; });
        if (best.size() > 2) best.resize(2);
        return best;
    }

    void shifts() const {
        constexpr int kFar = 62;
        const ChannelConstants own = probe_->own();
        std::vector<ChannelConstants> tried;
        for (int k = 1; k <= kShifts; ++k) {
            for (const int by : {k, -k}) {
                if (std::abs(own.shift + by) > kFar) continue;
                tried.push_back(own);
                tried.back().shift += by;
            }
        }
        for (const std::size_t i : best_of(tried)) {
            const int found = tried[i].shift, by = found - own.shift;
            offer(Cause::RequantizeShift, "shift", fmt::format("{}", own.shift), fmt::format("{}", found),
                  fmt::format("'{}' shifts channel {} by {} where the network shifts it by {}", layer_.name, channel_,
                              count_of(found, "bit"), own.shift),
                  4 + std::log2(std::abs(by)), [channel = channel_, by](Node& node) {
                      std::vector<int>& shift = std::get<Requantize>(node.op).shift;
                      const auto place = static_cast<std::size_t>(channel);
                      if (place >= shift.size()) return false;
                      shift[place] += by;
                      return true;
                  });
        }
    }

    // With the constants of another one.
    void other_channels() const {
        const auto& op = std::get<Requantize>(layer_.op);
        const std::size_t count = std::min(op.shift.size(), op.multiplier.raw.size());
        std::vector<ChannelConstants> tried;
        for (std::size_t c = 0; c < count; ++c) tried.push_back({op.multiplier.raw[c], 0, op.shift[c]});
        for (const std::size_t from : best_of(tried)) {
            if (static_cast<std::int64_t>(from) == channel_) continue;
            offer(Cause::RequantizeMultiplier, "channels", fmt::format("of channel {}", channel_),
                  fmt::format("of channel {}", from),
                  fmt::format("'{}' has the multiplier and shift of channel {} for channel {}", layer_.name, from,
                              channel_),
                  4 + bits_of_choice(std::ssize(op.shift)), [channel = channel_, from](Node& node) {
                      auto& changed = std::get<Requantize>(node.op);
                      const auto to = static_cast<std::size_t>(channel);
                      if (std::max(to, from) >= std::min(changed.shift.size(), changed.multiplier.raw.size()))
                          return false;
                      changed.shift[to] = changed.shift[from];
                      changed.multiplier.raw[to] = changed.multiplier.raw[from];
                      return true;
                  });
        }
    }

    const Maker& maker_;
    std::size_t node_;
    const Node& layer_;
    std::int64_t channel_;
    std::optional<ConstantProbe> probe_;
    mutable int own_hits_ = 0;
};

// Two channels with each other's constants.
void add_exchanged(const Maker& maker, std::size_t node, const std::vector<std::int64_t>& wrong) {
    const Node& layer = maker.subject.chain.nodes[node];
    const std::int64_t channels = layer.shape.channels();
    const auto offer = [&](std::int64_t a, std::int64_t b, const std::string& what, int parts) {
        Candidate candidate;
        candidate.change = {
            .cause = std::holds_alternative<Requantize>(layer.op) ? Cause::RequantizeMultiplier : Cause::ChannelWeights,
            .node = layer.name,
            .setting = "channels",
            .expected = "of the same channel",
            .found = fmt::format("channels {} and {} exchanged", a, b),
            .text = fmt::format("'{}' has the {} of channels {} and {} exchanged", layer.name, what, a, b)};
        candidate.bits = 3 + 2 * bits_of_choice(channels);
        candidate.priority = 20;
        candidate.slot = layer.name + ".channels.exchanged";
        candidate.apply = [=, kind = layer.op.index(), datapath = &maker.datapath](Variant& variant) {
            if (node >= variant.chain.nodes.size() || variant.chain.nodes[node].op.index() != kind) return false;
            Node& changed = variant.chain.nodes[node];
            const auto x = static_cast<std::size_t>(a), y = static_cast<std::size_t>(b);
            bool any = false;
            const auto exchange = [&](auto& all) {
                if (std::max(x, y) >= all.size()) return;
                std::swap(all[x], all[y]);
                any = true;
            };
            for (Parameter* parameter : {scale_of(changed), offset_of(changed)}) {
                if (parameter == nullptr || (parts & 1) == 0) continue;
                make_raw(*parameter, *datapath);
                exchange(parameter->raw);
            }
            if (auto* requantize = std::get_if<Requantize>(&changed.op); requantize != nullptr && (parts & 2) != 0)
                exchange(requantize->shift);
            return any;
        };
        maker.candidates.push_back(std::move(candidate));
    };
    const bool requantizes = std::holds_alternative<Requantize>(layer.op);
    for (std::size_t i = 0; i < wrong.size(); ++i) {
        for (std::size_t j = i + 1; j < wrong.size(); ++j) {
            if (!requantizes) {
                offer(wrong[i], wrong[j], "constants", 1);
                continue;
            }
            offer(wrong[i], wrong[j], "multipliers and shifts", 3);
            offer(wrong[i], wrong[j], "multipliers", 1);
            offer(wrong[i], wrong[j], "shifts", 2);
        }
    }
}

// A clip shows its bounds in the dump: no word lies beyond.
void add_bounds(const Maker& maker, std::size_t node) {
    const Subject& subject = maker.subject;
    const Node& layer = subject.chain.nodes[node];
    const Format format = layer.result.format;
    i128 low = raw_max(format), high = raw_min(format);
    for (std::size_t flat = 0; flat < subject.actual.size(); ++flat) {
        if (subject.is_masked(flat)) continue;
        const i128 raw = raw_from_word(subject.actual[flat], format);
        low = std::min(low, raw);
        high = std::max(high, raw);
    }
    const auto* clipped = std::get_if<ClippedRelu>(&layer.op);
    const auto* clip = std::get_if<Clip>(&layer.op);
    const auto offer = [&](bool upper, double expected, i128 raw) {
        const double found = std::ldexp(static_cast<double>(raw), -format.frac());
        if (found == expected) return;
        const std::string setting = upper ? "max" : "min";
        Candidate candidate;
        candidate.change = {.cause = Cause::ActivationShape,
                            .node = layer.name,
                            .setting = setting,
                            .expected = fmt::format("{}", expected),
                            .found = fmt::format("{}", found),
                            .text = fmt::format("'{}' is clipped {} at {} where the network clips at {}", layer.name,
                                                upper ? "above" : "below", found, expected)};
        candidate.bits = 4 + format.width;
        candidate.priority = 40;
        candidate.slot = layer.name + "." + setting;
        candidate.apply = [node, upper, found](Variant& variant) {
            if (node >= variant.chain.nodes.size()) return false;
            Operation& op = variant.chain.nodes[node].op;
            if (auto* relu = std::get_if<ClippedRelu>(&op); relu != nullptr && found >= 0) {
                relu->max = found;
                return true;
            }
            auto* both = std::get_if<Clip>(&op);
            if (both == nullptr) return false;
            (upper ? both->max : both->min) = found;
            return both->min <= both->max;
        };
        maker.candidates.push_back(std::move(candidate));
    };
    if (low > high) return;
    if (clipped != nullptr) offer(true, clipped->max, high);
    if (clip != nullptr) offer(true, clip->max, high);
    if (clip != nullptr) offer(false, clip->min, low);
}

}  // namespace

void add_solved_constants(const Maker& maker, std::size_t node) {
    const Node& layer = maker.subject.chain.nodes[node];
    if (maker.evidence.different == 0 || node + 1 != maker.subject.chain.nodes.size()) return;
    add_bounds(maker, node);
    Node copy = layer;
    if (scale_of(copy) == nullptr) return;
    Solver(maker, node, -1).add();
    const std::vector<std::int64_t> wrong = wrong_channels(maker.evidence);
    if (wrong.size() > kMostChannels) return;
    for (const std::int64_t channel : wrong) Solver(maker, node, channel).add();
    add_exchanged(maker, node, wrong);
}

}  // namespace bittrue::diagnose_detail
