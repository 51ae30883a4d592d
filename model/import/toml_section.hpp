// One table of a TOML file, read key by key: every error carries file and line, every key must be asked for.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <toml++/toml.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/fixed_type.hpp"

namespace bittrue::detail {

class TomlSection {
public:
    // `what` names the section in messages: "layer 'conv2d'".
    TomlSection(const toml::table& table, std::string path, std::string what);

    [[nodiscard]] bool has(const std::string& key);
    // The value of a key, or nullptr; from then on the key counts as known.
    [[nodiscard]] const toml::node* node(const std::string& key);

    // Empty when absent; InputError when of another kind or out of range.
    [[nodiscard]] std::optional<std::string> text(const std::string& key);
    [[nodiscard]] std::optional<bool> boolean(const std::string& key);
    [[nodiscard]] std::optional<double> number(const std::string& key);
    [[nodiscard]] std::optional<std::int64_t> integer(const std::string& key, std::int64_t least, std::int64_t most);
    [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(const std::string& key, std::int64_t least,
                                                                    std::int64_t most);
    [[nodiscard]] std::optional<std::vector<double>> numbers(const std::string& key);
    // A text or a list of texts.
    [[nodiscard]] std::optional<std::vector<std::string>> texts(const std::string& key);
    [[nodiscard]] std::optional<FixedType> type(const std::string& key, Dialect neutral);
    // One of the words, as its position in the list.
    [[nodiscard]] std::optional<std::size_t> word(const std::string& key, const std::vector<std::string>& words);
    [[nodiscard]] std::optional<TomlSection> table(const std::string& key);

    // InputError when the section holds a key that nobody asked for; names the nearest known one.
    void finish() const;

    [[nodiscard]] std::string place() const;                        // "net.toml:12: layer 'conv2d'"
    [[nodiscard]] std::string place(const std::string& key) const;  // "net.toml:15: layer 'conv2d': stride"
    [[noreturn]] void fail(const std::string& message) const;
    [[noreturn]] void fail(const std::string& key, const std::string& message) const;
    [[noreturn]] void missing(const std::string& key, const std::string& remedy) const;
    // Runs `make` and puts the place of `key` in front of its InputError.
    template <typename Make>
    auto at(const std::string& key, Make make) const;

    [[nodiscard]] const std::string& path() const { return path_; }
    void rename(std::string what) { what_ = std::move(what); }

private:
    const toml::table* table_;
    std::string path_;
    std::string what_;
    std::set<std::string> known_{};
};

// The one of `words` that is closest to `word` by edit distance; empty when there are none.
[[nodiscard]] std::string nearest(const std::string& word, const std::set<std::string>& words);

[[nodiscard]] toml::table parse_toml(const std::string& text, const std::string& path);

}  // namespace bittrue::detail

template <typename Make>
auto bittrue::detail::TomlSection::at(const std::string& key, Make make) const {
    try {
        return make();
    } catch (const InputError& e) {
        throw InputError(place(key), e.what());
    }
}
