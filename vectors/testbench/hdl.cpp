#include "hdl.hpp"

#include <stdexcept>

#include <fmt/core.h>

#include "template.hpp"
#include "templates.hpp"

namespace bittrue::testbench {
namespace {

using Items = std::vector<Fields>;

Fields item(const std::string& name, const std::string& value) {
    return {.texts = {{"name", name}, {"value", value}}};
}

// For comments: what is not printable ASCII becomes '?'.
std::string plain(const std::string& text) {
    std::string out;
    for (const char c : text) out += c >= ' ' && c <= '~' ? c : '?';
    return out;
}

// "conv2d: 26x26x8 words of s8.5 for each image, 4 in a word"
std::string comment_of(const Boundary& b) {
    std::string shape;
    for (const std::int64_t size : b.dims) shape += (shape.empty() ? "" : "x") + std::to_string(size);
    const std::string words = b.plan.lanes == 1 ? "" : fmt::format(", {} in a word", b.plan.lanes);
    return fmt::format("{}: {} words of {}{}.{} for each image{}", plain(b.name), shape, b.format.is_signed ? "s" : "u",
                       b.format.width, b.format.frac(), words);
}

struct Spelling {
    const char* language = "";
    const char* suffix = "";
    const char* icarus = "";  // its generation of the language
};

Spelling spelling_of(TestbenchLanguage language) {
    switch (language) {
        case TestbenchLanguage::SystemVerilog: return {"sv", "sv", "2012"};
        case TestbenchLanguage::Verilog: return {"verilog", "v", "2001"};
        case TestbenchLanguage::Vhdl: return {"vhdl", "vhd", ""};
        case TestbenchLanguage::Verilator:
        case TestbenchLanguage::Hls: break;
    }
    throw std::logic_error("spelling_of: language " + std::to_string(static_cast<int>(language)) + " is no HDL");
}

class Writer {
public:
    explicit Writer(const Plan& plan)
        : plan_(plan),
          vhdl_(plan.options.language == TestbenchLanguage::Vhdl),
          memory_(plan.options.style == PortStyle::Memory) {}

    Fields top() const {
        Fields fields;
        const TestbenchOptions& options = plan_.options;
        fields.texts = {{"module", options.module},
                        {"network", plain(plan_.network)},
                        {"images", std::to_string(plan_.images)},
                        {"timeout", std::to_string(plan_.timeout)},
                        {"runaway", std::to_string(plan_.runaway)},
                        {"stalls", options.stalls ? "1" : "0"},
                        {"seed", std::to_string(options.seed & 0x7fffffffU)},
                        {"input_id", plan_.input().id},
                        {"input_words", std::to_string(plan_.input().plan.words)},
                        {"output_id", ""}};
        fields.flags = {{"stream", !memory_},       {"memory", memory_},
                        {"axis", plan_.any_axis()}, {"reversed", plan_.any_reversed()},
                        {"hierarchical", false},    {"out_ready", false}};
        for (const Boundary& b : plan_.boundaries) {
            add_nets(fields, b);
            if (b.is_output && !b.ready.empty()) {
                fields.flags["out_ready"] = true;
                fields.texts["output_id"] = b.id;
            }
        }
        for (const auto& [name, value] : options.parameters) fields.lists["parameters"].push_back(item(name, value));
        fields.flags["has_parameters"] = !options.parameters.empty();
        Items connections{item(options.clock, "clk")};
        if (options.reset != "-") connections.push_back(item(options.reset, options.reset_low ? "rst_n" : "rst"));
        fields.flags["reset_low"] = options.reset_low && options.reset != "-";
        if (memory_) {
            if (options.start != "-") connections.push_back(item(options.start, "start"));
            connections.push_back(item(options.done, "done"));
        }
        Items& list = fields.lists["connections"];
        list.insert(list.begin(), connections.begin(), connections.end());
        fields.lists["input"] = {input()};
        fields.lists["checks"] = {};
        for (const Boundary* b : plan_.checked()) fields.lists["checks"].push_back(check(*b));
        fields.lists.try_emplace("paths");
        fields.lists.try_emplace("constants");
        return fields;
    }

private:
    std::string text(const std::string& s) const { return vhdl_ ? vhdl_string(s) : verilog_string(s); }
    std::string bit(bool on) const { return vhdl_ ? (on ? "true" : "false") : (on ? "1" : "0"); }

    // A signal of the testbench for each port or path of a boundary.
    void add_nets(Fields& fields, const Boundary& b) const {
        const auto net = [&](const std::string& name, const std::string& suffix, int bits, bool is_vector) {
            if (name.empty()) return;
            const std::string signal = b.id + suffix;
            Fields wire = item(signal, name);
            wire.texts["range"] = is_vector && (bits > 1 || vhdl_) ? fmt::format("[{}:0] ", bits - 1) : "";
            wire.texts["high"] = std::to_string(bits - 1);
            wire.flags["vector"] = is_vector;
            wire.flags["from_testbench"] = from_testbench(b, suffix);
            fields.lists["wires"].push_back(wire);
            if (is_path(name)) {
                fields.lists["paths"].push_back(wire);
                fields.flags["hierarchical"] = true;
            } else {
                fields.lists["connections"].push_back(item(name, signal));
            }
        };
        net(b.data, "_data", b.plan.data_bits, true);
        net(b.valid, "_valid", 1, false);
        net(b.ready, "_ready", 1, false);
        net(b.last, "_last", 1, false);
        net(b.keep, "_keep", b.plan.data_bits / 8, true);
        net(b.address, "_addr", b.address_bits, true);
        net(b.enable, "_we", 1, false);
    }

    static bool from_testbench(const Boundary& b, const std::string& suffix) {
        if (b.is_input) return suffix != "_ready" && suffix != "_addr" && suffix != "_we";
        return b.is_output && suffix == "_ready";
    }

    Fields input() const {
        const Boundary& b = plan_.input();
        Fields fields;
        fields.texts = {{"id", b.id},
                        {"words", std::to_string(b.plan.words)},
                        {"high", std::to_string(b.plan.total_bits - 1)},
                        {"data_high", std::to_string(b.plan.data_bits - 1)},
                        {"keep_high", std::to_string(b.plan.total_bits - 2)},
                        {"data_bits", std::to_string(b.plan.data_bits)},
                        {"ready", b.ready.empty() ? (vhdl_ ? "'1'" : "1'b1") : b.id + "_ready"},
                        {"enable", b.enable.empty() ? (vhdl_ ? "'1'" : "1'b1") : b.id + "_we"},
                        {"file", text(b.stem)},
                        {"bits", std::to_string(b.plan.total_bits)},
                        {"address_bits", std::to_string(b.address_bits)},
                        {"range", b.plan.total_bits > 1 ? fmt::format("[{}:0] ", b.plan.total_bits - 1) : ""}};
        fields.flags = {{"is_axis", b.packing.axis}, {"has_last", !b.last.empty()}, {"has_keep", !b.keep.empty()}};
        return fields;
    }

    Fields check(const Boundary& b) const {
        Fields fields;
        const PackingPlan& plan = b.plan;
        Items& parameters = fields.lists["parameters"];
        const auto add = [&](const std::string& name, const std::string& value) {
            parameters.push_back(item(name, value));
        };
        const auto number = [&](const std::string& name, std::int64_t value) { add(name, std::to_string(value)); };
        add("NAME", text(b.name));
        add(vhdl_ ? "FILE_NAME" : "FILE", text(b.stem));
        number("IMAGES", b.images);
        number("WORDS", plan.words);
        number("BITS", plan.total_bits);
        number("LANES", plan.lanes);
        number("LANE_BITS", plan.lane_bits);
        if (b.packing.first_high) add("FIRST_HIGH", bit(true));
        if (plan_.any_axis()) {
            number("DATA_BITS", plan.data_bits);
            if (b.packing.axis) {
                add("CHECK_LAST", bit(!b.last.empty()));
                add("CHECK_KEEP", bit(!b.keep.empty()));
            }
        }
        if (b.packing.reverse_bits) add("REVERSE_BITS", bit(true));
        if (b.packing.reverse_bytes) add("REVERSE_BYTES", bit(true));
        if (memory_) number("ADDRESS_BITS", b.address_bits);
        number("WIDTH", plan.width);
        number("FRAC", b.format.frac());
        add("SIGNED", bit(b.format.is_signed));
        number("ELEMENTS", plan.elements);
        add_axes(b, add);
        if (b.stride != 1) number("STRIDE", b.stride);

        const std::string data = !b.packing.axis ? b.id + "_data" : sideband(b);
        fields.texts = {{"id", b.id},
                        {"name", text(b.name)},
                        {"comment", comment_of(b)},
                        {"word", data},
                        {"high", std::to_string(plan.total_bits - 1)},
                        {"take", take(b)},
                        {"valid", b.id + "_valid"},
                        {"address", b.id + "_addr"},
                        {"enable", b.id + "_we"}};
        fields.flags = {{"has_ready", !b.ready.empty()}, {"is_axis", b.packing.axis}};
        return fields;
    }

    template <typename Add>
    void add_axes(const Boundary& b, const Add& add) const {
        const auto name = [&](std::size_t i) { return text(b.axes.empty() ? "" : b.axes[i] + " "); };
        if (b.dims.size() != 1) add("AXES", std::to_string(b.dims.size()));
        if (b.axes.empty()) add(vhdl_ ? "IMAGE_AXIS" : "IMAGE", name(0));
        const bool plain = b.axes.size() == 2 && b.axes[1] == "channel";
        for (std::size_t i = 1; i <= b.dims.size(); ++i) {
            if (!plain) add(fmt::format("AXIS{}", i), name(i));
        }
        for (std::size_t i = 2; i <= b.dims.size(); ++i) add(fmt::format("SIZE{}", i), std::to_string(b.dims[i - 1]));
    }

    std::string take(const Boundary& b) const {
        if (memory_) return "";
        return b.ready.empty() ? b.id + "_valid" : b.id + "_valid" + (vhdl_ ? " and " : " & ") + b.id + "_ready";
    }

    // {TLAST, TKEEP, TDATA}; 0 stands for what the design does not have.
    std::string sideband(const Boundary& b) const {
        const int bytes = b.plan.data_bits / 8;
        const std::string last = !b.last.empty() ? b.id + "_last" : vhdl_ ? "'0'" : "1'b0";
        const std::string none = vhdl_ ? fmt::format("({} downto 0 => '0')", bytes - 1) : fmt::format("{}'d0", bytes);
        const std::string keep = !b.keep.empty() ? b.id + "_keep" : none;
        return vhdl_ ? last + " & " + keep + " & " + b.id + "_data" : "{" + last + ", " + keep + ", " + b.id + "_data}";
    }

    const Plan& plan_;
    bool vhdl_;
    bool memory_;
};

}  // namespace

std::vector<SetFile> hdl_files(const Plan& plan) {
    const Spelling spelling = spelling_of(plan.options.language);
    Fields fields = Writer(plan).top();
    fields.texts["suffix"] = spelling.suffix;
    fields.texts["icarus"] = spelling.icarus;
    for (const char* const name : {"sv", "vhdl"}) fields.flags[name] = spelling.language == std::string(name);
    std::vector<SetFile> files;
    const auto add = [&](const std::string& path, const std::string& name) {
        files.push_back({.path = "tb/" + path, .bytes = fill_in(template_text(name), fields)});
    };
    add("README.md", "hdl_readme.md");
    std::vector<std::string> parts{"bittrue_basics", "bittrue_feed", "bittrue_check"};
    if (plan.options.style == PortStyle::Stream) parts.push_back("bittrue_pauses");
    for (const std::string& part : parts) add(part + "." + spelling.suffix, part + "." + spelling.suffix);
    add(plan.options.module + "_tb." + spelling.suffix, std::string("top.") + spelling.suffix);
    return files;
}

std::string verilog_string(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += std::string("\\") + c;
        } else if (byte < 0x20 || byte > 0x7e) {
            out += fmt::format("\\{:03o}", byte);
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string vhdl_string(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte > 0x7e) {
            out += fmt::format("\" & character'val({}) & \"", byte);
        } else {
            out += c == '"' ? std::string("\"\"") : std::string(1, c);
        }
    }
    return out + "\"";
}

}  // namespace bittrue::testbench
