#include "simulation.hpp"

#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/wait.h>

namespace fs = std::filesystem;

namespace bittrue::test {

Folder::Folder() {
    std::string name = (fs::temp_directory_path() / "bittrue-rtl-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
}

Folder::~Folder() {
    if (std::getenv("BITTRUE_KEEP_SIMULATIONS") != nullptr) return;
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void spill(const std::string& path, const std::string& bytes) {
    std::ofstream out(path, std::ios::binary);
    out << bytes;
    if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

Outcome shell(const std::string& folder, const std::string& command) {
    const std::string whole = fmt::format("cd '{}' && {{ {}; }} 2>&1 </dev/null", folder, command);
    FILE* pipe = popen(whole.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("no shell");
    Outcome outcome;
    std::array<char, 4096> buffer{};
    while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) outcome.text.append(buffer.data(), n);
    const int raw = pclose(pipe);
    outcome.status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return outcome;
}

std::string name_of(Simulator simulator) {
    switch (simulator) {
        case Simulator::Icarus: return "icarus";
        case Simulator::Verilator: return "verilator";
        case Simulator::Ghdl: return "ghdl";
    }
    return {};
}

Outcome simulate(Simulator simulator, const std::string& folder, const std::string& bench, const std::string& top,
                 const std::string& rtl) {
    const std::string sv = rtl + "/sv", vhdl = rtl + "/vhdl";
    switch (simulator) {
        case Simulator::Icarus:
            return shell(folder, fmt::format("iverilog -g2012 -Wall -Wno-timescale -y {0} -Y .sv -s {2} -o {2}.vvp "
                                             "{0}/fixed_point.sv {1} && vvp -n {2}.vvp",
                                             sv, bench, top));
        case Simulator::Verilator:
            return shell(folder,
                         fmt::format("verilator --binary -j 1 -O1 -Wno-fatal -y {0} --top-module {2} -Mdir {2}_obj "
                                     "{0}/fixed_point.sv {1} -MAKEFLAGS 'OBJCACHE=ccache OPT_FAST=-O1' >{2}.log 2>&1 "
                                     "|| {{ cat {2}.log; exit 1; }}; {2}_obj/V{2}",
                                     sv, bench, top));
        case Simulator::Ghdl:
            return shell(folder, fmt::format("mkdir -p work && ghdl -a --std=08 --workdir=work {0}/fixed_datapath.vhd "
                                             "{0}/requantise.vhd {0}/mac.vhd {0}/dense.vhd {1} && "
                                             "ghdl -r --std=08 --workdir=work {2} --ieee-asserts=disable-at-0",
                                             vhdl, bench, top));
    }
    return {};
}

std::int64_t count_before(const std::string& text, const std::string& what) {
    const std::size_t at = text.find(what);
    if (at == std::string::npos || text.find(what, at + 1) != std::string::npos) return -1;
    std::size_t begin = at;
    while (begin > 0 && text[begin - 1] == ' ') --begin;
    const std::size_t end = begin;
    while (begin > 0 && std::isdigit(static_cast<unsigned char>(text[begin - 1])) != 0) --begin;
    return begin == end ? -1 : std::stoll(text.substr(begin, end - begin));
}

}  // namespace bittrue::test
