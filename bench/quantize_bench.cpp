// quantize/<engine>/<width>/<rounding>/<overflow>: one conversion from a word of twice the width and fraction.
#include <algorithm>
#include <vector>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/notation.hpp"
#include "support.hpp"

namespace bench {

using namespace bittrue;

namespace {

void quantize(benchmark::State& state, Which which, const FixedType& to) {
    const int width = to.format.width;
    const Format from{.width = std::min(2 * width, kMaxStoredWidth), .integer = to.format.integer + 1};
    Random random(1);
    std::vector<i128> raws(4096);
    for (i128& raw : raws) raw = random.raw(from);
    for (const i128 raw : raws)
        if (emulator::quantize(raw, from.frac(), to) != golden::quantize(raw, from.frac(), to))
            return fail(state, "golden differs at raw " + print_raw(raw));

    const auto convert = which == Which::Emulator ? &emulator::quantize : &golden::quantize;
    for (auto _ : state)
        for (const i128 raw : raws) benchmark::DoNotOptimize(convert(raw, from.frac(), to));
    state.SetItemsProcessed(static_cast<std::int64_t>(raws.size()) * state.iterations());
}

void add(Which which, const FixedType& to) {
    if (!reason_invalid(to).empty()) return;
    const std::string name = "quantize/" + print_engine(which) + "/" + std::to_string(to.format.width) + "/" +
                             print_rounding(to.rounding) + "/" + print_overflow(to.overflow);
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { quantize(state, which, to); });
}

}  // namespace

void register_quantize() {
    const Format byte{.width = 8, .integer = 3};
    for (const Rounding rounding : kAllRoundings)
        add(Which::Emulator, {.format = byte, .rounding = rounding, .overflow = Overflow::Sat});
    for (const Overflow overflow : kAllOverflows)
        if (overflow != Overflow::Sat)
            add(Which::Emulator, {.format = byte, .rounding = Rounding::Trn, .overflow = overflow});
    for (const int width : {1, 4, 16, 32, 64})
        add(Which::Emulator,
            {.format = {.width = width, .integer = 1}, .rounding = Rounding::RndConv, .overflow = Overflow::Sat});
    for (const int width : {8, 64})
        add(Which::Golden,
            {.format = {.width = width, .integer = 3}, .rounding = Rounding::RndConv, .overflow = Overflow::Sat});
}

}  // namespace bench
