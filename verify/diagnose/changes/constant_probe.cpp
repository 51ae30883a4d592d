#include "changes/constant_probe.hpp"

#include <algorithm>
#include <cmath>

#include "changes/stored_words.hpp"

namespace bittrue::diagnose_detail {

namespace {

constexpr std::size_t kWrongWords = 48, kRightWords = 16;

std::int64_t word_of(const Parameter& parameter, std::int64_t channel) {
    const bool is_one = parameter.raw.size() == 1 || channel < 0;
    return parameter.raw.at(is_one ? 0 : static_cast<std::size_t>(channel));
}

}  // namespace

std::optional<ConstantProbe> ConstantProbe::of(const Maker& maker, std::size_t node, std::int64_t channel) {
    const Subject& subject = maker.subject;
    if (node + 1 != subject.chain.nodes.size()) return {};
    const Node& layer = subject.chain.nodes[node];
    const TensorWords& input = subject.tensor(layer.inputs[0]);
    if (input.words.size() != subject.actual.size()) return {};
    ConstantProbe probe;
    probe.datapath_ = &maker.datapath;
    probe.input_ = {.format = input.type.format};
    probe.node_ = {.name = layer.name, .inputs = {"x"}, .op = layer.op, .result = layer.result};
    bool only_negative = false;
    if (const auto* leaky = std::get_if<LeakyRelu>(&layer.op)) {
        // Below zero it multiplies as an affine layer does.
        only_negative = true;
        probe.node_.op = Affine{.scale = leaky->alpha};
    }
    if (auto* affine = std::get_if<Affine>(&probe.node_.op)) {
        make_raw(affine->scale, maker.datapath);
        probe.own_.scale = word_of(affine->scale, channel);
        probe.scale_format_ = affine->scale.type.format;
        if (affine->bias) {
            make_raw(*affine->bias, maker.datapath);
            probe.own_.bias = word_of(*affine->bias, channel);
            probe.bias_format_ = affine->bias->type.format;
        }
    } else if (auto* requantize = std::get_if<Requantize>(&probe.node_.op)) {
        probe.own_.scale = word_of(requantize->multiplier, channel);
        probe.own_.shift = requantize->shift.at(
            requantize->shift.size() == 1 ? 0 : static_cast<std::size_t>(std::max<std::int64_t>(channel, 0)));
        probe.scale_format_ = requantize->multiplier.type.format;
    } else {
        return {};
    }
    // Words of the channel, spread over all.
    std::vector<std::size_t> wrong, right;
    for (std::size_t flat = 0; flat < subject.actual.size(); ++flat) {
        if (subject.is_masked(flat)) continue;
        const std::int64_t element = static_cast<std::int64_t>(flat) % layer.shape.count();
        if (channel >= 0 && layer.shape.channel_of(element) != channel) continue;
        if (only_negative && raw_from_word(input.words[flat], input.type.format) >= 0) continue;
        (subject.is_wrong(flat) ? wrong : right).push_back(flat);
    }
    const auto take = [&](const std::vector<std::size_t>& from, std::size_t most) {
        const std::size_t count = std::min(most, from.size());
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t flat = from[i * from.size() / count];
            probe.words_.push_back(input.words[flat]);
            probe.actual_.push_back(subject.actual[flat]);
        }
    };
    take(wrong, kWrongWords);
    take(right, kRightWords);
    if (wrong.empty()) return {};
    return probe;
}

std::vector<int> ConstantProbe::hits(const std::vector<ChannelConstants>& tried) const {
    std::vector<int> hits(tried.size(), 0);
    if (tried.empty()) return hits;
    const auto count = static_cast<std::int64_t>(tried.size());
    Chain chain{.given = {{.name = "x",
                           .shape = {.layout = Layout::Vector, .dims = {count}},
                           .type = input_,
                           .images = words_.size()}},
                .nodes = {node_}};
    for (const std::int64_t word : words_) chain.given[0].words.insert(chain.given[0].words.end(), tried.size(), word);
    Node& node = chain.nodes[0];
    const auto fill = [&](Parameter& parameter, auto of) {
        parameter.dims = {count};
        parameter.raw.clear();
        for (const ChannelConstants& constants : tried) parameter.raw.push_back(of(constants));
    };
    if (auto* affine = std::get_if<Affine>(&node.op)) {
        fill(affine->scale, [](const ChannelConstants& c) { return c.scale; });
        if (affine->bias) fill(*affine->bias, [](const ChannelConstants& c) { return c.bias; });
    } else {
        auto& requantize = std::get<Requantize>(node.op);
        fill(requantize.multiplier, [](const ChannelConstants& c) { return c.scale; });
        requantize.shift.clear();
        for (const ChannelConstants& constants : tried) requantize.shift.push_back(constants.shift);
    }
    const std::vector<std::int64_t> words = datapath_->run(chain).back().words;
    for (std::size_t i = 0; i < words.size(); ++i) hits[i % tried.size()] += words[i] == actual_[i / tried.size()];
    return hits;
}

std::vector<ConstantProbe::Range> ConstantProbe::ranges(bool of_bias) const {
    const Format in = input_.format, out = node_.result.format;
    const double low = static_cast<double>(range_min(node_.result)),
                 high = static_cast<double>(range_max(node_.result));
    const auto* requantize = std::get_if<Requantize>(&node_.op);
    struct Shown {
        Range range{};
        double size = 0;  // of the range
    };
    std::vector<Shown> all;
    for (std::size_t i = 0; i < words_.size(); ++i) {
        const auto x = static_cast<double>(raw_from_word(words_[i], in));
        const auto y = static_cast<double>(raw_from_word(actual_[i], out));
        // Words at an end of the range say little.
        if (y <= low || y >= high || (!of_bias && x == 0)) continue;
        const auto at = [&](double shown) {
            if (requantize != nullptr) {
                const double zero = static_cast<double>(requantize->zero_point);
                return std::ldexp((shown - zero) / x, own_.shift);
            }
            const double value = std::ldexp(shown, -out.frac()), input = std::ldexp(x, -in.frac());
            const double scale =
                std::ldexp(static_cast<double>(raw_from_word(own_.scale, scale_format_)), -scale_format_.frac());
            const double bias = bias_format_ ? std::ldexp(static_cast<double>(raw_from_word(own_.bias, *bias_format_)),
                                                          -bias_format_->frac())
                                             : 0;
            return of_bias ? std::ldexp(value - scale * input, bias_format_->frac())
                           : std::ldexp((value - bias) / input, scale_format_.frac());
        };
        const double a = at(y - 1), b = at(y + 1);
        all.push_back({{std::min(a, b), std::max(a, b)}, std::abs(a - b)});
    }
    std::stable_sort(all.begin(), all.end(), [](const Shown& a, const Shown& b) { return a.size < b.size; });
    constexpr std::size_t kMost = 3;
    std::vector<Range> ranges;
    for (std::size_t i = 0; i < std::min(kMost, all.size()); ++i) ranges.push_back(all[i].range);
    return ranges;
}

}  // namespace bittrue::diagnose_detail
