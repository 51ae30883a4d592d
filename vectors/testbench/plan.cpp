#include "plan.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "bittrue/model/error.hpp"

namespace bittrue::testbench {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// A stem as part of an identifier of every language: VHDL allows no '_' at either end and no two in a row.
std::string identifier(const std::string& stem, bool vhdl) {
    std::string id;
    for (const char c : stem) id += is_letter(c) || is_digit(c) ? c : '_';
    if (vhdl) {
        id.erase(std::unique(id.begin(), id.end(), [](char a, char b) { return a == '_' && b == '_'; }), id.end());
        if (id.size() > 1 && id.back() == '_') id.pop_back();
    }
    if (id.empty() || is_digit(id[0]) || (vhdl && id[0] == '_')) id = "n" + id;
    return id;
}

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

// As mismatch_line shows a name: what would break the line is '?'.
std::string one_line(std::string text) {
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    }
    return text;
}

int bits_for(std::int64_t words) {
    int bits = 1;
    while (bits < 62 && (std::int64_t{1} << bits) < words) ++bits;
    return bits;
}

bool is_signal_name(const std::string& name) {
    if (name.empty() || !(is_letter(name[0]) || name[0] == '_')) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '_' || c == '$' || c == '.' || c == '[' || c == ']';
    });
}

class Planner {
public:
    Planner(const VectorSet& set, const TestbenchOptions& options) : set_(set), options_(options) {}

    Plan make() {
        check_set();
        plan_.options = options_;
        plan_.network = set_.network;
        plan_.images = set_.images();
        const bool vhdl = options_.language == TestbenchLanguage::Vhdl;
        if (plan_.options.module.empty()) {
            if (set_.network.empty()) {
                throw InputError("testbench", "the network has no name; give the name of the design's module");
            }
            plan_.options.module = identifier(file_stems({set_.network})[0], vhdl);
        }
        check_design();
        output_ = find_output();
        std::vector<std::string> names;
        for (const VectorLayer& layer : set_.layers) names.push_back(layer.name);
        const std::vector<std::string> stems = file_stems(names);
        for (std::size_t i = 0; i < set_.layers.size(); ++i) add(i, stems[i], vhdl);
        if (plan_.checked().empty()) {
            throw InputError("testbench", "no boundary is left to check: name at least one that the design has");
        }
        check_unique();
        plan_.timeout = options_.timeout != 0 ? options_.timeout : default_timeout();
        // A memory's word may be written more than once.
        plan_.runaway = 10000;
        for (const Boundary& b : plan_.boundaries) plan_.runaway += 2 * b.packed_words();
        plan_.runaway = std::min<std::int64_t>(plan_.runaway, 2'000'000'000);
        return std::move(plan_);
    }

private:
    void check_set() const {
        if (set_.layers.size() < 2) throw InputError("testbench", "there is no layer to check behind the input");
        if (set_.images() == 0) throw InputError("testbench", "there are no images: nothing would be checked");
        const auto known = [&](const std::string& name) {
            if (set_.find(name) != nullptr) return;
            std::string list;
            for (const VectorLayer& layer : set_.layers) list += (list.empty() ? "" : ", ") + layer.name;
            throw InputError("testbench", "there is no layer '" + name + "'; the set has " + list);
        };
        for (const std::string& name : options_.layers) {
            known(name);
            if (name == set_.layers[0].name) {
                throw InputError("testbench", "'" + name + "' is what the testbench feeds in; it cannot be checked");
            }
        }
        for (const auto& [name, ports] : options_.ports) known(name);
        if (!options_.output.empty()) known(options_.output);
    }

    bool is_hls() const { return options_.language == TestbenchLanguage::Hls; }

    // The last layer that nobody reads.
    std::size_t find_output() const {
        for (std::size_t i = set_.layers.size() - 1; i > 0; --i) {
            const std::string& name = set_.layers[i].name;
            if (!options_.output.empty()) {
                if (name == options_.output) return i;
                continue;
            }
            const bool is_read = std::any_of(set_.layers.begin(), set_.layers.end(), [&](const VectorLayer& other) {
                return std::find(other.inputs.begin(), other.inputs.end(), name) != other.inputs.end();
            });
            if (!is_read) return i;
        }
        throw InputError("testbench", "'" + options_.output + "' is the network's input, not its output");
    }

    // The design as a whole: its name, its ports beside the boundaries, its parameters.
    void check_design() const {
        std::vector<std::string> names{plan_.options.module, options_.clock};
        if (options_.reset != "-") names.push_back(options_.reset);
        if (options_.style == PortStyle::Memory) {
            if (options_.start != "-") names.push_back(options_.start);
            names.push_back(options_.done);
        }
        for (const auto& [name, value] : options_.parameters) {
            names.push_back(name);
            if (std::any_of(value.begin(), value.end(), [](char c) { return c == '\n' || c == '\r'; })) {
                throw InputError("testbench", "the value of parameter '" + name + "' has more than one line");
            }
        }
        for (const std::string& name : names) {
            check_name("testbench", name);
            if (name.find_first_of(".[]") != std::string::npos) {
                throw InputError("testbench",
                                 "'" + name + "' is a path; the design's module, ports and parameters have names");
            }
        }
    }

    void add(std::size_t i, const std::string& stem, bool vhdl) {
        const VectorLayer& layer = set_.layers[i];
        Boundary b;
        b.original = layer.name;
        b.name = one_line(layer.name);
        b.stem = stem;
        b.id = identifier(stem, vhdl);
        b.where = "layer '" + b.name + "'";
        b.is_input = i == 0;
        b.is_output = i == output_;
        const auto given = options_.ports.find(layer.name);
        const BoundaryPorts ports = given == options_.ports.end() ? BoundaryPorts{} : given->second;
        const bool listed =
            std::find(options_.layers.begin(), options_.layers.end(), layer.name) != options_.layers.end();
        // A C++ function shows its result; inner arrays only if it was written to.
        const bool wanted = options_.layers.empty() ? b.is_output || !is_hls() : listed;
        b.is_checked = !b.is_input && wanted && ports.data != "-";
        if (ports.data == "-" && (b.is_input || (wanted && !options_.layers.empty()))) {
            throw InputError(b.where,
                             b.is_input ? "is fed in: it needs a data port" : "is to be checked and has no data port");
        }
        // An output that is not checked still has to be taken.
        if (!b.is_input && !b.is_checked && !(b.is_output && ports.data != "-")) return;
        describe(b, layer, ports);
        name_ports(b, ports);
        plan_.boundaries.push_back(std::move(b));
    }

    void describe(Boundary& b, const VectorLayer& layer, const BoundaryPorts& ports) {
        if (!layer.type) throw InputError(b.where, "its format is not known; a testbench needs it");
        if (layer.dims.size() < 2 || layer.dims.size() > 4) {
            throw InputError(b.where, "has " + std::to_string(layer.dims.size()) +
                                          " axes with that of the images; a testbench can name 2 to 4");
        }
        try {
            b.packing = parse_packing(ports.packing);
        } catch (const InputError& error) {
            throw InputError(b.where, error.what());
        }
        if (b.packing.pe != 0) throw InputError(b.where, "pe and simd fold weights; lanes pack the words of a layer");
        if (b.packing.axis && options_.style == PortStyle::Memory) {
            throw InputError(b.where, "packing axis is for streams; a memory has no TKEEP and TLAST");
        }
        const PackedShape shape{.format = layer.type->format, .dims = layer.dims, .layout = layer.layout};
        b.plan = Packer(b.packing, shape, b.where).plan();
        if (b.plan.words == 0) throw InputError(b.where, "has no words");
        b.images = layer.images();
        b.format = shape.format;
        b.axes = axis_names(layer.layout, layer.dims);
        b.dims = Dims(layer.dims.begin() + 1, layer.dims.end());
        const std::vector<std::int64_t> order = element_order(b.packing, shape);
        if (order.size() > 1) b.stride = order[1];
        // Integers of VHDL, of C++03 and of $value$plusargs have 32 bits.
        if (b.packed_words() >= (std::int64_t{1} << 31) || b.images * b.plan.elements >= (std::int64_t{1} << 31)) {
            throw InputError(b.where, "has more than 2^31 words; write fewer images");
        }
        plan_.options.ports[layer.name] = ports;
    }

    void name_ports(Boundary& b, const BoundaryPorts& ports) {
        const bool stream = options_.style == PortStyle::Stream;
        const std::string prefix = b.is_input ? "in" : b.is_output ? "out" : b.id;
        const auto choose = [&](const std::string& given, const std::string& fallback) {
            std::string name = given.empty() ? fallback : given;
            if (name == "-") name.clear();
            if (!name.empty()) {
                check_name(b.where, name);
                if ((b.is_input || b.is_output) && is_path(name)) {
                    throw InputError(b.where,
                                     "'" + name + "' is no port: input and output cannot be hierarchical paths");
                }
            }
            return name;
        };
        b.data = choose(ports.data, is_hls() ? b.id : prefix + "_data");
        b.address_bits = ports.address_bits != 0 ? ports.address_bits : bits_for(b.plan.words);
        if (b.address_bits < bits_for(b.plan.words) || b.address_bits > 31) {
            throw InputError(b.where, "address_bits = " + std::to_string(b.address_bits) + " cannot number " +
                                          std::to_string(b.plan.words) + " words");
        }
        if (is_hls()) return;
        if (stream) {
            b.valid = choose(ports.valid, prefix + "_valid");
            if (b.valid.empty()) throw InputError(b.where, "a stream needs a valid");
            b.ready = choose(ports.ready, b.is_input || b.is_output ? prefix + "_ready" : "-");
            if (b.packing.axis) {
                b.last = choose(ports.last, prefix + "_last");
                b.keep = choose(ports.keep, prefix + "_keep");
            } else if (!ports.last.empty() || !ports.keep.empty()) {
                throw InputError(b.where, "last and keep need packing = \"axis\"");
            }
        } else {
            b.address = choose(ports.address, prefix + "_addr");
            b.enable = choose(ports.enable, b.is_input ? "-" : prefix + "_we");
            if (b.address.empty()) throw InputError(b.where, "a memory needs an address");
            if (!b.is_input && b.enable.empty()) throw InputError(b.where, "a memory that is written needs an enable");
        }
    }

    static void check_name(const std::string& where, const std::string& name) {
        if (!is_signal_name(name)) {
            throw InputError(where, "'" + name + "' is not a name of a signal or a path like dut.u_conv.out_data");
        }
    }

    // Two boundaries may watch the same signal by a path; a port can be connected once.
    void check_unique() const {
        std::map<std::string, std::string> ports;
        std::set<std::string> ids;
        const bool memory = options_.style == PortStyle::Memory;
        for (const std::string& name : {options_.clock, options_.reset, memory ? options_.start : std::string("-"),
                                        memory ? options_.done : std::string("-")}) {
            if (name != "-" && !ports.emplace(lower(name), name).second) {
                throw InputError("testbench", "two ports of the design are called '" + name + "'");
            }
        }
        for (const Boundary& b : plan_.boundaries) {
            if (!ids.insert(lower(b.id)).second) {
                throw InputError(b.where, "is too much like another layer's name: both become '" + b.id +
                                              "' in the testbench; check them one at a time with layers = [...]");
            }
            for (const std::string& name : {b.data, b.valid, b.ready, b.last, b.keep, b.address, b.enable}) {
                if (name.empty() || is_path(name)) continue;
                if (!ports.emplace(lower(name), b.name).second) {
                    throw InputError(b.where, "the design's port '" + name +
                                                  "' is used twice; name the layer's ports in a ports file");
                }
            }
        }
    }

    // Nothing here knows the design's speed: one multiplier that needs a few clocks for each weight of a dense layer,
    // or some 30 for each word, is not yet stuck.
    std::uint64_t default_timeout() const {
        std::int64_t work = 10000;
        for (const ParameterWords& p : set_.parameters) work += 4 * static_cast<std::int64_t>(p.tensor.words.size());
        for (const VectorLayer& layer : set_.layers) work += 32 * layer.words_per_image();
        return static_cast<std::uint64_t>(std::min<std::int64_t>(work, 1'000'000'000));
    }

    const VectorSet& set_;
    const TestbenchOptions& options_;
    std::size_t output_ = 0;
    Plan plan_{};
};

}  // namespace

const Boundary& Plan::output() const {
    return *std::find_if(boundaries.begin(), boundaries.end(), [](const Boundary& b) { return b.is_output; });
}

std::vector<const Boundary*> Plan::checked() const {
    std::vector<const Boundary*> list;
    for (const Boundary& b : boundaries) {
        if (b.is_checked) list.push_back(&b);
    }
    return list;
}

bool Plan::any_axis() const {
    return std::any_of(boundaries.begin(), boundaries.end(), [](const Boundary& b) { return b.packing.axis; });
}

bool Plan::any_reversed() const {
    return std::any_of(boundaries.begin(), boundaries.end(), [](const Boundary& b) { return b.is_reversed(); });
}

Plan make_plan(const VectorSet& set, const TestbenchOptions& options) {
    return Planner(set, options).make();
}

bool is_path(const std::string& name) {
    return name.find('.') != std::string::npos;
}

}  // namespace bittrue::testbench
