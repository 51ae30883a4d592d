#include "bittrue/model/accumulator.hpp"

#include <charconv>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"

namespace bittrue {

namespace {

constexpr int kMaxGroup = 1 << 24;

struct ScheduleName {
    const char* text;
    Schedule schedule;
    bool grouped;
};
constexpr ScheduleName kSchedules[] = {
    {"sequential", Schedule::Sequential, false},
    {"interleave", Schedule::Interleave, true},
    {"fold", Schedule::Fold, true},
    {"cascade", Schedule::Cascade, true},
    {"partial", Schedule::Partial, true},
    {"tree", Schedule::Tree, false},
};

}  // namespace

std::string reason_invalid(const AccumulatorSpec& spec) {
    if (spec.group < 1 || spec.group > kMaxGroup) {
        return fmt::format("the number behind the schedule must be 1 to {}, not {}", kMaxGroup, spec.group);
    }
    switch (spec.schedule) {
        case Schedule::Sequential:
        case Schedule::Tree:
            if (spec.quantize == QuantizeAt::Fold) {
                return fmt::format("the schedule '{}' has no folds; quantize must be 'step' or 'end'",
                                   print_schedule(spec));
            }
            break;
        case Schedule::Cascade:
            if (spec.quantize == QuantizeAt::Step) {
                return "a cascade adds its products exactly; quantize must be 'fold' or 'end' "
                       "(use the schedule 'fold' to quantise at every step)";
            }
            break;
        case Schedule::Interleave:
        case Schedule::Fold:
        case Schedule::Partial: break;
    }
    return {};
}

std::string print_schedule(const AccumulatorSpec& spec) {
    for (const ScheduleName& s : kSchedules) {
        if (s.schedule == spec.schedule) return s.grouped ? fmt::format("{}:{}", s.text, spec.group) : s.text;
    }
    return {};
}

void parse_schedule(const std::string& text, AccumulatorSpec& spec) {
    const auto colon = text.find(':');
    const std::string name = text.substr(0, colon);
    for (const ScheduleName& s : kSchedules) {
        if (name != s.text) continue;
        if (s.grouped != (colon != std::string::npos)) {
            throw InputError(s.grouped ? fmt::format("the schedule '{0}' needs a number, for example '{0}:8'", s.text)
                                       : fmt::format("the schedule '{}' takes no number, not '{}'", s.text, text));
        }
        int group = 1;
        if (s.grouped) {
            const char* first = text.data() + colon + 1;
            const char* last = text.data() + text.size();
            const auto [end, error] = std::from_chars(first, last, group);
            if (error != std::errc{} || end != last || group < 1 || group > kMaxGroup) {
                throw InputError(fmt::format("the number in the schedule '{}' must be 1 to {}", text, kMaxGroup));
            }
        }
        spec.schedule = s.schedule;
        spec.group = group;
        return;
    }
    throw InputError(fmt::format(
        "unknown schedule '{}'; right are sequential, interleave:R, fold:S, cascade:C, partial:L and tree", text));
}

}  // namespace bittrue
