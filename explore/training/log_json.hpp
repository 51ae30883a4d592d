// The log as a checkpoint keeps it: integers and, for times, doubles; nothing is lost.
#pragma once

#include <utility>

#include <nlohmann/json.hpp>

#include "bittrue/explore/train_log.hpp"
#include "bittrue/model/error.hpp"

namespace bittrue::explore {

[[nodiscard]] nlohmann::ordered_json stored_epoch(const EpochLog& epoch);
[[nodiscard]] nlohmann::ordered_json stored_story(const NanStory& story);

// A whole number that the type holds; InputError for anything else.
template <class T>
[[nodiscard]] T whole(const nlohmann::ordered_json& j) {
    if (j.is_number_unsigned() && std::in_range<T>(j.get<std::uint64_t>()))
        return static_cast<T>(j.get<std::uint64_t>());
    if (j.is_number_integer() && !j.is_number_unsigned() && std::in_range<T>(j.get<std::int64_t>()))
        return static_cast<T>(j.get<std::int64_t>());
    throw InputError("one of its numbers cannot be");
}

// Throws what nlohmann throws, or InputError, where a part is missing or of another kind.
[[nodiscard]] EpochLog epoch_from(const nlohmann::ordered_json& json, std::size_t layers);
[[nodiscard]] NanStory story_from(const nlohmann::ordered_json& json, std::size_t layers);

}  // namespace bittrue::explore
