#include "console.hpp"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <limits>
#include <mutex>

#include <fmt/format.h>
#include <unistd.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"

namespace bittrue::cli {

bool stdout_is_terminal() {
    return isatty(STDOUT_FILENO) == 1;
}

void print(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return;
    if (errno == EPIPE) return;
    throw InputError("standard output",
                     fmt::format("writing failed ({}); free space or redirect it elsewhere", std::strerror(errno)));
}

std::string counted(std::size_t count, const std::string& noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string json_text(const nlohmann::ordered_json& json) {
    return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void write_json(const std::string& path, const nlohmann::ordered_json& json) {
    const std::string text = json_text(json);
    if (path == "-") {
        print(text);
    } else {
        write_file(path, text);
    }
}

nlohmann::ordered_json json_raw(i128 raw) {
    if (raw >= std::numeric_limits<std::int64_t>::min() && raw <= std::numeric_limits<std::int64_t>::max()) {
        return static_cast<std::int64_t>(raw);
    }
    if (raw > 0 && raw <= i128{std::numeric_limits<std::uint64_t>::max()}) return static_cast<std::uint64_t>(raw);
    return fmt::format("{}", raw);
}

namespace {

std::mutex progress_mutex;

long long now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Progress::Progress(std::string label, std::size_t total, std::string unit)
    : label_(std::move(label)), total_(total), unit_(std::move(unit)), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
    if (shown_) std::fputs("\r\033[K", stderr);
}

void Progress::show(std::size_t done, std::size_t total) {
    total_ = total;
    show(done);
}

void Progress::show(std::size_t done, const std::string& note) {
    note_ = "  " + note;
    show(done);
}

void Progress::show(std::size_t done) {
    if (!terminal_) return;
    const std::lock_guard lock(progress_mutex);
    const long long now = now_ms();
    if (now - last_ms_ < 100) return;
    last_ms_ = now;
    shown_ = true;
    const std::string of = total_ > 0 ? fmt::format("/{}", total_) : "";
    std::fputs(fmt::format("\r{}  {}{} {}{}\033[K", label_, done, of, unit_, note_).c_str(), stderr);
}

}  // namespace bittrue::cli
