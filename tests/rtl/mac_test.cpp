// The reference MACs, every step in every mode, against the emulator: all 3-bit weights and inputs on all biases, and a
// second term on top.
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "exhaustive/random.hpp"
#include "modes.hpp"
#include "simulation.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// One MAC. Products have 2 fraction bits, biases 2, accumulators 1: all three conversions round.
struct Variant {
    Format weight{}, x{}, bias{};
    FixedType accumulator{};
    Mode mode{};
    bool product_cast = false;
};

// What one clock pair feeds: the bias with a first term, then a second term.
struct Operands {
    unsigned bias = 0;
    unsigned weight[2]{};
    unsigned x[2]{};
};

std::vector<Variant> variants(const std::vector<Mode>& modes) {
    std::vector<Variant> list;
    for (const bool product_cast : {false, true})
        for (const auto& [w, x, a] : {std::tuple{true, true, true}, {true, false, true}, {false, false, false}})
            for (const Mode& mode : modes)
                list.push_back({.weight = {.width = 3, .integer = 2, .is_signed = w},
                                .x = {.width = 3, .integer = 2, .is_signed = x},
                                .bias = {.width = 5, .integer = 3, .is_signed = true},
                                .accumulator = {.format = {.width = 4, .integer = 3, .is_signed = a},
                                                .rounding = mode.rounding,
                                                .overflow = mode.overflow},
                                .mode = mode,
                                .product_cast = product_cast});
    return list;
}

std::vector<Operands> operands() {
    bittrue::testing::Random random(5);
    std::vector<Operands> list;
    for (unsigned bias = 0; bias < 32; ++bias)
        for (unsigned weight = 0; weight < 8; ++weight)
            for (unsigned x = 0; x < 8; ++x) {
                const auto next = static_cast<unsigned>(random.bits());
                list.push_back({bias, {weight, next & 7U}, {x, next >> 8 & 7U}});
            }
    return list;
}

// Patterns of the accumulator after the first and after the second term.
std::array<std::uint64_t, 2> expected(const Variant& v, const Operands& o) {
    MacOperands given{.weight = v.weight, .input = v.x, .has_bias = true, .bias = v.bias};
    given.bias_word = word_from_pattern(o.bias, v.bias);
    for (const int t : {0, 1}) {
        given.weights.push_back(word_from_pattern(o.weight[t], v.weight));
        given.inputs.push_back(word_from_pattern(o.x[t], v.x));
    }
    AccumulatorSpec spec{.type = v.accumulator};
    if (v.product_cast) spec.product = v.accumulator;
    const std::vector<MacStep> steps = emulator::mac(given, spec);
    const auto bits = [&](const MacStep& step) {
        return pattern_from_word(word_from_raw(step.accumulator_raw), v.accumulator.format);
    };
    return {bits(steps[steps.size() - 2]), bits(steps.back())};
}

// 13 bits a line: first, bias, weight, x; then the accumulators of all variants after this clock.
void write_files(const Folder& folder, const std::vector<Variant>& list) {
    std::string inputs, words;
    for (const Operands& o : operands()) {
        for (const unsigned t : {0U, 1U})
            inputs += fmt::format("{:04x}\n", (t == 0 ? 1U << 11 : 0U) | o.bias << 6 | o.weight[t] << 3 | o.x[t]);
        std::string second;
        for (const Variant& v : list) {
            const auto after = expected(v, o);
            words += fmt::format("{:x}\n", after[0]);
            second += fmt::format("{:x}\n", after[1]);
        }
        words += second;
    }
    spill(folder / "inputs.mem", inputs);
    spill(folder / "expected.mem", words);
}

std::string verilog_bench(const std::vector<Variant>& list, std::size_t clocks) {
    std::string text = fmt::format(
        "module mac_tb;\n  logic clk;\n  logic [15:0] in;\n  logic [15:0] inputs [0:{0}];\n  wire [3:0] got [0:{1}];\n"
        "  logic [3:0] expected [0:{2}];\n",
        clocks - 1, list.size() - 1, list.size() * clocks - 1);
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Variant& v = list[i];
        text += fmt::format(
            "  mac #(.W_WIDTH(3), .W_FRAC(1), .W_SIGNED({}), .X_WIDTH(3), .X_FRAC(1), .X_SIGNED({}), .B_WIDTH(5), "
            ".B_FRAC(2), .ACC_WIDTH(4), .ACC_FRAC(1), .ACC_SIGNED({}), ",
            verilog_bit(v.weight.is_signed), verilog_bit(v.x.is_signed), verilog_bit(v.accumulator.format.is_signed));
        text += fmt::format(
            ".ACC_ROUND({}), .ACC_OVERFLOW({}), .PRODUCT_CAST({})) u{} (.clk(clk), .enable(1'b1), .first(in[11]), "
            ".bias(in[10:6]), .weight(in[5:3]), .x(in[2:0]), .acc(got[{}]));\n",
            v.mode.rounding_name, v.mode.overflow_name, verilog_bit(v.product_cast), i, i);
    }
    return text + fmt::format(R"(  integer b, i, wrong;
  initial begin
    $readmemh("inputs.mem", inputs);
    $readmemh("expected.mem", expected);
    wrong = 0;
    clk = 0;
    for (b = 0; b < {1}; b = b + 1) begin
      in = inputs[b];
      #1 clk = 1;
      #1 clk = 0;
      for (i = 0; i < {0}; i = i + 1)
        if (got[i] !== expected[b * {0} + i]) begin
          if (wrong == 0) $display("variant %0d clock %0d: expected %h got %h", i, b, expected[b * {0} + i], got[i]);
          wrong = wrong + 1;
        end
    end
    $display("%0d words checked, %0d wrong", {1} * {0}, wrong);
    $finish;
  end
endmodule
)",
                              list.size(), clocks);
}

std::string vhdl_bench(const std::vector<Variant>& list, std::size_t clocks) {
    std::string text = fmt::format(R"(library ieee;
use ieee.std_logic_1164.all;
use work.fixed_datapath.all;
entity mac_tb is end entity;
architecture test of mac_tb is
  signal clk : std_logic := '0';
  signal input : std_logic_vector(15 downto 0) := (others => '0');
  type words is array (0 to {}) of std_logic_vector(3 downto 0);
  signal got : words;
begin
)",
                                   list.size() - 1);
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Variant& v = list[i];
        text +=
            fmt::format("  u{} : entity work.mac generic map (3, 1, {}, 3, 1, {}, 5, 2, true, 4, 1, {}, {}, {}, {})\n",
                        i, v.weight.is_signed, v.x.is_signed, v.accumulator.format.is_signed,
                        v.mode.rounding == Rounding::RndConv, v.mode.overflow == Overflow::Sat, v.product_cast);
        text += fmt::format(
            "    port map (clk, '1', input(11), input(5 downto 3), input(2 downto 0), input(10 downto 6), got({}));\n",
            i);
    }
    return text + fmt::format(R"(  process
    constant inputs : word_array(0 to {1} - 1)(15 downto 0) := read_mem("inputs.mem", {1}, 16);
    constant expected : word_array(0 to {0} * {1} - 1)(3 downto 0) := read_mem("expected.mem", {0} * {1}, 4);
    variable wrong : natural := 0;
  begin
    for b in inputs'range loop
      input <= inputs(b);
      wait for 1 ns;
      clk <= '1';
      wait for 1 ns;
      clk <= '0';
      for i in got'range loop
        if got(i) /= expected(b * {0} + i) then
          if wrong = 0 then
            report "variant " & integer'image(i) & " clock " & integer'image(b) & ": expected "
              & to_string(expected(b * {0} + i)) & " got " & to_string(got(i));
          end if;
          wrong := wrong + 1;
        end if;
      end loop;
    end loop;
    report integer'image({0} * {1}) & " words checked, " & integer'image(wrong) & " wrong";
    wait;
  end process;
end architecture;
)",
                              list.size(), clocks);
}

void check(Simulator simulator, const std::vector<Mode>& modes) {
    const Folder folder;
    const std::vector<Variant> list = variants(modes);
    const std::size_t clocks = operands().size() * 2;
    const bool vhdl = simulator == Simulator::Ghdl;
    const std::string bench = vhdl ? "mac_tb.vhd" : "mac_tb.sv";
    write_files(folder, list);
    spill(folder / bench, vhdl ? vhdl_bench(list, clocks) : verilog_bench(list, clocks));
    const Outcome outcome = simulate(simulator, folder.path(), bench, "mac_tb");
    INFO(outcome.text);
    CHECK(outcome.status == 0);
    const std::int64_t words = count_before(outcome.text, "words checked");
    CHECK(words == static_cast<std::int64_t>(list.size() * clocks));
    CHECK(count_before(outcome.text, "wrong") == 0);
    fmt::print("mac, {}: {} words checked\n", name_of(simulator), words);
}

}  // namespace

TEST_CASE("every step of small accumulations in every mode: mac.sv in Icarus is the emulator") {
    check(Simulator::Icarus, verilog_modes());
}

TEST_CASE("every step of small accumulations in every mode: mac.sv in Verilator is the emulator") {
    check(Simulator::Verilator, verilog_modes());
}

TEST_CASE("every step of small accumulations through IEEE's fixed_pkg in GHDL is the emulator") {
    check(Simulator::Ghdl, fixed_pkg_modes());
}
