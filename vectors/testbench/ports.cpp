#include <set>
#include <string_view>

#include <fmt/core.h>
#include <toml++/toml.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/vectors/testbench.hpp"

namespace bittrue {
namespace {

// A table of the file: every key that is not asked for is an error.
class Section {
public:
    Section(const toml::table& table, std::string path, std::string what)
        : table_(table), path_(std::move(path)), what_(std::move(what)) {}

    void text(const std::string& key, std::string& value) {
        if (const toml::node* node = find(key)) {
            const auto found = node->value_exact<std::string>();
            if (!found || found->empty()) fail(*node, key + " is a name in quotes");
            value = *found;
        }
    }
    void boolean(const std::string& key, bool& value) {
        if (const toml::node* node = find(key)) {
            const auto found = node->value_exact<bool>();
            if (!found) fail(*node, key + " is true or false");
            value = *found;
        }
    }
    template <typename Integer>
    void integer(const std::string& key, Integer& value, std::int64_t least, std::int64_t most) {
        if (const toml::node* node = find(key)) {
            const auto found = node->value_exact<std::int64_t>();
            if (!found || *found < least || *found > most) {
                fail(*node, fmt::format("{} is an integer from {} to {}", key, least, most));
            }
            value = static_cast<Integer>(*found);
        }
    }
    void texts(const std::string& key, std::vector<std::string>& values) {
        const toml::node* node = find(key);
        if (node == nullptr) return;
        values.clear();
        if (const toml::array* list = node->as_array()) {
            for (const toml::node& one : *list) {
                const auto text = one.value_exact<std::string>();
                if (!text) fail(one, key + " is a list of names in quotes");
                values.push_back(*text);
            }
        }
        if (values.empty()) fail(*node, key + " is a list of names in quotes");
    }
    const toml::table* table(const std::string& key) {
        const toml::node* node = find(key);
        if (node == nullptr) return nullptr;
        if (const toml::table* found = node->as_table()) return found;
        fail(*node, key + " is a table");
    }

    void finish() const {
        for (const auto& [key, node] : table_) {
            if (known_.contains(std::string(key.str()))) continue;
            std::string list;
            for (const std::string& name : known_) list += (list.empty() ? "" : ", ") + name;
            fail(node, fmt::format("'{}' is not known {}; known are {}", key.str(), what_, list));
        }
    }
    [[noreturn]] void fail(const toml::node& node, const std::string& message) const {
        throw InputError(fmt::format("{}:{}", path_, node.source().begin.line), message);
    }

private:
    const toml::node* find(const std::string& key) {
        known_.insert(key);
        return table_.get(key);
    }

    const toml::table& table_;
    std::string path_;
    std::string what_;
    std::set<std::string> known_{};
};

// A generic as it is written in the HDL: a text verbatim.
std::string parameter_text(const Section& section, const toml::node& node, bool vhdl) {
    if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
    if (const auto truth = node.value_exact<bool>()) return vhdl ? (*truth ? "true" : "false") : (*truth ? "1" : "0");
    if (const auto text = node.value_exact<std::string>()) return *text;
    section.fail(node, "a parameter is an integer, true, false, or a text that is copied as it is");
}

BoundaryPorts read_boundary(const toml::table& table, const std::string& path, const std::string& layer) {
    Section section(table, path, "in [layer." + layer + "]");
    BoundaryPorts ports;
    section.text("data", ports.data);
    section.text("valid", ports.valid);
    section.text("ready", ports.ready);
    section.text("last", ports.last);
    section.text("keep", ports.keep);
    section.text("address", ports.address);
    section.text("enable", ports.enable);
    section.integer("address_bits", ports.address_bits, 1, 31);
    section.text("packing", ports.packing);
    section.finish();
    return ports;
}

toml::table parse(const std::string& path) {
    try {
        return toml::parse(read_file(path), path);
    } catch (const toml::parse_error& error) {
        throw InputError(fmt::format("{}:{}", path, error.source().begin.line),
                         "is not TOML: " + std::string(error.description()));
    }
}

}  // namespace

TestbenchOptions load_testbench_ports(const std::string& path, TestbenchOptions options) {
    const toml::table file = parse(path);
    Section section(file, path, "in a ports file");
    section.text("module", options.module);
    section.text("clock", options.clock);
    section.text("reset", options.reset);
    section.boolean("reset_low", options.reset_low);
    section.text("start", options.start);
    section.text("done", options.done);
    section.texts("layers", options.layers);
    section.text("output", options.output);
    section.boolean("stalls", options.stalls);
    section.integer("seed", options.seed, 1, 0x7fffffff);
    section.integer("timeout", options.timeout, 1, 1'000'000'000);
    if (const toml::table* parameters = section.table("parameters")) {
        for (const auto& [name, node] : *parameters) {
            options.parameters[std::string(name.str())] =
                parameter_text(section, node, options.language == TestbenchLanguage::Vhdl);
        }
    }
    if (const toml::table* layers = section.table("layer")) {
        for (const auto& [name, node] : *layers) {
            const std::string layer(name.str());
            const toml::table* table = node.as_table();
            if (table == nullptr) section.fail(node, "layer." + layer + " is a table");
            options.ports[layer] = read_boundary(*table, path, layer);
        }
    }
    section.finish();
    return options;
}

}  // namespace bittrue
