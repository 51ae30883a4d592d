#include "block/shrink.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/error.hpp"
#include "block/shrink_moves.hpp"
#include "exhaustive/random_graph.hpp"

namespace bittrue::testing {

std::string print(const Failing& failing) {
    return fmt::format("{}\n{}{} images {}", failing.why, describe(failing.graph), failing.batch.images,
                       failing.batch.values);
}

Failing shrink(Failing from, const Fails& fails, int most_tries) {
    Failing now = std::move(from);
    now.why = fails(now.graph, now.batch);
    int tries = 0;
    bool smaller = true;
    const Attempt attempt = [&](const std::function<void(Failing&)>& change) {
        if (tries >= most_tries) return false;
        Failing next = now;
        try {
            change(next);
            next.why = now.why;
            if (print(next) == print(now)) return false;
            ++tries;
            validate(next.graph);
            next.why = fails(next.graph, next.batch);
        } catch (const InputError&) {
            return false;  // not a network, or not a batch of it
        }
        if (next.why.empty()) return false;
        now = std::move(next);
        return smaller = true;
    };
    while (smaller && tries < most_tries) {
        smaller = false;
        for (const auto move : {fewer_images, fewer_layers, fewer_channels, smaller_inputs, plainer_operations,
                                plainer_types, smaller_numbers})
            move(now, attempt);
    }
    return now;
}

}  // namespace bittrue::testing
