#include "steps.hpp"

#include <algorithm>
#include <limits>

namespace bittrue::emulator::linear {

std::vector<std::int64_t> term_order(const LinearTerms& terms) {
    const AccumulatorSpec& spec = terms.mac.spec;
    const std::int64_t n = terms.mac.terms;
    const std::int64_t passes =
        spec.schedule == Schedule::Interleave ? std::min<std::int64_t>(spec.group, n) : std::int64_t{1};
    std::vector<std::int64_t> order;
    for (std::int64_t r = 0; r < passes; ++r) {
        for (std::int64_t t = r; t < n; t += passes) order.push_back(t);
    }
    return order;
}

bool is_sequence(const AccumulatorSpec& spec) {
    if (spec.quantize != QuantizeAt::Step) return false;
    switch (spec.schedule) {
        case Schedule::Sequential:
        case Schedule::Interleave:
        case Schedule::Fold: return true;
        case Schedule::Cascade:
        case Schedule::Partial:
        case Schedule::Tree: return false;
    }
    return false;
}

std::vector<OrderedStep> ordered_steps(const LinearTerms& terms, int channel, std::size_t count, i128 most) {
    std::vector<OrderedStep> steps;
    steps.reserve(static_cast<std::size_t>(terms.mac.terms));
    const auto limit = static_cast<std::int64_t>(std::min<i128>(most, std::numeric_limits<std::int64_t>::max()));
    std::int64_t sum = 0;  // of at most four weights of less than 60 bits
    for (const std::int64_t t : term_order(terms)) {
        const std::int64_t w = terms.weight(channel, t);
        if (w == 0) continue;
        const std::int64_t size = w < 0 ? -w : w;
        const Element& element = terms.taps[static_cast<std::size_t>(t)];
        if (!steps.empty()) {
            OrderedStep& step = steps.back();
            CellElements& cell = step.elements;
            const bool joins = step.negative == (w < 0) && cell.count < count && sum + size <= limit &&
                               terms.next(cell.at[cell.count - 1]) == element;
            if (joins) {
                step.weights[cell.count] = w;
                cell.at[cell.count++] = element;
                sum += size;
                continue;
            }
        }
        OrderedStep step{.negative = w < 0};
        step.weights[0] = w;
        step.elements.at[step.elements.count++] = element;
        sum = size;
        steps.push_back(step);
    }
    // Cells of full length, so that all steps of one kind share their shapes; what lies behind the step has weight
    // zero.
    for (OrderedStep& step : steps) {
        CellElements& cell = step.elements;
        while (cell.count < count) {
            const auto next = terms.next(cell.at[cell.count - 1]);
            if (!next) break;
            cell.at[cell.count++] = *next;
        }
    }
    return steps;
}

}  // namespace bittrue::emulator::linear
