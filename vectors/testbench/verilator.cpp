// A C++ main over the verilated model. A small module around the design has the ports that the main knows: so the
// widths are checked by Verilator, parameters and inner signals can be named, and no name needs to be one of C++.
#include <algorithm>

#include <fmt/core.h>

#include "cpp.hpp"
#include "templates.hpp"

namespace bittrue::testbench {
namespace {

constexpr const char* kTop = "bittrue_top";

Fields item(const std::string& name, const std::string& value) {
    return {.texts = {{"name", name}, {"value", value}}};
}

// As Verilator spells a name in C++: "__" is its own.
std::string model_name(const std::string& name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        out += name[i];
        if (name[i] == '_' && i + 1 < name.size() && name[i + 1] == '_') {
            out += "__05F";
            ++i;
        }
    }
    return out;
}

class Writer {
public:
    explicit Writer(const Plan& plan) : plan_(plan), memory_(plan.options.style == PortStyle::Memory) {}

    Fields top() {
        const TestbenchOptions& options = plan_.options;
        Fields& f = fields_;
        f.texts = {{"module", options.module},
                   {"top", kTop},
                   {"network", cpp_comment(plan_.network)},
                   {"images", std::to_string(plan_.images)},
                   {"timeout", std::to_string(plan_.timeout)},
                   {"runaway", std::to_string(runaway())},
                   {"stalls", options.stalls ? "true" : "false"},
                   {"seed", std::to_string(options.seed & 0x7fffffffU)}};
        f.flags = {{"stream", !memory_}, {"memory", memory_}, {"axis", plan_.any_axis()}, {"out_ready", false}};
        for (const char* const list : {"ports", "connections", "paths", "parameters", "checks"}) f.lists[list] = {};
        for (const auto& [name, value] : options.parameters) f.lists["parameters"].push_back(item(name, value));
        add_control("input", "clk", options.clock);
        if (options.reset != "-") add_control("input", "rst", options.reset, options.reset_low ? "!rst" : "rst");
        f.flags["has_reset"] = options.reset != "-";
        if (memory_) {
            add_control("input", "start", options.start);
            add_control("output", "done", options.done);
        }
        f.flags["has_start"] = options.start != "-";
        for (const Boundary& b : plan_.boundaries) {
            add_ports(b);
            Fields boundary = names_of(b);
            if (b.is_output && !b.ready.empty()) {
                f.flags["out_ready"] = true;
                f.texts["out_ready_port"] = model_name(b.id + "_ready");
            }
            if (b.is_input) {
                f.lists["input"] = {boundary};
            } else if (b.is_checked) {
                f.lists["checks"].push_back(boundary);
            }
        }
        return f;
    }

private:
    void add_control(const char* direction, const char* signal, const std::string& port, const char* value = nullptr) {
        if (port == "-") return;
        add_port(direction, signal, 1);
        fields_.lists["connections"].push_back(item(port, value == nullptr ? signal : value));
    }

    void add_port(const char* direction, const std::string& signal, int bits) {
        Fields port = item(signal, direction);
        port.texts["range"] = bits > 1 ? fmt::format("[{}:0] ", bits - 1) : "";
        fields_.lists["ports"].push_back(port);
    }

    void add_ports(const Boundary& b) {
        const auto add = [&](const char* direction, const std::string& name, const std::string& suffix, int bits) {
            if (name.empty()) return;
            const std::string signal = b.id + suffix;
            add_port(direction, signal, bits);
            fields_.lists[is_path(name) ? "paths" : "connections"].push_back(item(name, signal));
        };
        const char* const given = b.is_input ? "input" : "output";
        add(given, b.data, "_data", b.plan.data_bits);
        add(given, b.valid, "_valid", 1);
        add(b.is_output ? "input" : "output", b.ready, "_ready", 1);
        add(given, b.last, "_last", 1);
        add(given, b.keep, "_keep", b.plan.data_bits / 8);
        add("output", b.address, "_addr", b.address_bits);
        add("output", b.enable, memory_enable(b), 1);
    }
    static std::string memory_enable(const Boundary& b) { return b.is_input ? "_en" : "_we"; }

    static Fields names_of(const Boundary& b) {
        Fields fields = cpp_boundary(b);
        fields.texts["data"] = model_name(b.id + "_data");
        fields.texts["valid"] = model_name(b.id + "_valid");
        fields.texts["ready"] = model_name(b.id + "_ready");
        fields.texts["last"] = model_name(b.id + "_last");
        fields.texts["keep"] = model_name(b.id + "_keep");
        fields.texts["address"] = model_name(b.id + "_addr");
        fields.texts["enable"] = model_name(b.id + memory_enable(b));
        fields.texts["keep_bits"] = std::to_string(b.plan.data_bits / 8);
        fields.flags = {{"is_axis", b.packing.axis},
                        {"has_ready", !b.ready.empty()},
                        {"has_last", !b.last.empty()},
                        {"has_keep", !b.keep.empty()},
                        {"has_enable", !b.enable.empty()}};
        return fields;
    }

    // Twice what is expected and some: designs may write a word again.
    [[nodiscard]] std::int64_t runaway() const {
        std::int64_t words = 10000;
        for (const Boundary& b : plan_.boundaries) words += 2 * b.packed_words();
        return words;
    }

    const Plan& plan_;
    bool memory_;
    Fields fields_{};
};

}  // namespace

std::vector<SetFile> verilator_files(const Plan& plan) {
    std::vector<SetFile> files = cpp_common_files();
    const Fields fields = Writer(plan).top();
    const auto add = [&](const std::string& path, const char* name) {
        files.push_back({.path = "tb/" + path, .bytes = fill_in(template_text(name), fields)});
    };
    add("README.md", "verilator_readme.md");
    add("bittrue_model.hpp", "verilator_model.hpp");
    add(std::string(kTop) + ".sv", "verilator_top.sv");
    add(plan.options.module + "_tb.cpp", "verilator_main.cpp");
    return files;
}

}  // namespace bittrue::testbench
