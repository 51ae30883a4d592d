// Fields of a manifest's objects, with messages that say which entry they belong to.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bittrue/model/error.hpp"
#include "manifest.hpp"

namespace bittrue {

class Entry {
public:
    Entry(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
        if (!json_.is_object()) throw InputError(where_, "is not an object in braces");
    }

    [[nodiscard]] const std::string& where() const { return where_; }
    [[nodiscard]] bool has(const char* key) const { return json_.contains(key) && !json_[key].is_null(); }
    [[nodiscard]] Entry object(const char* key) const { return {field(key), where_ + ", \"" + key + "\""}; }

    [[nodiscard]] const Json& list(const char* key) const {
        if (!field(key).is_array()) fail(key, "a list");
        return json_[key];
    }
    [[nodiscard]] std::string text(const char* key) const {
        if (!field(key).is_string()) fail(key, "a text");
        return json_[key];
    }
    [[nodiscard]] std::int64_t integer(const char* key, std::int64_t low, std::int64_t high) const {
        const Json& value = field(key);
        if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) ||
            value.get<std::int64_t>() < low || value.get<std::int64_t>() > high) {
            fail(key, "an integer from " + std::to_string(low) + " to " + std::to_string(high));
        }
        return value;
    }
    [[nodiscard]] bool boolean(const char* key) const {
        if (!field(key).is_boolean()) fail(key, "true or false");
        return json_[key];
    }
    [[nodiscard]] std::vector<std::string> texts(const char* key) const {
        std::vector<std::string> values;
        for (const Json& value : list(key)) {
            if (!value.is_string()) fail(key, "a list of texts");
            values.push_back(value);
        }
        return values;
    }
    [[nodiscard]] std::vector<std::int64_t> integers(const char* key) const {
        std::vector<std::int64_t> values;
        for (const Json& value : list(key)) {
            if (!value.is_number_integer()) fail(key, "a list of integers");
            values.push_back(value);
        }
        return values;
    }

private:
    [[nodiscard]] const Json& field(const char* key) const {
        if (!json_.contains(key)) throw InputError(where_, std::string("\"") + key + "\" is missing");
        return json_[key];
    }
    [[noreturn]] void fail(const char* key, const std::string& expected) const {
        throw InputError(where_, std::string("\"") + key + "\" must be " + expected);
    }

    const Json& json_;
    std::string where_;
};

}  // namespace bittrue
