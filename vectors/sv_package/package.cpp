#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/vectors/sv_package.hpp"
#include "identifiers.hpp"
#include "layer_constants.hpp"

namespace bittrue {

namespace sv_package {
namespace {

constexpr std::size_t kLine = 110;

// Free text in a comment of one line.
std::string one_line(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return text;
}

std::string describe(const Shape& shape) {
    switch (shape.layout) {
        case Layout::Vector: return print_dims(shape.dims);
        case Layout::Hwc: return print_dims(shape.dims) + " (row, column, channel)";
        case Layout::Chw: return print_dims(shape.dims) + " (channel, row, column)";
    }
    return {};
}

class Writer {
public:
    explicit Writer(const Graph& graph) : graph_(graph) {}

    std::string body() {
        codes();
        input();
        for (const Node& node : graph_.nodes) layer(node);
        return text_;
    }

private:
    void codes() {
        for (const CodeGroup& group : code_groups()) {
            text_ += fmt::format("    // Codes of {}\n", group.title);
            std::string line = "    localparam int ";
            for (std::size_t i = 0; i < group.names.size(); ++i) {
                const bool last = i + 1 == group.names.size();
                const std::string item = fmt::format("{} = {}{}", group.names[i], i, last ? ";" : ",");
                if (line.size() + 1 + item.size() > kLine) {
                    text_ += line + "\n";
                    line = "       ";
                }
                line += (line.back() == ' ' ? "" : " ") + item;
                taken_.insert(group.names[i]);
            }
            text_ += line + "\n";
        }
    }

    void input() {
        Constants constants;
        shape("", graph_.input.shape, constants);
        constants.conversion("", graph_.input.type);
        text_ +=
            fmt::format("\n    // The network's input \"{}\": {}\n", graph_.input.name, describe(graph_.input.shape));
        prefixes_[graph_.input.name] = print("INPUT", constants.list()) + "_";
    }

    void layer(const Node& node) {
        const Operation& op = node.op;
        Constants constants;
        constants.code("OP", op_code(op));
        std::string reads;
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            const std::string& from = node.inputs[i];
            const std::string own = node.inputs.size() == 1 ? "IN_" : fmt::format("IN{}_", i);
            reads += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", from);
            source(own, from, constants);
        }
        for (const Constant& c : layer_constants(node, type_of(graph_, node.inputs.front())))
            constants.add(c.type, c.name, c.value, c.comment);
        shape("OUT_", node.shape, constants);
        constants.conversion("OUT_", node.result);
        text_ +=
            fmt::format("\n    // \"{}\": {} of {}; gives {}\n", node.name, op_name(op), reads, describe(node.shape));
        prefixes_[node.name] = print(constant_prefix(node.name), constants.list()) + "_OUT_";
    }

    static void shape(const std::string& prefix, const Shape& s, Constants& out) {
        out.number(prefix + "ELEMENTS", s.count());
        if (s.layout == Layout::Vector) return;
        out.number(prefix + "ROWS", s.height());
        out.number(prefix + "COLUMNS", s.width());
        out.number(prefix + "CHANNELS", s.channels());
        out.flag(prefix + "CHANNELS_FIRST", s.layout == Layout::Chw);
    }

    // What a layer reads is what another one gives.
    void source(const std::string& own, const std::string& tensor, Constants& out) const {
        const std::string& theirs = prefixes_.at(tensor);
        const auto same = [&](const std::string& type, const std::string& name) {
            out.add(type, own + name, theirs + name, "");
        };
        same("int", "ELEMENTS");
        if (shape_of(graph_, tensor).layout != Layout::Vector) {
            for (const char* name : {"ROWS", "COLUMNS", "CHANNELS"}) same("int", name);
            same("bit", "CHANNELS_FIRST");
        }
        same("int", "WIDTH");
        same("int", "FRAC");
        same("bit", "SIGNED");
    }

    // Under the first of BASE, BASE_2, BASE_3, ... whose names are all free; says which.
    std::string print(const std::string& base, const std::vector<Constant>& constants) {
        std::string prefix = base;
        const auto is_taken = [&](const Constant& c) { return taken_.contains(prefix + "_" + c.name); };
        for (int i = 2; std::any_of(constants.begin(), constants.end(), is_taken); ++i)
            prefix = fmt::format("{}_{}", base, i);
        for (const Constant& c : constants) {
            const std::string name = prefix + "_" + c.name;
            taken_.insert(name);
            text_ += fmt::format("    localparam {} {} = {};{}{}\n", c.type, name, c.value,
                                 c.comment.empty() ? "" : "  // ", c.comment);
        }
        return prefix;
    }

    const Graph& graph_;
    std::string text_{};
    std::set<std::string> taken_{};
    std::map<std::string, std::string> prefixes_{};  // by tensor: of its constants, with '_' behind
};

}  // namespace
}  // namespace sv_package

SetFile make_sv_package(const Graph& graph, const std::string& name) {
    if (!sv_package::is_identifier(name))
        throw InputError("package",
                         fmt::format("'{}' is no name of a SystemVerilog package; it takes letters, digits and "
                                     "'_', begins with no digit and is no keyword, as cnn",
                                     sv_package::one_line(name)));
    std::string text = fmt::format(
        "// Shapes and formats of the network \"{}\". Written by bittrue vectors: when the network changes, write it "
        "again.\n"
        "// value = raw * 2^-FRAC. The rules in brackets are those of bittrue's docs/numerics.md.\n"
        "/* verilator lint_off UNUSEDPARAM */\n"
        "package {};\n",
        sv_package::one_line(graph.name), name);
    text += sv_package::Writer(graph).body() + "endpackage\n/* verilator lint_on UNUSEDPARAM */\n";
    return {.path = name + ".sv", .bytes = text};
}

}  // namespace bittrue
