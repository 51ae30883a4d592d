// Where the program's words go: results to stdout, progress to stderr, colours and progress only on a terminal.
#pragma once

#include <cstddef>
#include <string>

#include <nlohmann/json.hpp>

#include "bittrue/model/int128.hpp"

namespace bittrue::cli {

[[nodiscard]] bool stdout_is_terminal();

// Writes to stdout; throws InputError when stdout cannot take it (disk full, closed pipe is silent).
void print(const std::string& text);

[[nodiscard]] std::string counted(std::size_t count, const std::string& noun);  // "1 layer", "2 layers"

[[nodiscard]] std::string json_text(const nlohmann::ordered_json& json);  // indented, with a final newline

// Writes JSON to a file (whole or not at all), or to stdout when path is "-".
void write_json(const std::string& path, const nlohmann::ordered_json& json);

// Hex, value and raw strings for a JSON number that may exceed 64 bits: a number when it fits, else a string.
[[nodiscard]] nlohmann::ordered_json json_raw(i128 raw);

// One rewritten line "emulator  1200/10000 images" on stderr, at most ten a second; silent when stderr is no terminal.
class Progress {
public:
    Progress(std::string label, std::size_t total, std::string unit = "images");  // total 0: it is not known
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();  // clears the line
    void show(std::size_t done);
    void show(std::size_t done, std::size_t total);        // where the total is known late
    void show(std::size_t done, const std::string& note);  // the note stands behind the unit

private:
    std::string label_;
    std::size_t total_;
    std::string unit_;
    long long last_ms_ = -1000;
    std::string note_{};
    bool terminal_;
    bool shown_ = false;
};

}  // namespace bittrue::cli
