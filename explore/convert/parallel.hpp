// Independent pieces of work on as many threads as the options allow; each piece notices an interruption.
#pragma once

#include <algorithm>

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include "bittrue/explore/convert.hpp"
#include "bittrue/model/error.hpp"

namespace bittrue::explore {

template <class Work>
void in_parallel(const ConvertOptions& options, std::size_t count, const Work& work) {
    const int cores = tbb::info::default_concurrency();  // TBB warns of more
    tbb::task_arena arena(options.threads > 0 ? std::min(options.threads, cores) : cores);
    arena.execute([&] {
        tbb::parallel_for(std::size_t{0}, count, [&](std::size_t i) {
            if (options.cancel != nullptr && options.cancel->load(std::memory_order_relaxed)) throw Interrupted();
            work(i);
        });
    });
}

}  // namespace bittrue::explore
