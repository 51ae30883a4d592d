#include "training/team.hpp"

#include <hwy/cache_control.h>

#include "block/threads.hpp"

namespace bittrue::emulator::training {

namespace {

// Looks often at first, then lets others run.
template <class Ready>
bool spin(const Ready& ready) {
    constexpr int kLooks = 4000, kYields = 200;
    for (int i = 0; i < kLooks; ++i) {
        if (ready()) return true;
        hwy::Pause();
    }
    for (int i = 0; i < kYields; ++i) {
        if (ready()) return true;
        std::this_thread::yield();
    }
    return false;
}

}  // namespace

Team::Team(unsigned threads) {
    const auto count = static_cast<std::size_t>(threads_to_use(static_cast<int>(threads)));
    for (std::size_t i = 1; i < count; ++i) workers_.emplace_back([this] { serve(); });
}

Team::~Team() {
    stop_.store(true);
    phase_.fetch_add(1);
    phase_.notify_all();
    for (std::thread& worker : workers_) worker.join();
}

void Team::start(const void* work, Call call) {
    work_ = work;
    call_ = call;
    done_.store(0, std::memory_order_relaxed);
    next_.store(((next_.load(std::memory_order_relaxed) >> kPartBits) + 1) << kPartBits, std::memory_order_release);
    phase_.fetch_add(1);
    phase_.notify_all();
}

void Team::take_parts() {
    constexpr std::uint64_t kPart = (std::uint64_t{1} << kPartBits) - 1;
    std::uint64_t next = next_.load(std::memory_order_acquire);
    while ((next & kPart) < size()) {
        if (!next_.compare_exchange_weak(next, next + 1, std::memory_order_acq_rel, std::memory_order_acquire))
            continue;
        call_(work_, static_cast<std::size_t>(next & kPart));
        done_.fetch_add(1, std::memory_order_release);
        next = next_.load(std::memory_order_acquire);
    }
}

void Team::wait() const {
    const auto ready = [this] { return done_.load(std::memory_order_acquire) == size(); };
    while (!spin(ready)) {
    }
}

void Team::serve() {
    unsigned seen = 0;
    for (;;) {
        const auto ready = [&] { return phase_.load(std::memory_order_acquire) != seen; };
        while (!spin(ready)) phase_.wait(seen);
        seen = phase_.load();
        if (stop_.load()) return;
        take_parts();
    }
}

}  // namespace bittrue::emulator::training
