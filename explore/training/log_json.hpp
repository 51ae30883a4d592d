// The log as a checkpoint keeps it: integers and, for times, doubles; nothing is lost.
#pragma once

#include <nlohmann/json.hpp>

#include "bittrue/explore/train_log.hpp"

namespace bittrue::explore {

[[nodiscard]] nlohmann::ordered_json stored_epoch(const EpochLog& epoch);
[[nodiscard]] nlohmann::ordered_json stored_story(const NanStory& story);

// Throws what nlohmann throws, or InputError, where a part is missing or of another kind.
[[nodiscard]] EpochLog epoch_from(const nlohmann::ordered_json& json, std::size_t layers);
[[nodiscard]] NanStory story_from(const nlohmann::ordered_json& json, std::size_t layers);

}  // namespace bittrue::explore
