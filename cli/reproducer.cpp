#include "reproducer.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/vectors/folder.hpp"
#include "mac_steps.hpp"

namespace bittrue::cli {

namespace {

constexpr const char* kCase = "dot_product.case";
constexpr const char* kScript = "reproduce.sh";
constexpr const char* kVerilog = "dot_product.sv";

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

// Between single quotes for sh.
std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

// The program that runs now, or its name alone where the system does not say.
std::string own_path() {
    std::error_code error;
    const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? "bittrue" : path.string();
}

// The command line of a side, of whatever program the script found.
std::string command_of(const MacSide& side) {
    constexpr std::string_view kName = "bittrue";
    return "\"$BITTRUE\"" + mac_command(side.operands, side.spec).substr(kName.size());
}

std::string script_of(const MacCase& c) {
    std::string text = "#!/bin/sh\n";
    text += fmt::format("# {}: one dot product, as the network says and as it was found.\n", c.word);
    text += "cd \"$(dirname \"$0\")\" || exit 2\n";
    text += "# $BITTRUE where it is set, else the program on the PATH, else the one that wrote this file.\n";
    text += fmt::format("[ -n \"$BITTRUE\" ] || BITTRUE=$(command -v bittrue) || BITTRUE={}\n", quoted(own_path()));
    text +=
        "command -v \"$BITTRUE\" >/dev/null || {\n    echo \"$BITTRUE is not there: BITTRUE=/path/to/bittrue sh $0\" "
        ">&2\n    exit 2\n}\n\n";
    text += fmt::format("# expected: the accumulator ends at {}\n{} || exit\n", print_raw(c.expected.accumulator_raw),
                        command_of(c.expected));
    if (c.found && !c.found->fault) {
        text += fmt::format("\n# found: it ends at {}\n{} || exit\n", print_raw(c.found->accumulator_raw),
                            command_of(*c.found));
    }
    text += fmt::format("\n# the same from the file, checked\n\"$BITTRUE\" mac --case {}\n", kCase);
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
    write_folder(directory, {{kScript, script_of(c), true}, {kCase, case_text(c)}, {kVerilog, case_sv(c)}}, kCase);
}

void check_reproducer(const std::string& directory) {
    check_folder(directory, kCase);
}

bool remove_reproducer(const std::string& directory) {
    namespace fs = std::filesystem;
    const fs::path folder = directory;
    std::error_code error;
    if (!fs::is_regular_file(folder / kCase, error)) return false;
    for (const char* const file : {kScript, kVerilog, kCase}) {
        fs::remove(folder / file, error);
        if (error) throw InputError(directory, "holds an earlier run's, which cannot be removed: " + error.message());
    }
    fs::remove(folder, error);  // where nothing else is in it
    return true;
}

}  // namespace bittrue::cli
