// Running on a given number of threads.
#pragma once

#include <algorithm>

#include <tbb/info.h>
#include <tbb/task_arena.h>

namespace bittrue::emulator {

// 0: all cores. More threads than cores would gain nothing, and TBB would complain on stderr.
[[nodiscard]] inline int threads_to_use(int asked) {
    const int cores = tbb::info::default_concurrency();
    return asked > 0 ? std::min(asked, cores) : cores;
}

template <class Function>
void on_threads(int asked, Function function) {
    tbb::task_arena arena(threads_to_use(asked));
    arena.execute(function);
}

}  // namespace bittrue::emulator
