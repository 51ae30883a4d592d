// Runs the real simulators on the reference RTL in a folder of their own. No simulator, no pass: these tests never
// skip.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bittrue::test {

inline const std::string kRtl = BITTRUE_SOURCE_DIR "/examples/rtl";

// An empty folder that disappears at the end; BITTRUE_KEEP_SIMULATIONS in the environment keeps it, to look into.
class Folder {
public:
    Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder();
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

[[nodiscard]] std::string slurp(const std::string& path);
void spill(const std::string& path, const std::string& bytes);

struct Outcome {
    int status = -1;     // exit status, or 128 + signal
    std::string text{};  // stdout and stderr as they came
};

// A shell command, its working directory being `folder`.
[[nodiscard]] Outcome shell(const std::string& folder, const std::string& command);

enum class Simulator : std::uint8_t { Icarus, Verilator, Ghdl };
[[nodiscard]] std::string name_of(Simulator simulator);

// The SystemVerilog of examples/rtl/sv (or of a mutated copy in `rtl`) around the module `top` of folder/`bench`; GHDL:
// all of examples/rtl/vhdl. Compiles and runs it in `folder`.
[[nodiscard]] Outcome simulate(Simulator simulator, const std::string& folder, const std::string& bench,
                               const std::string& top, const std::string& rtl = kRtl);

// "12345 words checked": the number in front of the text, which must occur exactly once; -1 otherwise.
[[nodiscard]] std::int64_t count_before(const std::string& text, const std::string& what);

}  // namespace bittrue::test
