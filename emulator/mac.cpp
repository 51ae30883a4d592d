#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "faulty.hpp"

namespace bittrue::emulator {
namespace {

std::string label(const Step& s) {
    switch (s.kind) {
        case StepKind::Start: return "start";
        case StepKind::Bias: return "bias";
        case StepKind::Term: return fmt::format("term {}", s.index);
        case StepKind::TermOfLane: return fmt::format("term {} lane {}", s.index, s.second);
        case StepKind::Fold: return fmt::format("fold {}", s.index);
        case StepKind::Pass: return fmt::format("pass {}", s.index);
        case StepKind::Lane: return fmt::format("lane {}", s.index);
        case StepKind::LaneTotal: return fmt::format("lane {} total", s.index);
        case StepKind::Node: return fmt::format("node {}..{}", s.index, s.second);
        case StepKind::End: return "end";
    }
    return {};
}

class Recorder {
public:
    static constexpr bool listens = true;
    static constexpr bool alters = false;

    void operator()(const Step& s) {
        steps_.push_back({.what = label(s),
                          .product_raw = s.product_raw,
                          .product_frac = s.product_frac,
                          .accumulator_raw = s.accumulator_raw,
                          .accumulator_frac = s.accumulator_frac,
                          .product_events = s.product_events,
                          .events = s.events});
    }
    // Room for the events of a tree's leaves until a node takes them.
    Events* leaf_events(std::int64_t leaves) {
        leaf_events_.assign(static_cast<std::size_t>(leaves), Events{});
        return leaf_events_.data();
    }
    std::vector<MacStep> take() { return std::move(steps_); }

private:
    std::vector<MacStep> steps_{};
    std::vector<Events> leaf_events_{};
};

class StuckRecorder : public Recorder {
public:
    static constexpr bool alters = true;

    // `first`: the term that the accumulation calls 0.
    void set(const StuckProducts<i128>& stuck, std::int64_t first) {
        stuck_ = stuck;
        first_ = first;
    }
    void operator()(Step s) {
        if (s.kind == StepKind::Term || s.kind == StepKind::TermOfLane) s.index += first_;
        Recorder::operator()(s);
    }
    [[nodiscard]] i128 alter(std::int64_t term, i128 product) const { return stuck_.alter(term, product); }

private:
    StuckProducts<i128> stuck_{{}, 0, {}};
    std::int64_t first_ = 0;
};

// `what` is made a text only where it is needed: this runs for every operand.
void require_word(std::int64_t word, Format f, const char* what) {
    if (word != word_from_pattern(pattern_from_word(word, f), f)) {
        throw InputError(std::string(what) + " " + std::to_string(word) + " is not a word of its format: " +
                         print_raw(raw_min(f)) + " to " + print_raw(raw_max(f)) + " would be right");
    }
}

void require_storable(Format f, const std::string& what) {
    if (!is_storable(f)) {
        throw InputError(
            fmt::format("the {} has width {} and {} integer bits; widths are 1 to {}, integer bits -{} to {}", what,
                        f.width, f.integer, kMaxStoredWidth, kMaxInteger, kMaxInteger));
    }
}

void require_valid(const FixedType& type, const std::string& what) {
    require_storable(type.format, what);
    if (const auto reason = reason_invalid(type); !reason.empty())
        throw InputError(fmt::format("the {}: {}", what, reason));
}

void require_sound(const MacOperands& o, const AccumulatorSpec& spec) {
    if (o.weights.size() != o.inputs.size()) {
        throw InputError(fmt::format("{} weights and {} inputs do not pair up; give equally many", o.weights.size(),
                                     o.inputs.size()));
    }
    if (o.weights.empty()) throw InputError("an accumulation needs at least one weight and one input");
    require_storable(o.weight, "weight format");
    require_storable(o.input, "input format");
    for (const auto w : o.weights) require_word(w, o.weight, "weight");
    for (const auto x : o.inputs) require_word(x, o.input, "input");
    if (o.has_bias) {
        require_storable(o.bias, "bias format");
        require_word(o.bias_word, o.bias, "bias");
    }
    require_valid(spec.type, "accumulator type");
    if (spec.product) require_valid(*spec.product, "product type");
    if (spec.bias_cast) require_valid(*spec.bias_cast, "bias cast");
    if (const auto reason = reason_invalid(spec); !reason.empty()) throw InputError(reason);
}

FaultFormats formats_of(const MacOperands& o, const AccumulatorSpec& spec) {
    return {.product = term_format(spec, o.weight, o.input), .weight = o.weight, .input = o.input};
}

AccumulationFormats formats_of(const MacOperands& o) {
    AccumulationFormats formats{.weight = o.weight,
                                .input = o.input,
                                .bias = std::nullopt,
                                .terms = static_cast<std::int64_t>(o.weights.size())};
    if (o.has_bias) formats.bias = o.bias;
    return formats;
}

// Operands as an accumulation takes them.
template <class Int>
struct Prepared {
    Prepared(const MacOperands& o, const AccumulatorSpec& spec) : accumulation(spec, formats_of(o)) {
        for (const auto w : o.weights) weights.push_back(static_cast<Int>(raw_from_word(w, o.weight)));
        for (const auto x : o.inputs) inputs.push_back(static_cast<Int>(raw_from_word(x, o.input)));
        bias = accumulation.bias(o.has_bias ? raw_from_word(o.bias_word, o.bias) : i128{0});
    }
    [[nodiscard]] Terms<Int> terms() const { return {weights.data(), inputs.data(), std::ssize(weights)}; }
    [[nodiscard]] std::vector<Int> room() const {
        return std::vector<Int>(static_cast<std::size_t>(working_room(accumulation, std::ssize(weights))));
    }

    Accumulation<Int> accumulation;
    std::vector<Int> weights{}, inputs{};
    BiasTerm<Int> bias{};
};

}  // namespace

std::vector<MacStep> mac(const MacOperands& operands, const AccumulatorSpec& spec) {
    require_sound(operands, spec);
    const Prepared<i128> p(operands, spec);
    AccumulationCounts counts;
    Recorder recorder;
    std::vector<i128> room = p.room();
    static_cast<void>(accumulate<i128, Recorder>(p.accumulation, p.terms(), p.bias, room, counts, recorder));
    return recorder.take();
}

std::vector<MacStep> faulty_steps(const MacOperands& operands, const AccumulatorSpec& spec,
                                  const AccumulationFault& fault) {
    require_sound(operands, spec);
    const Prepared<i128> p(operands, spec);
    AccumulationCounts counts;
    StuckRecorder recorder;
    std::vector<i128> room = p.room();
    const std::int64_t channel = fault.stuck ? fault.stuck->output : 0;
    const auto observer = [&](const auto& stuck, std::int64_t first, Format product) -> StuckRecorder& {
        recorder.set(StuckProducts<i128>(stuck, first, product), first);
        return recorder;
    };
    static_cast<void>(accumulate_faulty(p.accumulation, p.terms(), p.bias, std::span(room), counts, fault,
                                        formats_of(operands, spec), channel, observer));
    return recorder.take();
}

MacOperands faulty_operands(const MacOperands& operands, const AccumulationFault& fault) {
    MacOperands altered = operands;
    if (!fault.stuck || fault.stuck->at == AccumulationFault::At::Product) return altered;
    const bool is_weight = fault.stuck->at == AccumulationFault::At::Weight;
    const Format format = is_weight ? operands.weight : operands.input;
    if (fault.stuck->bit < 0 || fault.stuck->bit >= format.width) return altered;
    std::vector<std::int64_t>& words = is_weight ? altered.weights : altered.inputs;
    for (std::size_t t = 0; t < words.size(); ++t) {
        if (!hits(*fault.stuck, static_cast<std::int64_t>(t))) continue;
        words[t] =
            word_from_raw(with_bit(raw_from_word(words[t], format), format, fault.stuck->bit, fault.stuck->value));
    }
    return altered;
}

i128 faulty_mac(const MacOperands& operands, const AccumulatorSpec& spec, const AccumulationFault& fault) {
    require_sound(operands, spec);
    const FaultFormats formats = formats_of(operands, spec);
    const std::int64_t channel = fault.stuck ? fault.stuck->output : 0;
    const auto run = [&](const auto& p) {
        AccumulationCounts counts;
        auto room = p.room();
        return i128{
            accumulate_faulty(p.accumulation, p.terms(), p.bias, std::span(room), counts, fault, formats, channel)};
    };
    if (fits_narrow(spec, formats_of(operands))) return run(Prepared<std::int64_t>(operands, spec));
    return run(Prepared<i128>(operands, spec));
}

}  // namespace bittrue::emulator
