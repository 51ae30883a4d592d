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

i128 faulty_mac(const MacOperands& operands, const AccumulatorSpec& spec, const AccumulationFault& fault) {
    require_sound(operands, spec);
    const FaultFormats formats{.product = term_format(spec, operands.weight, operands.input),
                               .weight = operands.weight,
                               .input = operands.input};
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
