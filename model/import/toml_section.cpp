#include "import/toml_section.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue::detail {

namespace {

std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

}  // namespace

std::string nearest(const std::string& word, const std::set<std::string>& words) {
    const auto it = std::min_element(words.begin(), words.end(), [&](const std::string& a, const std::string& b) {
        return edit_distance(word, a) < edit_distance(word, b);
    });
    return it == words.end() ? "" : *it;
}

toml::table parse_toml(const std::string& text, const std::string& path) {
    try {
        return toml::parse(text, path);
    } catch (const toml::parse_error& e) {
        throw InputError(fmt::format("{}:{}", path, e.source().begin.line),
                         fmt::format("is not valid TOML: {}", e.description()));
    }
}

TomlSection::TomlSection(const toml::table& table, std::string path, std::string what)
    : table_(&table), path_(std::move(path)), what_(std::move(what)) {}

bool TomlSection::has(const std::string& key) {
    return node(key) != nullptr;
}

const toml::node* TomlSection::node(const std::string& key) {
    known_.insert(key);
    return table_->get(key);
}

std::string TomlSection::place() const {
    const auto line = table_->source().begin.line;
    return fmt::format("{}{}{}", path_, line > 0 ? fmt::format(":{}", line) : "", what_.empty() ? "" : ": " + what_);
}

std::string TomlSection::place(const std::string& key) const {
    const toml::node* value = table_->get(key);
    const auto line = value != nullptr ? value->source().begin.line : table_->source().begin.line;
    return fmt::format("{}:{}{}: {}", path_, line, what_.empty() ? "" : ": " + what_, key);
}

void TomlSection::fail(const std::string& message) const {
    throw InputError(place(), message);
}
void TomlSection::fail(const std::string& key, const std::string& message) const {
    throw InputError(place(key), message);
}
void TomlSection::missing(const std::string& key, const std::string& remedy) const {
    throw InputError(place(), fmt::format("lacks the key '{}'; {}", key, remedy));
}

std::optional<std::string> TomlSection::text(const std::string& key) {
    const toml::node* value = node(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) fail(key, "must be a text in quotes");
    return value->as_string()->get();
}

std::optional<bool> TomlSection::boolean(const std::string& key) {
    const toml::node* value = node(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_boolean()) fail(key, "must be true or false");
    return value->as_boolean()->get();
}

std::optional<double> TomlSection::number(const std::string& key) {
    const toml::node* value = node(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_integer()) return static_cast<double>(value->as_integer()->get());
    if (!value->is_floating_point()) fail(key, "must be a number");
    return value->as_floating_point()->get();
}

std::optional<std::int64_t> TomlSection::integer(const std::string& key, std::int64_t least, std::int64_t most) {
    const toml::node* value = node(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_integer() || value->as_integer()->get() < least || value->as_integer()->get() > most) {
        fail(key, fmt::format("must be an integer from {} to {}", least, most));
    }
    return value->as_integer()->get();
}

std::optional<std::vector<std::int64_t>> TomlSection::integers(const std::string& key, std::int64_t least,
                                                               std::int64_t most) {
    const toml::node* value = node(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_array()) fail(key, "must be a list of integers");
    std::vector<std::int64_t> numbers;
    for (const toml::node& element : *value->as_array()) {
        if (!element.is_integer() || element.as_integer()->get() < least || element.as_integer()->get() > most) {
            fail(key, fmt::format("must be a list of integers from {} to {}", least, most));
        }
        numbers.push_back(element.as_integer()->get());
    }
    return numbers;
}

std::optional<std::vector<double>> TomlSection::numbers(const std::string& key) {
    const toml::node* value = node(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_array()) fail(key, "must be a list of numbers");
    std::vector<double> numbers;
    for (const toml::node& element : *value->as_array()) {
        if (!element.is_number()) fail(key, "must be a list of numbers");
        numbers.push_back(element.is_integer() ? static_cast<double>(element.as_integer()->get())
                                               : element.as_floating_point()->get());
    }
    return numbers;
}

std::optional<std::vector<std::string>> TomlSection::texts(const std::string& key) {
    const toml::node* value = node(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return std::vector<std::string>{value->as_string()->get()};
    if (!value->is_array()) fail(key, "must be a text or a list of texts");
    std::vector<std::string> result;
    for (const toml::node& element : *value->as_array()) {
        if (!element.is_string()) fail(key, "must be a text or a list of texts");
        result.push_back(element.as_string()->get());
    }
    return result;
}

std::optional<FixedType> TomlSection::type(const std::string& key, Dialect neutral) {
    const std::optional<std::string> value = text(key);
    if (!value) return std::nullopt;
    return at(key, [&] { return parse_type(*value, neutral); });
}

std::optional<std::size_t> TomlSection::word(const std::string& key, const std::vector<std::string>& words) {
    const std::optional<std::string> value = text(key);
    if (!value) return std::nullopt;
    const auto it = std::find(words.begin(), words.end(), *value);
    if (it == words.end()) fail(key, fmt::format("'{}' is unknown; it is one of {}", *value, fmt::join(words, ", ")));
    return static_cast<std::size_t>(it - words.begin());
}

std::optional<TomlSection> TomlSection::table(const std::string& key) {
    const toml::node* value = node(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_table()) fail(key, "must be a table: { ... }");
    return TomlSection(*value->as_table(), path_, what_.empty() ? key : what_ + ": " + key);
}

void TomlSection::finish() const {
    for (const auto& [key, value] : *table_) {
        const std::string name(key.str());
        if (known_.contains(name)) continue;
        throw InputError(
            fmt::format("{}:{}{}", path_, key.source().begin.line, what_.empty() ? "" : ": " + what_),
            fmt::format("the key '{}' is not known here; the nearest known key is '{}'", name, nearest(name, known_)));
    }
}

}  // namespace bittrue::detail
