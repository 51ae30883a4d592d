#include "network_text.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "bittrue/explore/sweep.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"
#include "bittrue/model/notation.hpp"

namespace bittrue::cli {

namespace {

namespace fs = std::filesystem;

// A text of the file that names another file, and where it stands: from its first quote to behind its last.
struct NamedFile {
    std::string name{};
    std::size_t begin = 0, end = 0;
};

// TOML counts characters, a text bytes.
std::size_t offset_of(const std::string& text, const toml::source_position& place) {
    constexpr std::string_view kMark = "\xef\xbb\xbf";  // of UTF-8, in front of the first line
    std::size_t at = text.starts_with(kMark) ? kMark.size() : 0;
    for (toml::source_index line = 1; line < place.line; ++line) at = text.find('\n', at) + 1;
    const auto continues = [&] { return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U; };
    for (toml::source_index column = 1; column < place.column; ++column) {
        ++at;
        while (continues()) ++at;
    }
    return at;
}

class NamedFiles {
public:
    explicit NamedFiles(const std::string& text) : text_(text) {
        const toml::table document = toml::parse(text);
        if (const toml::node* weights = document.get("weights")) {
            if (const toml::array* list = weights->as_array()) {
                for (const toml::node& one : *list) take(one);
            } else {
                take(*weights);
            }
        }
        if (const toml::node* layers = document.get("layer")) look_into(*layers);
        std::sort(found.begin(), found.end(), [](const NamedFile& a, const NamedFile& b) { return a.begin < b.begin; });
    }

    std::vector<NamedFile> found{};  // in the order of the text

private:
    // Parameters of layers are tables with a key "file", at any depth.
    void look_into(const toml::node& node) {
        if (const toml::array* list = node.as_array()) {
            for (const toml::node& one : *list) look_into(one);
        } else if (const toml::table* table = node.as_table()) {
            for (const auto& [key, value] : *table) {
                if (key.str() == "file")
                    take(value);
                else
                    look_into(value);
            }
        }
    }

    void take(const toml::node& node) {
        const toml::value<std::string>* name = node.as_string();
        if (name == nullptr) return;
        const NamedFile file{.name = name->get(),
                             .begin = offset_of(text_, node.source().begin),
                             .end = offset_of(text_, node.source().end)};
        const auto is_quote = [&](std::size_t at) {
            return at < text_.size() && (text_[at] == '"' || text_[at] == '\'');
        };
        if (file.end <= file.begin + 1 || !is_quote(file.begin) || text_[file.end - 1] != text_[file.begin])
            throw std::logic_error("the text of a file's name is not where TOML says it is");
        found.push_back(file);
    }

    const std::string& text_;
};

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        constexpr unsigned kFirstPrintable = 0x20, kDelete = 0x7f;
        if (c == '"' || c == '\\')
            result += fmt::format("\\{}", c);
        else if (code < kFirstPrintable || code == kDelete)
            result += fmt::format("\\u{:04x}", code);
        else
            result += c;
    }
    return result + "\"";
}

std::string beside(const std::string& network_file, const std::string& name) {
    return fs::path(name).is_absolute() ? name : (fs::path(network_file).parent_path() / name).string();
}

}  // namespace

std::vector<std::string> weights_files(const std::string& text, const std::string& from) {
    std::vector<std::string> files;
    try {
        for (const NamedFile& file : NamedFiles(text).found) files.push_back(beside(from, file.name));
    } catch (const toml::parse_error&) {
        files.clear();  // what is wrong is load_network's to say
    }
    return files;
}

std::string with_weights_found(const std::string& text, const std::string& from, const std::string& to) {
    std::error_code error;
    if (fs::equivalent(fs::absolute(from).parent_path(), fs::absolute(to).parent_path(), error)) return text;
    std::string changed;
    std::size_t at = 0;
    for (const NamedFile& file : NamedFiles(text).found) {
        if (fs::path(file.name).is_absolute()) continue;
        changed += text.substr(at, file.begin - at) + quoted(weights_path_for(beside(from, file.name), to));
        at = file.end;
    }
    return changed + text.substr(at);
}

std::string with_accumulators(const std::string& text, const Graph& graph, std::span<const AccumulatorSpec> specs) {
    const auto nodes = explore::accumulating_nodes(graph);
    const auto key_of = [](const std::string& line) {
        const auto begin = line.find_first_not_of(" \t");
        const auto end = line.find_first_of(" \t=", begin);
        return begin == std::string::npos || end == std::string::npos ? std::string{} : line.substr(begin, end - begin);
    };
    // "[input]" or "[[layer]]", not a line of numbers within an array.
    const auto is_table = [](const std::string& line) {
        const auto begin = line.find_first_not_of(" \t");
        const auto name = line.find_first_not_of(" \t[", begin);
        return begin != std::string::npos && line[begin] == '[' && name != std::string::npos &&
               std::isalpha(static_cast<unsigned char>(line[name])) != 0;
    };
    std::vector<std::vector<std::string>> parts(1);  // each begins with its table's line
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        if (is_table(line)) parts.emplace_back();
        parts.back().push_back(line);
    }
    for (auto& part : parts) {
        for (std::size_t k = 0; k < nodes.size(); ++k) {
            const auto name = std::find_if(part.begin(), part.end(), [&](const std::string& line) {
                return key_of(line) == "name" && line.find('"' + graph.nodes[nodes[k]].name + '"') != std::string::npos;
            });
            if (name == part.end() || part.front().find("[layer]") == std::string::npos) continue;
            const auto set = [&](const std::string& key, const FixedType& type) {
                const std::string wanted = fmt::format("{} = \"{}\"", key, print_type(type));
                const auto old = std::find_if(part.begin() + 1, part.end(),
                                              [&](const std::string& line) { return key_of(line) == key; });
                if (old != part.end()) {
                    *old = wanted;
                } else {
                    part.insert(part.begin() + 1, wanted);
                }
            };
            set("accumulator", specs[k].type);
            // It has the accumulator's type and changes with it.
            if (specs[k].bias_cast == specs[k].type) set("bias_cast", *specs[k].bias_cast);
        }
    }
    std::string changed;
    for (const auto& part : parts) {
        for (const std::string& line : part) changed += line + "\n";
    }
    return changed;
}

}  // namespace bittrue::cli
