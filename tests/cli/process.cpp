#include "process.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace bittrue::test {

namespace {

std::string quoted(const std::string& s) {
    std::string out = "'";
    for (const char c : s) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

// `now` may be empty: nobody stops the program.
Outcome run_in(const std::string& folder, const std::vector<std::string>& arguments, int signal,
               const std::function<bool()>& now) {
    const Scratch scratch;
    std::string command = fmt::format("cd {} && exec {}", quoted(folder), quoted(BITTRUE_PROGRAM));
    for (const std::string& a : arguments) command += " " + quoted(a);
    command += fmt::format(" >{} 2>{} </dev/null", quoted(scratch.file("out")), quoted(scratch.file("err")));
    std::string shell = "sh", option = "-c";
    char* const words[] = {shell.data(), option.data(), command.data(), nullptr};
    pid_t child = 0;  // `exec`: the program's own
    if (posix_spawn(&child, "/bin/sh", nullptr, nullptr, words, environ) != 0) throw std::runtime_error("no process");
    int raw = 0;
    bool waits = !now;  // for the end, whenever it comes
    pid_t ended = 0;
    while ((ended = waitpid(child, &raw, waits ? 0 : WNOHANG)) == 0) {
        if ((waits = now())) kill(child, signal);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (ended != child) throw std::runtime_error("a process was lost");
    Outcome outcome{.status = -1, .out = slurp(scratch.file("out")), .err = slurp(scratch.file("err"))};
    outcome.status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return outcome;
}

}  // namespace

Outcome bittrue_in(const std::string& folder, const std::vector<std::string>& arguments) {
    return run_in(folder, arguments, 0, nullptr);
}

Outcome bittrue_stopped(const std::string& folder, const std::vector<std::string>& arguments, int signal,
                        const std::function<bool()>& now) {
    return run_in(folder, arguments, signal, now);
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
