#include "exhaustive/sweep.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/notation.hpp"
#include "exhaustive/types.hpp"

namespace bittrue::testing {

std::string describe(const Converted& c) {
    return fmt::format("word {} inexact {} above {} below {} saturated {}", c.word, c.events.inexact, c.events.above,
                       c.events.below, c.events.saturated);
}

std::string describe(i128 raw, int frac, const FixedType& type) {
    return fmt::format("raw {} frac {} into {}", print_raw(raw), frac, print_type(type));
}

std::size_t sweep(Format format, RawRange raws, int max_n) {
    std::size_t casts = 0;
    for (const FixedType& type : all_types(format, max_n)) {
        for (int raw = raws.least; raw <= raws.most; ++raw) {
            const Converted expected = golden::quantize(raw, 0, type);
            const Converted actual = emulator::quantize(raw, 0, type);
            const Converted real = emulator::quantize_real(raw, type);
            ++casts;
            if (actual == expected && real == expected) continue;
            FAIL(describe(raw, 0, type) << "\n  golden:   " << describe(expected) << "\n  emulator: "
                                        << describe(actual) << "\n  emulator, from double: " << describe(real));
        }
    }
    return casts;
}

}  // namespace bittrue::testing
