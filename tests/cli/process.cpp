#include "process.hpp"

#include <algorithm>
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

namespace {

std::string quoted(const std::string& s) {
    std::string out = "'";
    for (const char c : s) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

Outcome run_in(const std::string& folder, const std::string& wrapper, const std::vector<std::string>& arguments) {
    const Scratch scratch;
    std::string command = fmt::format("cd {} && exec {}{}", quoted(folder), wrapper, quoted(BITTRUE_PROGRAM));
    for (const std::string& a : arguments) command += " " + quoted(a);
    command += fmt::format(" >{} 2>{} </dev/null", quoted(scratch.file("out")), quoted(scratch.file("err")));
    const int raw = std::system(command.c_str());
    Outcome outcome{.status = -1, .out = slurp(scratch.file("out")), .err = slurp(scratch.file("err"))};
    outcome.status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return outcome;
}

}  // namespace

Outcome bittrue_in(const std::string& folder, const std::vector<std::string>& arguments) {
    return run_in(folder, "", arguments);
}

Outcome bittrue_stopped(const std::string& folder, const std::vector<std::string>& arguments, const std::string& signal,
                        double seconds) {
    return run_in(folder, fmt::format("timeout --preserve-status -s {} {:.3f} ", signal, seconds), arguments);
}

Outcome start(const std::vector<std::string>& arguments) {
    return bittrue_in(".", arguments);
}

Scratch::Scratch() {
    std::string name = (fs::temp_directory_path() / "bittrue-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
}

Scratch::~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

std::vector<std::string> Scratch::listing() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(path_)) {
        out.push_back(fmt::format("{} {}", entry.path().string(), entry.is_regular_file() ? entry.file_size() : 0));
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::string slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void spill(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

std::string shared_file(const std::string& name) {
    const std::string path = std::string(BITTRUE_SOURCE_DIR) + "/../shared/" + name;
    return fs::exists(path) ? path : std::string{};
}

}  // namespace bittrue::test
