#include "interrupt.hpp"

#include <csignal>

namespace bittrue::cli {

namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void handle(int signal) {
    if (interrupted.exchange(true)) {
        std::signal(signal, SIG_DFL);
        std::raise(signal);
    }
}

}  // namespace

const std::atomic<bool>& interrupt_flag() {
    std::signal(SIGINT, handle);
    std::signal(SIGTERM, handle);
    return interrupted;
}

}  // namespace bittrue::cli
