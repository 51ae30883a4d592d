// Every word of small formats through the reference requantisers, in every mode, against the emulator.
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "bittrue/emulator/emulator.hpp"
#include "modes.hpp"
#include "simulation.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

struct Conversion {
    Format from{};
    FixedType to{};
    Mode mode{};
};

// Of words with 8 bits, 4 of them fraction: the same format, fewer and more bits at either end, lsbs above the word, a
// single bit, and formats with no bit in common.
std::vector<Format> destinations() {
    return {{.width = 8, .integer = 4, .is_signed = true},   {.width = 8, .integer = 4, .is_signed = false},
            {.width = 4, .integer = 2, .is_signed = true},   {.width = 5, .integer = 3, .is_signed = false},
            {.width = 3, .integer = 4, .is_signed = true},   {.width = 6, .integer = 1, .is_signed = true},
            {.width = 12, .integer = 5, .is_signed = true},  {.width = 1, .integer = 1, .is_signed = true},
            {.width = 1, .integer = -1, .is_signed = false}, {.width = 4, .integer = 9, .is_signed = true},
            {.width = 3, .integer = 12, .is_signed = false}, {.width = 5, .integer = -4, .is_signed = true}};
}

std::uint64_t expected_bits(const Conversion& c, unsigned bits) {
    const std::int64_t word = word_from_pattern(bits, c.from);
    return pattern_from_word(emulator::quantize(word, c.from.frac(), c.to).word, c.to.format);
}

std::vector<Conversion> conversions(const std::vector<Mode>& modes) {
    std::vector<Conversion> list;
    for (const bool is_signed : {true, false})
        for (const Format& to : destinations())
            for (const Mode& mode : modes)
                list.push_back({{.width = 8, .integer = 4, .is_signed = is_signed},
                                {.format = to, .rounding = mode.rounding, .overflow = mode.overflow},
                                mode});
    return list;
}

// All answers, 16 bits each, in the order word, conversion.
std::string expected_file(const std::vector<Conversion>& list) {
    std::string text;
    for (unsigned bits = 0; bits < 256; ++bits)
        for (const Conversion& c : list) text += fmt::format("{:04x}\n", expected_bits(c, bits));
    return text;
}

std::string verilog_bench(const std::vector<Conversion>& list) {
    std::string text = "module requantise_tb;\n  logic [7:0] word;\n";
    text += fmt::format("  wire [15:0] got [0:{0}];\n  logic [15:0] expected [0:{1}];\n", list.size() - 1,
                        list.size() * 256 - 1);
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto& [from, to, mode] = list[i];
        const int w = to.format.width;
        text += fmt::format(
            "  wire [{}:0] y{}; assign got[{}] = {{{{{}{{1'b0}}}}, y{}}};\n"
            "  requantise #(.IN_WIDTH(8), .IN_FRAC(4), .IN_SIGNED({}), ",
            w - 1, i, i, 16 - w, i, verilog_bit(from.is_signed));
        text += fmt::format(
            ".OUT_WIDTH({}), .OUT_FRAC({}), .OUT_SIGNED({}), .ROUND({}), .OVERFLOW({})) u{} (.in_raw(word), "
            ".out_raw(y{}));\n",
            w, to.format.frac(), verilog_bit(to.format.is_signed), mode.rounding_name, mode.overflow_name, i, i);
    }
    return text + fmt::format(R"(  integer b, i, wrong;
  initial begin
    $readmemh("expected.mem", expected);
    wrong = 0;
    for (b = 0; b < 256; b = b + 1) begin
      word = b[7:0];
      #1;
      for (i = 0; i < {0}; i = i + 1)
        if (got[i] !== expected[b * {0} + i]) begin
          if (wrong == 0) $display("conversion %0d of word %0d: expected %h got %h", i, b, expected[b * {0} + i], got[i]);
          wrong = wrong + 1;
        end
    end
    $display("%0d words checked, %0d wrong", 256 * {0}, wrong);
    $finish;
  end
endmodule
)",
                              list.size());
}

std::string vhdl_bench(const std::vector<Conversion>& list) {
    std::string text = R"(library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;
use work.fixed_datapath.all;
entity requantise_tb is end entity;
architecture test of requantise_tb is
  signal word : std_logic_vector(7 downto 0) := (others => '0');
)";
    text += fmt::format(
        "  type words is array (0 to {}) of std_logic_vector(15 downto 0);\n"
        "  signal got : words := (others => (others => '0'));\nbegin\n",
        list.size() - 1);
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto& [from, to, mode] = list[i];
        text += fmt::format(
            "  u{0} : entity work.requantise generic map (8, 4, {1}, {2}, {3}, {4}, {5}, {6}) port map (word, "
            "got({0})({7} downto 0));\n",
            i, from.is_signed, to.format.width, to.format.frac(), to.format.is_signed, to.rounding == Rounding::RndConv,
            to.overflow == Overflow::Sat, to.format.width - 1);
    }
    return text + fmt::format(R"(  process
    constant expected : word_array(0 to {1})(15 downto 0) := read_mem("expected.mem", {2}, 16);
    variable wrong : natural := 0;
  begin
    for b in 0 to 255 loop
      word <= std_logic_vector(to_unsigned(b, 8));
      wait for 1 ns;
      for i in got'range loop
        if got(i) /= expected(b * {0} + i) then
          if wrong = 0 then
            report "conversion " & integer'image(i) & " of word " & integer'image(b) & ": expected "
              & to_string(expected(b * {0} + i)) & " got " & to_string(got(i));
          end if;
          wrong := wrong + 1;
        end if;
      end loop;
    end loop;
    report integer'image({2}) & " words checked, " & integer'image(wrong) & " wrong";
    wait;
  end process;
end architecture;
)",
                              list.size(), list.size() * 256 - 1, list.size() * 256);
}

void check(Simulator simulator, const std::vector<Conversion>& list) {
    const Folder folder;
    const bool vhdl = simulator == Simulator::Ghdl;
    const std::string bench = vhdl ? "requantise_tb.vhd" : "requantise_tb.sv";
    spill(folder / "expected.mem", expected_file(list));
    spill(folder / bench, vhdl ? vhdl_bench(list) : verilog_bench(list));
    const Outcome outcome = simulate(simulator, folder.path(), bench, "requantise_tb");
    INFO(outcome.text);
    CHECK(outcome.status == 0);
    const std::int64_t words = count_before(outcome.text, "words checked");
    CHECK(words == static_cast<std::int64_t>(list.size()) * 256);
    CHECK(count_before(outcome.text, "wrong") == 0);
    fmt::print("requantise, {}: {} words checked\n", name_of(simulator), words);
}

}  // namespace

TEST_CASE("every 8-bit word in every mode into twelve formats: requantise.sv in Icarus is the emulator") {
    check(Simulator::Icarus, conversions(verilog_modes()));
}

TEST_CASE("every 8-bit word in every mode into twelve formats: requantise.sv in Verilator is the emulator") {
    check(Simulator::Verilator, conversions(verilog_modes()));
}

TEST_CASE("every 8-bit word through IEEE's fixed_pkg in GHDL is the emulator: RND_CONV and TRN, SAT and WRAP") {
    check(Simulator::Ghdl, conversions(fixed_pkg_modes()));
}
