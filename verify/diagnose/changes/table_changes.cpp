// Tables of activations and softmaxes: size, span, contents, index, and which function they hold.
#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "bittrue/model/tables.hpp"
#include "changes/fit.hpp"
#include "changes/index_rules.hpp"

namespace bittrue::diagnose_detail {

namespace {

int size_of(const Table& table) {
    return static_cast<int>(element_count(table.entries.dims));
}

// Entry i is that of index i + by; beyond the ends the last ones again, or those of the other end.
void move_entries(Parameter& entries, std::int64_t by, bool wraps) {
    const auto move = [&](auto& all) {
        const auto old = all;
        const auto n = static_cast<std::int64_t>(all.size());
        for (std::int64_t i = 0; i < n; ++i) {
            const std::int64_t from = wraps ? ((i + by) % n + n) % n : std::clamp<std::int64_t>(i + by, 0, n - 1);
            all[static_cast<std::size_t>(i)] = old[static_cast<std::size_t>(from)];
        }
    };
    move(entries.real);
    move(entries.raw);
}

class Lookups {
public:
    Lookups(const Site& site, const Lookup& op)
        : site_(site), op_(op), fit_(std::max(0.4, fits_many(site.maker().evidence))) {}

    void propose() const {
        const bool sigmoid = op_.table.origin == "sigmoid", tanh = op_.table.origin == "tanh";
        const int n = size_of(op_.table);
        if (op_.index == TableIndex::Scaled) {
            for (const int span : std::set<int>{16, 8, op_.span * 2, op_.span / 2, 4, 32}) {
                if (span < 1 || span == op_.span) continue;
                // Read with another span, and made for another one, too.
                add(Cause::TableIndex, "span", fmt::format("{}", op_.span), fmt::format("{}", span),
                    fmt::format("covers {} where the network has a span of {}", span, op_.span), 4, [span](Lookup& op) {
                        op.span = span;
                        return true;
                    });
                if (sigmoid || tanh) remake(sigmoid, n, span, 5, "table and span");
            }
        }
        if (op_.table.entries.is_raw() || (!sigmoid && !tanh)) {
            add(Cause::TableIndex, "index", "scaled or bits", "the other one",
                op_.index == TableIndex::Scaled ? "is indexed by the top bits of the word"
                                                : "is indexed by the scaled value",
                5, [](Lookup& op) {
                    op.index = op.index == TableIndex::Scaled ? TableIndex::Bits : TableIndex::Scaled;
                    return true;
                });
            return;
        }
        add(Cause::TableIndex, "index", "scaled", "bits", "is indexed by the top bits of the word", 6, [](Lookup& op) {
            op.index = TableIndex::Bits;
            return true;
        });
        for (const int size : std::set<int>{n * 2, n / 2, 1024, 2048, 512, 256, 128, 4096, n - 1, n + 1}) {
            if (size != n) remake(sigmoid, size, op_.span, 4, "table_size");
        }
        // The other function, over its own span and over this one's.
        remake(!sigmoid, n, sigmoid ? 8 : 16, 4, "op");
        remake(!sigmoid, n, op_.span, 5, "op");
        propose_centres(sigmoid, n);
        propose_contents();
    }

private:
    void add(Cause cause, const std::string& setting, const std::string& expected, const std::string& found,
             const std::string& clause, double bits, std::function<bool(Lookup&)> edit) const {
        site_.propose({.cause = cause,
                       .setting = setting,
                       .expected = expected,
                       .found = found,
                       .text = fmt::format("the table of '{}' {}", site_.name(), clause),
                       .bits = bits,
                       .fit = fit_,
                       .slot = setting},
                      [edit = std::move(edit)](Node& node) {
                          auto* op = std::get_if<Lookup>(&node.op);
                          return op != nullptr && edit(*op);
                      });
    }

    static std::string describe(bool sigmoid, int size, int span) {
        return fmt::format("{} of {} entries over {}", sigmoid ? "sigmoid" : "tanh", size, span);
    }

    void remake(bool sigmoid, int size, int span, double bits, const std::string& setting) const {
        if (size < 2 || size > kMaxTableSize) return;
        const bool is_sigmoid = op_.table.origin == "sigmoid";
        add(setting == "table_size" ? Cause::TableSize : Cause::TableContents, setting,
            describe(is_sigmoid, size_of(op_.table), op_.span), describe(sigmoid, size, span),
            fmt::format("is that of {} where the network has {}", describe(sigmoid, size, span),
                        describe(is_sigmoid, size_of(op_.table), op_.span)),
            bits, [=](Lookup& op) {
                const FixedType type = op.table.entries.type;
                op.table = sigmoid ? sigmoid_table(size, type, span) : tanh_table(size, type, span);
                op.span = span;
                return true;
            });
    }

    // The function in the middle of each step, not at its begin: every second entry of a table of twice the size.
    void propose_centres(bool sigmoid, int n) const {
        if (2 * n > kMaxTableSize) return;
        add(Cause::TableContents, "table", "at the begin of each step", "in the middle of each step",
            "has its entries computed in the middle of their steps", 6, [=, span = op_.span](Lookup& op) {
                const FixedType type = op.table.entries.type;
                const Table fine = sigmoid ? sigmoid_table(2 * n, type, span) : tanh_table(2 * n, type, span);
                if (size_of(op.table) != n) return false;
                for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i)
                    op.table.entries.real[i] = fine.entries.real[2 * i + 1];
                return true;
            });
    }

    void propose_contents() const {
        add(Cause::TableContents, "table", "ascending", "reversed", "is stored in reversed order", 6, [](Lookup& op) {
            std::reverse(op.table.entries.real.begin(), op.table.entries.real.end());
            return true;
        });
    }

    const Site& site_;
    const Lookup& op_;
    double fit_;
};

class Softmaxes {
public:
    Softmaxes(const Site& site, const Softmax& op)
        : site_(site), op_(op), in_(site.inputs()[0].type), fit_(std::max(0.4, fits_many(site.maker().evidence))) {}

    void propose() const {
        propose_kinds();
        if (op_.kind == SoftmaxKind::Argmax) return;
        propose_table("exp_table", "exponentials", &Softmax::exp_table, "exp");
        propose_table("inv_table", "reciprocals", &Softmax::inv_table, "inverse");
        if (op_.inv_table.entries.is_raw()) return;
        add(Cause::TableContents, "inv_table", "1/0 = infinity", "0 for entry 0",
            "has 0 for the first entry of its reciprocals", 6, [](Softmax& op) {
                if (op.inv_table.entries.real[0] == 0) return false;
                op.inv_table.entries.real[0] = 0;
                return true;
            });
    }

private:
    void add(Cause cause, const std::string& setting, const std::string& expected, const std::string& found,
             const std::string& clause, double bits, std::function<bool(Softmax&)> edit) const {
        site_.propose({.cause = cause,
                       .setting = setting,
                       .expected = expected,
                       .found = found,
                       .text = fmt::format("the softmax '{}' {}", site_.name(), clause),
                       .bits = bits,
                       .fit = fit_,
                       .slot = setting},
                      [edit = std::move(edit)](Node& node) {
                          auto* op = std::get_if<Softmax>(&node.op);
                          return op != nullptr && edit(*op);
                      });
    }

    static std::string name_of(SoftmaxKind kind) {
        switch (kind) {
            case SoftmaxKind::Stable: return "stable";
            case SoftmaxKind::Latency: return "latency";
            case SoftmaxKind::Legacy: return "legacy";
            case SoftmaxKind::Argmax: return "argmax";
        }
        return {};
    }

    // hls4ml's type of x_max - x (network_file.md).
    [[nodiscard]] FixedType usual_difference() const {
        const int sign = in_.format.is_signed && in_.format.width > 1 ? 1 : 0;
        return {.format = {in_.format.width - sign, in_.format.integer - sign, false}, .dialect = in_.dialect};
    }

    // The entries of a table for an index of this format: as many as now, or as there can be.
    template <typename Make>
    static Table for_index(const Table& now, Format index, Make make) {
        const int most = 1 << std::min(index.width, 20);
        const auto size = static_cast<int>(std::bit_floor(static_cast<unsigned>(size_of(now))));
        return make(std::min(size, most), now.entries.type, index);
    }

    void propose_kinds() const {
        for (const SoftmaxKind kind :
             {SoftmaxKind::Stable, SoftmaxKind::Latency, SoftmaxKind::Legacy, SoftmaxKind::Argmax}) {
            if (kind == op_.kind || op_.kind == SoftmaxKind::Argmax) continue;
            const std::string clause =
                fmt::format("is computed as {} where the network has {}{}", name_of(kind), name_of(op_.kind),
                            kind == SoftmaxKind::Latency ? ": without the largest subtracted" : "");
            add(Cause::SoftmaxInner, "kind", name_of(op_.kind), name_of(kind), clause, 4,
                [kind, in = in_.format, difference = usual_difference()](Softmax& op) {
                    const SoftmaxKind before = op.kind;
                    const FixedType exp = op.exp_table.entries.type, inverse = op.inv_table.entries.type;
                    op.kind = kind;
                    switch (kind) {
                        case SoftmaxKind::Stable:
                            op.difference = difference;
                            op.exp_table = for_index(op.exp_table, difference.format, stable_exp_table);
                            break;
                        case SoftmaxKind::Latency: op.exp_table = for_index(op.exp_table, in, latency_exp_table); break;
                        case SoftmaxKind::Legacy:
                            op.exp_table = legacy_exp_table(size_of(op.exp_table), exp);
                            op.inv_table = legacy_inverse_table(size_of(op.inv_table), inverse);
                            break;
                        case SoftmaxKind::Argmax: break;
                    }
                    if (before == SoftmaxKind::Legacy && kind != SoftmaxKind::Argmax) {
                        op.inv_input = inverse;
                        op.inv_table = for_index(op.inv_table, op.inv_input.format, inverse_table);
                    }
                    return true;
                });
        }
    }

    // Made anew with another size: entries in steps of the index's words.
    static bool remake(Softmax& op, Table Softmax::*which, Format in, int size) {
        Table& table = op.*which;
        const FixedType type = table.entries.type;
        const bool exp = which == &Softmax::exp_table;
        if (op.kind == SoftmaxKind::Legacy) {
            table = exp ? legacy_exp_table(size, type) : legacy_inverse_table(size, type);
            return true;
        }
        const bool stable = op.kind == SoftmaxKind::Stable;
        const Format index = exp ? (stable ? op.difference.format : in) : op.inv_input.format;
        if ((size & (size - 1)) != 0 || (index.width < 30 && size > (1 << index.width))) return false;
        if (exp)
            table = stable ? stable_exp_table(size, type, index) : latency_exp_table(size, type, index);
        else
            table = inverse_table(size, type, index);
        return true;
    }

    void propose_table(const std::string& setting, const std::string& what, Table Softmax::*which,
                       const std::string& origin) const {
        const Table& table = op_.*which;
        const int n = size_of(table);
        const bool generated = table.origin == origin && !table.entries.is_raw();
        for (const std::int64_t by : {1, -1}) {
            for (const bool wraps : {true, false}) {
                add(Cause::TableIndex, setting, "index", fmt::format("index {:+}{}", by, wraps ? "" : ", clamped"),
                    fmt::format("has an index into its {} that is one too {}{}", what, by > 0 ? "high" : "low",
                                wraps ? "" : " and stops at the end"),
                    wraps ? 4 : 5, [which, by, wraps](Softmax& op) {
                        move_entries((op.*which).entries, by, wraps);
                        return true;
                    });
            }
        }
        if (!generated) return;
        for (const int size : std::set<int>{n * 2, n / 2, n * 4, n / 4, 1024, 2048, 512, 256, 128, 64, 4096}) {
            if (size == n || size < 2 || size > kMaxTableSize) continue;
            add(Cause::TableSize, setting + "_size", fmt::format("{}", n), fmt::format("{}", size),
                fmt::format("has {} {} in its table where the network has {}", size, what, n), 4,
                [which, size, in = in_.format](Softmax& op) { return remake(op, which, in, size); });
        }
        propose_centres(setting, what, which, n);
        const double last = table.entries.real.back(), first = table.entries.real.front();
        if (op_.kind == SoftmaxKind::Stable && first > last && origin == "exp") {
            add(Cause::TableContents, setting, "exp(-d)", "exp(d)", "has exp(d) in its table where it needs exp(-d)", 6,
                [which](Softmax& op) {
                    for (double& x : (op.*which).entries.real) x = 1 / x;
                    return true;
                });
        }
    }

    // Every second entry of a table of twice the size, as far as the index has a bit more.
    void propose_centres(const std::string& setting, const std::string& what, Table Softmax::*which, int n) const {
        add(Cause::TableContents, setting, "at the begin of each step", "in the middle of each step",
            fmt::format("has its {} computed in the middle of their steps", what), 6,
            [which, n, in = in_.format](Softmax& op) {
                Softmax fine = op;
                if (size_of(op.*which) != n || 2 * n > kMaxTableSize || !remake(fine, which, in, 2 * n)) return false;
                for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i)
                    (op.*which).entries.real[i] = (fine.*which).entries.real[2 * i + 1];
                return true;
            });
    }

    const Site& site_;
    const Softmax& op_;
    FixedType in_;
    double fit_;
};

}  // namespace

void add_table_changes(const Maker& maker) {
    for_each_site(maker, [](const Site& site) {
        if (const auto* op = std::get_if<Lookup>(&site.node().op)) Lookups(site, *op).propose();
        if (const auto* op = std::get_if<Softmax>(&site.node().op)) Softmaxes(site, *op).propose();
        add_index_changes(site);
    });
}

}  // namespace bittrue::diagnose_detail
