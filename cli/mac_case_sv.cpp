// One dot product in SystemVerilog: plain arithmetic that both Icarus and Verilator take, and a bench for a MAC.
#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/notation.hpp"
#include "mac_case.hpp"

namespace bittrue::cli {

namespace {

constexpr int kBits = 192;  // of all exact numbers: 127 bits and what an alignment shifts them

// Codes of examples/rtl/sv/fixed_point.sv.
int code_of(Rounding r) {
    switch (r) {
        case Rounding::Trn: return 0;
        case Rounding::TrnZero: return 1;
        case Rounding::Rnd: return 2;
        case Rounding::RndZero: return 3;
        case Rounding::RndMinInf: return 4;
        case Rounding::RndInf: return 5;
        case Rounding::RndConv: return 6;
        case Rounding::RndConvOdd: return 7;
    }
    return 0;
}

int code_of(Overflow o) {
    switch (o) {
        case Overflow::Wrap: return 0;
        case Overflow::Sat: return 1;
        case Overflow::SatSym: return 2;
        case Overflow::SatZero: return 3;
        case Overflow::WrapSm: return -1;
    }
    return 0;
}

// Wraps in sign and magnitude, or that saturate some bits, are beyond the snippet.
bool is_plain(const FixedType& t) {
    return t.saturated_bits == 0 && t.overflow != Overflow::WrapSm;
}

bool is_plain(const MacSide& s) {
    const auto plain = [](const std::optional<FixedType>& t) { return !t || is_plain(*t); };
    return is_plain(s.spec.type) && plain(s.spec.product) && plain(s.spec.bias_cast) && !s.fault;
}

// Any number: the magnitude in hex, so that no tool takes it for 32 bits.
std::string literal(i128 raw) {
    std::string digits;
    for (u128 rest = raw < 0 ? -static_cast<u128>(raw) : static_cast<u128>(raw); rest != 0; rest >>= 4U)
        digits.insert(digits.begin(), "0123456789abcdef"[static_cast<unsigned>(rest & 15U)]);
    return fmt::format("{}{}'sh{}", raw < 0 ? "-" : "", kBits, digits.empty() ? "0" : digits);
}

std::string shifted(const std::string& name, int up) {
    return up == 0 ? name : fmt::format("({} <<< {})", name, up);
}

constexpr const char* kQuantise = R"(
    typedef logic signed [{top}:0] wide_t;

    // v * 2^-down, rounded and brought into lo..hi. Codes as in fixed_point.sv; rounding 7: a tie to odd.
    function automatic wide_t quantise(input wide_t v, input int down, input int rounding, input int overflow,
                                       input int width, input wide_t lo, input wide_t hi);
        wide_t r, rest, half;
        if (down <= 0) begin
            r = v <<< (-down);
        end else begin
            r = v >>> down;
            rest = v - (r <<< down);
            half = {one} <<< (down - 1);
            case (rounding)
                1: if (v < 0 && rest != 0) r = r + 1;
                2: if (rest >= half) r = r + 1;
                3: if (rest > half || (rest == half && v < 0)) r = r + 1;
                4: if (rest > half) r = r + 1;
                5: if (rest > half || (rest == half && v > 0)) r = r + 1;
                6: if (rest > half || (rest == half && r[0])) r = r + 1;
                7: if (rest > half || (rest == half && !r[0])) r = r + 1;
                default: ;
            endcase
        end
        if (r > hi || r < lo) begin
            case (overflow)
                0: begin
                    r = r & (({one} <<< width) - 1);
                    if (lo < 0 && (r >>> (width - 1)) != 0) r = r - ({one} <<< width);
                end
                3: r = 0;
                default: r = r > hi ? hi : lo;
            endcase
        end
        return r;
    endfunction
)";

class Writer {
public:
    explicit Writer(const MacCase& c) : c_(c), s_(c.expected), spec_(c.expected.spec), o_(c.expected.operands) {
        acc_frac_ = spec_.type.format.frac();
        product_frac_ = o_.weight.frac() + o_.input.frac();
        term_frac_ = spec_.product ? spec_.product->format.frac() : product_frac_;
        bias_frac_ = spec_.bias_cast ? spec_.bias_cast->format.frac() : o_.bias.frac();
        leads_ = o_.has_bias && spec_.bias == BiasPosition::First;
        steps_ = steps_of(s_);
        width_ = spec_.type.format.width;
        if (c_.found) width_ = std::max(width_, c_.found->spec.type.format.width);
    }

    std::string text() const {
        std::string out = fmt::format("// {}: one dot product of {} terms.\n", c_.word, o_.weights.size());
        out +=
            "// Plain run: computes the expected accumulators here, step by step.\n"
            "// With a MAC, whose ports are those of examples/rtl/sv/mac.sv:  +define+MAC=my_mac\n"
            "// (Icarus: -DMAC=my_mac; Verilator: -DMAC=my_mac) feeds it the operands and checks what comes out.\n";
        out += fmt::format(
            "//   $ iverilog -g2012 -s dot_product -o dot_product.vvp dot_product.sv && vvp -n "
            "dot_product.vvp\n//   $ verilator --binary --timing -Wno-fatal --top-module dot_product "
            "dot_product.sv && obj_dir/Vdot_product\n");
        out += example_text();
        out += "`timescale 1ns / 1ps\nmodule dot_product;\n";
        out += declarations();
        out += "`ifdef MAC\n" + bench() + "`else\n" + arithmetic() + "`endif\nendmodule\n";
        return out;
    }

private:
    static std::string bits(std::int64_t word, Format f) {
        return fmt::format("{}'h{:x}", f.width, pattern_from_word(word, f));
    }

    // Why the MAC of the examples is another one; empty: it is this one.
    std::string stranger() const {
        const FixedType& type = spec_.type;
        const bool sequential = spec_.schedule == Schedule::Sequential && spec_.quantize == QuantizeAt::Step;
        if (!sequential) return "it adds term by term, each sum quantised";
        if (o_.has_bias && spec_.bias == BiasPosition::Last) return "it adds the bias first";
        if (spec_.product && *spec_.product != type) return "it casts products into the accumulator's type alone";
        if (o_.has_bias && spec_.bias_cast && *spec_.bias_cast != type) return "it casts no bias before it is added";
        const bool known = is_plain(type) && type.rounding != Rounding::RndConvOdd;
        return known ? "" : "it has no such accumulator type";
    }

    std::string example_text() const {
        if (const std::string why = stranger(); !why.empty())
            return fmt::format("// examples/rtl/sv/mac.sv is another MAC: {}.\n", why);
        return "// The MAC of examples/rtl/sv, SV the name of that folder; -DPARAMETERS gives it those of this one:\n"
               "//   $ iverilog -g2012 -DMAC=mac -DPARAMETERS -s dot_product -o dot_product.vvp SV/fixed_point.sv "
               "SV/requantise.sv SV/mac.sv dot_product.sv && vvp -n dot_product.vvp\n";
    }

    Format bias() const { return o_.has_bias ? o_.bias : Format{1, 1, false}; }

    // Of examples/rtl/sv/mac.sv.
    std::string parameters() const {
        const auto of = [](const char* name, Format f) {
            return fmt::format(".{0}_WIDTH({1}), .{0}_FRAC({2}), .{0}_SIGNED({3}), ", name, f.width, f.frac(),
                               f.is_signed ? 1 : 0);
        };
        const FixedType& type = spec_.type;
        return of("W", o_.weight) + of("X", o_.input) + of("B", bias()) + of("ACC", type.format) +
               fmt::format(".ACC_ROUND({}), .ACC_OVERFLOW({}), .PRODUCT_CAST({})", code_of(type.rounding),
                           code_of(type.overflow), spec_.product ? 1 : 0);
    }

    // An accumulator of this format as the bench may see it: as the number, or its own bits with nothing, or zeros,
    // in front, as simulators connect a narrower port. `other`: what it must not be taken for.
    std::vector<std::string> seen(i128 raw, Format format, std::uint64_t other) const {
        Format wide = format;
        wide.width = width_;
        std::vector<std::string> all{bits(word_from_raw(raw), wide)};
        if (format.width == width_) return all;
        const std::string own = bits(word_from_raw(raw), format);
        all.push_back(fmt::format("{{{{{}{{1'bz}}}}, {}}}", width_ - format.width, own));
        const std::uint64_t low = pattern_from_word(word_from_raw(raw), format);
        if (low != other) all.push_back(fmt::format("{}'h{:x}", width_, low));
        return all;
    }

    static std::string is_one_of(const std::vector<std::string>& seen) {
        std::vector<std::string> tests;
        for (const std::string& one : seen) tests.push_back("acc === " + one);
        return fmt::format("{}", fmt::join(tests, " || "));
    }

    std::string verdict() const {
        const auto whole = [this](const MacSide& s) {
            Format wide = s.spec.type.format;
            wide.width = width_;
            return pattern_from_word(word_from_raw(s.accumulator_raw), wide);
        };
        const std::uint64_t expected = whole(s_);
        const std::uint64_t found = c_.found ? whole(*c_.found) : expected;
        std::string out = fmt::format("    // accumulator {}; the network: {}\n", print_type(spec_.type),
                                      print_raw(s_.accumulator_raw));
        if (c_.found)
            out += fmt::format("    // the dump: {} of {}\n", print_raw(c_.found->accumulator_raw),
                               print_type(c_.found->spec.type));
        const auto own = [](const MacSide& s) { return bits(word_from_raw(s.accumulator_raw), s.spec.type.format); };
        out += fmt::format(
            "    task verdict(input logic [{}:0] acc);\n        if ({}) $display(\"PASS: the accumulator "
            "is %h\", {});\n",
            width_ - 1, is_one_of(seen(s_.accumulator_raw, spec_.type.format, found)), own(s_));
        if (found != expected)
            out += fmt::format("        else if ({}) $display(\"FAIL: expected %h, got %h as in the dump\", {}, {});\n",
                               is_one_of(seen(c_.found->accumulator_raw, c_.found->spec.type.format, expected)),
                               own(s_), own(*c_.found));
        return out +
               fmt::format("        else $display(\"FAIL: expected %h, got %h\", {}, acc);\n    endtask\n", own(s_));
    }

    std::string declarations() const {
        std::string out = fmt::format("    localparam int TERMS = {};\n", o_.weights.size());
        out += fmt::format("    logic [{}:0] weight[TERMS];  // {}\n", o_.weight.width - 1,
                           print_type({.format = o_.weight}));
        out += fmt::format("    logic [{}:0] x[TERMS];  // {}\n", o_.input.width - 1, print_type({.format = o_.input}));
        out += fmt::format("    localparam logic [{}:0] BIAS = {};  // {}\n", bias().width - 1,
                           bits(o_.has_bias ? o_.bias_word : 0, bias()),
                           o_.has_bias ? print_type({.format = bias()}) : "there is none");
        out += "    initial begin\n";
        for (std::size_t t = 0; t < o_.weights.size(); ++t)
            out += fmt::format("        weight[{0}] = {1}; x[{0}] = {2};\n", t, bits(o_.weights[t], o_.weight),
                               bits(o_.inputs[t], o_.input));
        out += "    end\n";
        return out + verdict();
    }

    // A term a clock, in order. Only a register that is quantised after each of them is compared on the way.
    std::string bench() const {
        std::string out = fmt::format(
            "    logic clk = 0, enable = 0, first = 0;\n    logic [{}:0] w;\n"
            "    logic [{}:0] v;\n    wire [{}:0] acc;\n",
            o_.weight.width - 1, o_.input.width - 1, width_ - 1);
        out += stranger().empty()
                   ? fmt::format("`ifdef PARAMETERS\n    `MAC #({})\n`else\n    `MAC\n`endif\n", parameters())
                   : "    `MAC\n";
        out += "        unit (.clk(clk), .enable(enable), .first(first), .weight(w), .x(v), .bias(BIAS), .acc(acc));\n";
        out +=
            "    initial begin\n        for (int t = 0; t < TERMS; t = t + 1) begin\n"
            "            enable = 1; first = (t == 0); w = weight[t]; v = x[t];\n"
            "            #5 clk = 1;\n            #5 clk = 0;\n            $display(\"term %0d: %h\", t, acc);\n"
            "        end\n        verdict(acc);\n        $finish;\n    end\n";
        return out;
    }

    std::string quantised(const std::string& value, int frac, const FixedType& to) const {
        return fmt::format("quantise({}, {}, {}, {}, {}, {}, {})", value, frac - to.format.frac(), code_of(to.rounding),
                           code_of(to.overflow), to.format.width, literal(range_min(to)), literal(range_max(to)));
    }
    std::string into_accumulator(const std::string& value, int frac) const {
        return quantised(value, frac, spec_.type);
    }
    static std::string term(std::int64_t t) { return fmt::format("p[{}]", t); }
    int step_frac() const { return std::max(acc_frac_, term_frac_); }
    std::string added(const std::string& to, const std::string& term) const {
        const int frac = step_frac();
        return into_accumulator(fmt::format("{} + {}", shifted(to, frac - acc_frac_), shifted(term, frac - term_frac_)),
                                frac);
    }
    std::string sum(std::int64_t begin, std::int64_t end, std::int64_t stride) const {
        std::vector<std::string> terms;
        for (std::int64_t t = begin; t < end; t += stride) terms.push_back(term(t));
        return fmt::format("({})", fmt::join(terms, " + "));
    }

    // The leaf or the node of a tree that covers first..last, at `frac`.
    std::string node(std::int64_t first, std::int64_t last, int frac) const {
        if (first < last) return shifted(fmt::format("n_{}_{}", first, last), frac - acc_frac_);
        if (leads_ && first == 0) return shifted("b", frac - bias_frac_);
        return shifted(term(first - (leads_ ? 1 : 0)), frac - term_frac_);
    }

    struct Line {
        std::string target{}, value{};
    };
    // One step of the accumulation as a statement.
    Line line(const MacStep& s) const {
        const auto terms = static_cast<std::int64_t>(o_.weights.size());
        const std::int64_t group = std::min<std::int64_t>(spec_.group, terms);
        const auto number = [&s](std::string_view word) {
            const auto at = s.what.find(word);
            return at == std::string::npos ? -1 : std::stoll(s.what.substr(at + word.size()));
        };
        const bool at_end = spec_.quantize == QuantizeAt::End;
        if (s.what == "start") {
            if (!leads_) return {"acc", literal(0)};
            return {"acc", at_end ? shifted("b", s.accumulator_frac - bias_frac_) : into_accumulator("b", bias_frac_)};
        }
        if (s.what == "end") return {"acc", into_accumulator("acc", s.product_frac)};
        if (s.what == "bias") {
            const int frac = std::max(acc_frac_, bias_frac_);
            return {"acc", into_accumulator(fmt::format("{} + {}", shifted("acc", frac - acc_frac_),
                                                        shifted("b", frac - bias_frac_)),
                                            frac)};
        }
        if (s.what.starts_with("node ")) {
            const std::int64_t first = number("node "), last = number("..");
            int frac = std::max(acc_frac_, term_frac_);
            if (leads_) frac = std::max(frac, bias_frac_);
            const std::string name = fmt::format("n_{}_{}", first, last);
            if (first == last) return {name, into_accumulator(node(first, last, frac), frac)};
            std::int64_t half = 1;
            while (half * 2 < last - first + 1) half *= 2;
            return {name, into_accumulator(fmt::format("{} + {}", node(first, first + half - 1, frac),
                                                       node(first + half, last, frac)),
                                           frac)};
        }
        if (const std::int64_t t = number("term "); t >= 0) {
            if (at_end) return {"acc", "acc + " + shifted(term(t), s.accumulator_frac - term_frac_)};
            const std::int64_t lane = number(" lane ");
            const std::string to = lane >= 0 ? fmt::format("lane[{}]", lane) : "acc";
            return {to, added(to, term(t))};
        }
        if (s.what.ends_with(" total")) {
            const std::int64_t l = number("lane ");
            return {fmt::format("lane[{}]", l), added(literal(0), sum(l, terms, group))};
        }
        if (const std::int64_t l = number("lane "); l >= 0)
            return {"acc", into_accumulator(fmt::format("acc + lane[{}]", l), acc_frac_)};
        if (const std::int64_t r = number("pass "); r >= 0) return {"acc", added("acc", sum(r, terms, group))};
        const std::int64_t g = number("fold ");
        return {"acc", added("acc", sum(g * group, std::min((g + 1) * group, terms), 1))};
    }

    int lanes() const {
        return spec_.schedule == Schedule::Partial ? std::min(spec_.group, static_cast<int>(o_.weights.size())) : 1;
    }

    std::string arithmetic() const {
        if (!is_plain(s_)) {
            return "    initial begin\n        $display(\"nothing checked: this overflow mode is not written out here; "
                   "define MAC\");\n        $finish;\n    end\n";
        }
        std::string out = fmt::format(fmt::runtime(kQuantise), fmt::arg("top", kBits - 1), fmt::arg("one", literal(1)));
        std::string body, nodes;
        out += fmt::format(
            "    wide_t p[TERMS];  // products\n    wide_t lane[{}];\n    wide_t acc, b;\n    int wrong;\n", lanes());
        for (const MacStep& s : steps_) {
            const Line l = line(s);
            if (l.target.starts_with("n_")) nodes += fmt::format("    wide_t {};\n", l.target);
            body += fmt::format(
                "        {0} = {1};\n        if ({0} !== {2}) begin\n            wrong = wrong + 1;\n"
                "            $display(\"{3}: %0d is not {4}\", {0});\n        end\n",
                l.target, l.value, literal(s.accumulator_raw), s.what, print_raw(s.accumulator_raw));
        }
        const std::string last = line(steps_.back()).target;
        out += nodes + "    initial begin\n        #1 wrong = 0;\n";
        out += fmt::format("        for (int l = 0; l < {}; l = l + 1) lane[l] = 0;\n", lanes());
        out += "        for (int t = 0; t < TERMS; t = t + 1) begin\n";
        const auto extended = [](const char* name, Format f) {
            return f.is_signed ? fmt::format("wide_t'($signed({}))", name) : fmt::format("wide_t'({{1'b0, {}}})", name);
        };
        out +=
            fmt::format("            p[t] = {} * {};\n", extended("weight[t]", o_.weight), extended("x[t]", o_.input));
        if (spec_.product)
            out += fmt::format("            p[t] = {};\n", quantised("p[t]", product_frac_, *spec_.product));
        out += "        end\n";
        out += fmt::format("        b = {};\n", o_.has_bias ? extended("BIAS", o_.bias) : literal(0));
        if (o_.has_bias && spec_.bias_cast)
            out += fmt::format("        b = {};\n", quantised("b", o_.bias.frac(), *spec_.bias_cast));
        out += body;
        out += fmt::format(
            "        if (wrong != 0) $display(\"FAIL: %0d steps differ\", wrong);\n        else "
            "verdict({}[{}:0]);\n        $finish;\n    end\n",
            last, width_ - 1);
        return out;
    }

    const MacCase& c_;
    const MacSide& s_;
    const AccumulatorSpec& spec_;
    const MacOperands& o_;
    int width_ = 0;  // that holds the accumulators of both sides
    int acc_frac_ = 0, product_frac_ = 0, term_frac_ = 0, bias_frac_ = 0;
    bool leads_ = false;
    std::vector<MacStep> steps_{};
};

}  // namespace

std::string case_sv(const MacCase& c) {
    return Writer(c).text();
}

}  // namespace bittrue::cli
