// Starts the bittrue program and catches what it says; a scratch folder per test.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace bittrue::test {

struct Outcome {
    int status = -1;  // exit status, or 128 + signal
    std::string out{};
    std::string err{};
};

// Arguments are passed as they are (no shell expansion); the working directory is `folder`.
[[nodiscard]] Outcome bittrue_in(const std::string& folder, const std::vector<std::string>& arguments);
// The same, but the program gets the signal (SIGINT, SIGKILL) as soon as `now` says so, which is asked every
// millisecond: what the program has done by then depends on no clock.
[[nodiscard]] Outcome bittrue_stopped(const std::string& folder, const std::vector<std::string>& arguments, int signal,
                                      const std::function<bool()>& now);
[[nodiscard]] Outcome start(const std::vector<std::string>& arguments);

// An empty folder that disappears at the end.
class Scratch {
public:
    Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch();
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
    // Every file and folder below, sorted, with sizes: to see that nothing was left behind.
    [[nodiscard]] std::vector<std::string> listing() const;

private:
    std::string path_;
};

[[nodiscard]] std::string slurp(const std::string& path);
void spill(const std::string& path, const std::string& bytes);

// BITTRUE_SOURCE_DIR/../shared/<name>, or empty (after a visible note) where that folder is absent.
[[nodiscard]] std::string shared_file(const std::string& name);

}  // namespace bittrue::test
