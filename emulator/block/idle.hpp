// Things that one thread uses at a time and that are worth keeping: memory of workers.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

namespace bittrue::emulator {

template <class T>
class IdlePool {
public:
    // One that nobody uses, else make().
    template <class Make>
    [[nodiscard]] std::unique_ptr<T> take(Make make) {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                std::unique_ptr<T> one = std::move(idle_.back());
                idle_.pop_back();
                return one;
            }
        }
        return make();
    }
    void give_back(std::unique_ptr<T> one) {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(one));
    }
    // Only while nobody takes or gives back.
    [[nodiscard]] std::vector<std::unique_ptr<T>>& all() { return idle_; }

private:
    std::mutex mutex_{};
    std::vector<std::unique_ptr<T>> idle_{};
};

}  // namespace bittrue::emulator
