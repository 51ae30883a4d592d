// What `bittrue run` says: a table for people, the same figures as JSON.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "execute.hpp"

namespace bittrue::cli {

struct Score {
    bool labelled = false;
    std::size_t correct = 0;
};

// Images whose largest output (the first of equals) is the label; nothing without labels.
[[nodiscard]] Score score_of(const Graph& graph, const RunResult& result, const std::vector<int>& labels);

[[nodiscard]] std::string run_report_text(const Execution& execution, const Score& score, EngineChoice engine);

// images, correct, accuracy (null without labels), seconds, images_per_second and layers, whose min and max are values.
[[nodiscard]] nlohmann::ordered_json run_report_json(const Execution& execution, const Score& score);

[[nodiscard]] nlohmann::ordered_json json_of(const EventCounts& counts);

}  // namespace bittrue::cli
