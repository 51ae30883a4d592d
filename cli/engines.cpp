#include "engines.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "bittrue/golden/golden.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "types.hpp"

namespace bittrue::cli {

void add_engine_option(CLI::App& command, std::string& value) {
    command.add_option("--engine", value, "emulator (fast), golden (exact oracle) or both (must agree)")
        ->check(CLI::IsMember({"emulator", "golden", "both"}))
        ->capture_default_str();
}

void add_run_engine_option(CLI::App& command, std::string& value) {
    command
        .add_option("--engine", value,
                    "emulator (fast), golden (exact oracle) or both (must agree); float: real weights in double, no "
                    "format anywhere")
        ->check(CLI::IsMember({"emulator", "golden", "both", "float"}))
        ->capture_default_str();
}

EngineChoice parse_engine(const std::string& value) {
    if (value == "golden") return EngineChoice::Golden;
    return value == "both" ? EngineChoice::Both : EngineChoice::Emulator;
}

void add_isa_option(CLI::App& command, std::string& value) {
    command.add_option("--isa", value,
                       "vector instructions of the emulator: scalar, sse4, avx2, avx512, avx512-vnni or neon (default: "
                       "the best of this machine); results do not depend on it");
}

emulator::Isa parse_isa_option(const std::string& value) {
    if (value.empty()) return emulator::best_isa();
    try {
        return emulator::parse_isa(value);
    } catch (const InputError& e) {
        throw InputError("--isa", e.what());
    }
}

namespace {

template <typename Emulator, typename Golden>
Converted convert(EngineChoice engine, const Emulator& emulator, const Golden& golden, const FixedType& to) {
    if (engine == EngineChoice::Golden) return golden();
    const Converted e = emulator();
    if (engine == EngineChoice::Emulator) return e;
    const Converted g = golden();
    if (e == g) return e;
    throw std::logic_error(fmt::format("the engines disagree on a cast to {}: emulator {} ({}), golden {} ({})",
                                       print_type(to), e.word, print_events(e.events), g.word, print_events(g.events)));
}

bool same(const MacStep& a, const MacStep& b) {
    return a.what == b.what && a.product_raw == b.product_raw && a.product_frac == b.product_frac &&
           a.accumulator_raw == b.accumulator_raw && a.accumulator_frac == b.accumulator_frac &&
           a.product_events == b.product_events && a.events == b.events;
}

}  // namespace

Converted quantize(EngineChoice engine, i128 raw, int frac, const FixedType& to) {
    return convert(
        engine, [&] { return emulator::quantize(raw, frac, to); }, [&] { return golden::quantize(raw, frac, to); }, to);
}

Converted quantize_real(EngineChoice engine, double value, const FixedType& to) {
    return convert(
        engine, [&] { return emulator::quantize_real(value, to); }, [&] { return golden::quantize_real(value, to); },
        to);
}

std::vector<MacStep> mac(EngineChoice engine, const MacOperands& operands, const AccumulatorSpec& spec) {
    if (engine == EngineChoice::Golden) return golden::mac(operands, spec);
    std::vector<MacStep> e = emulator::mac(operands, spec);
    if (engine == EngineChoice::Emulator) return e;
    const std::vector<MacStep> g = golden::mac(operands, spec);
    for (std::size_t i = 0; i < std::max(e.size(), g.size()); ++i) {
        if (i < e.size() && i < g.size() && same(e[i], g[i])) continue;
        throw std::logic_error(
            fmt::format("the engines disagree at step {} of the accumulation: emulator {}, golden {}", i,
                        i < e.size() ? print_raw(e[i].accumulator_raw) : "nothing",
                        i < g.size() ? print_raw(g[i].accumulator_raw) : "nothing"));
    }
    return e;
}

}  // namespace bittrue::cli
