#include "reproducer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "bittrue/vectors/folder.hpp"
#include "mac_steps.hpp"

namespace bittrue::cli {

namespace {

constexpr const char* kCase = "dot_product.case";

MacSide side_of(const Explanation& e) {
    const Accumulated& a = *e.accumulated;
    MacSide side{.operands = a.operands, .spec = a.spec, .fault = a.fault};
    // Altered operands are in the list already.
    if (side.fault && side.fault->stuck && side.fault->stuck->at != emulator::AccumulationFault::At::Product)
        side.fault->stuck.reset();
    if (side.fault && side.fault->stuck) side.fault->stuck->outputs = 1, side.fault->stuck->output = 0;
    if (side.fault && !side.fault->stuck && side.fault->skip_first == 0 && side.fault->skip_last == 0)
        side.fault.reset();
    side.accumulator_raw = a.steps.back().accumulator_raw;
    side.result = e.type;
    return side;
}

std::string script_of(const MacCase& c) {
    std::string text = "#!/bin/sh\n";
    text += fmt::format("# {}: one dot product, as the network says and as it was found.\n", c.word);
    text += "cd \"$(dirname \"$0\")\" || exit 2\n\n";
    text += fmt::format("# expected: the accumulator ends at {}\n{}\n", print_raw(c.expected.accumulator_raw),
                        mac_command(c.expected.operands, c.expected.spec));
    if (c.found && !c.found->fault) {
        text += fmt::format("\n# found: it ends at {}\n{}\n", print_raw(c.found->accumulator_raw),
                            mac_command(c.found->operands, c.found->spec));
    }
    text += fmt::format("\n# the same from the file, checked\nbittrue mac --case {}\n", kCase);
    return text;
}

}  // namespace

std::optional<MacCase> mac_case_of(const Proof& p) {
    if (!p.by_expected.accumulated) return std::nullopt;
    const Position at = position_of(p.by_expected.shape, p.traced_element);
    MacCase c{.word = fmt::format("{}[image {}, channel {}", p.traced, p.image, at.channel)};
    if (p.by_expected.shape.layout != Layout::Vector) c.word += fmt::format(", row {}, column {}", at.row, at.column);
    c.word += "]";
    // The text goes into comments of several languages.
    std::replace_if(
        c.word.begin(), c.word.end(), [](unsigned char ch) { return ch < 0x20 || ch == 0x7f; }, '?');
    c.expected = side_of(p.by_expected);
    if (p.by_hypothesis && p.by_hypothesis->accumulated) c.found = side_of(*p.by_hypothesis);
    return c;
}

void write_reproducer(const std::string& directory, const MacCase& c) {
    write_folder(directory,
                 {{"reproduce.sh", script_of(c), true}, {kCase, case_text(c)}, {"dot_product.sv", case_sv(c)}}, kCase);
}

void check_reproducer(const std::string& directory) {
    check_folder(directory, kCase);
}

}  // namespace bittrue::cli
