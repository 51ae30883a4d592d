// Threads that stay: a step of some hundred microseconds has a dozen phases, each of which ends for all of them
// together.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace bittrue::emulator::training {

class Team {
public:
    // 0: all cores; never more than there are.
    explicit Team(unsigned threads);
    ~Team();
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;

    [[nodiscard]] std::size_t size() const { return workers_.size() + 1; }

    // work(part) for every part below size(), at the same time; returns when all are done. `work` must not throw. A
    // part belongs to whoever comes first: a thread that the system has put aside keeps nobody waiting.
    template <class Work>
    void run(const Work& work) {
        if (workers_.empty()) return work(std::size_t{0});
        start(&work, [](const void* w, std::size_t part) { (*static_cast<const Work*>(w))(part); });
        take_parts();
        wait();
    }

private:
    using Call = void (*)(const void*, std::size_t);
    void start(const void* work, Call call);
    void take_parts();
    void wait() const;
    void serve();

    const void* work_ = nullptr;
    Call call_ = nullptr;
    // The phase above kPartBits, the next part below: a part can be taken only of the phase that runs.
    static constexpr unsigned kPartBits = 16;
    alignas(64) std::atomic<std::uint64_t> next_{(std::uint64_t{1} << kPartBits) - 1};
    alignas(64) std::atomic<std::size_t> done_{0};
    alignas(64) std::atomic<unsigned> phase_{0};  // what waiting threads look at
    std::atomic<bool> stop_{false};
    std::vector<std::thread> workers_;
};

// One part's share of `count` things.
struct Share {
    Share(std::size_t count, std::size_t part, std::size_t parts)
        : begin(static_cast<int>(count * part / parts)), end(static_cast<int>(count * (part + 1) / parts)) {}
    Share(int first, int behind) : begin(first), end(behind) {}
    Share(int count, std::size_t part, std::size_t parts) : Share(static_cast<std::size_t>(count), part, parts) {}
    int begin, end;
};

}  // namespace bittrue::emulator::training
