#include "changes/threshold_changes.hpp"

#include <cmath>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "changes/fit.hpp"
#include "changes/stored_words.hpp"
#include "subject/words.hpp"

namespace bittrue::diagnose_detail {

namespace {

class Thresholds {
public:
    Thresholds(const Site& site, const Threshold& op) : site_(site), op_(op) {}

    void propose() const {
        add("strict", op_.strict ? "true" : "false", op_.strict ? "false" : "true",
            op_.strict ? "counts a threshold that is reached, not only one that is exceeded"
                       : "counts a threshold only when it is exceeded",
            3, [](Threshold& op) {
                op.strict = !op.strict;
                return true;
            });
        propose_numbers();
        propose_words();
        propose_counts();
    }

private:
    void add(const std::string& setting, const std::string& expected, const std::string& found,
             const std::string& clause, double bits, std::function<bool(Threshold&)> edit) const {
        site_.propose({.cause = Cause::ActivationShape,
                       .setting = setting,
                       .expected = expected,
                       .found = found,
                       .text = fmt::format("'{}' {}", site_.name(), clause),
                       .bits = bits,
                       .fit = std::max(0.4, fits_rounding(site_.maker().evidence)),
                       .slot = setting},
                      [edit = std::move(edit)](Node& node) {
                          auto* op = std::get_if<Threshold>(&node.op);
                          return op != nullptr && edit(*op);
                      });
    }

    void propose_numbers() const {
        const auto scale = [&](double found, double bits) {
            if (found == op_.scale) return;
            add("scale", fmt::format("{}", op_.scale), fmt::format("{}", found),
                fmt::format("scales the count by {} where the network has {}", found, op_.scale), bits,
                [found](Threshold& op) {
                    op.scale = found;
                    return true;
                });
        };
        scale(1, 4);
        scale(op_.scale * 2, 4);
        scale(op_.scale / 2, 4);
        scale(-op_.scale, 6);
        const auto bias = [&](double found, const std::string& clause, double bits) {
            if (found == op_.bias) return;
            add("bias", fmt::format("{}", op_.bias), fmt::format("{}", found), clause, bits, [found](Threshold& op) {
                op.bias = found;
                return true;
            });
        };
        bias(0, "does not add its bias", 3);
        bias(op_.bias + op_.scale, "counts one threshold more", 3.5);
        bias(op_.bias - op_.scale, "counts one threshold less", 3.5);
        bias(-op_.bias, "subtracts its bias", 5);
    }

    void words(const std::string& found, const std::string& clause, double bits,
               std::function<bool(Parameter&)> edit) const {
        const Datapath* datapath = &site_.maker().datapath;
        add("thresholds", "as stored", found, clause, bits, [datapath, edit = std::move(edit)](Threshold& op) {
            make_raw(op.thresholds, *datapath);
            return edit(op.thresholds);
        });
    }

    void propose_words() const {
        for (const int by : {1, -1}) {
            words(fmt::format("{} one lsb", by > 0 ? "plus" : "minus"),
                  fmt::format("has thresholds that are one lsb too {}", by > 0 ? "high" : "low"), 4,
                  [by](Parameter& p) {
                      for (std::int64_t& word : p.raw) word += by;
                      return true;
                  });
        }
        for (int k = 1; k <= 8; ++k) {
            for (const int by : {k, -k}) {
                words(fmt::format("shifted by {}", by),
                      fmt::format("has thresholds with their binary point {} {}", count_of(k, "bit"),
                                  by > 0 ? "lower" : "higher"),
                      4.5 + std::log2(k), [by](Parameter& p) {
                          p.type.format.integer += by;
                          return true;
                      });
            }
        }
        const Format f = op_.thresholds.type.format;
        words(f.is_signed ? "unsigned" : "signed",
              fmt::format("reads its thresholds as {} words", f.is_signed ? "unsigned" : "signed"), 6,
              [f](Parameter& p) {
                  p.type.format.is_signed = !f.is_signed;
                  if (!reason_invalid(p.type).empty()) return false;
                  for (std::int64_t& word : p.raw) word = word_from_pattern(pattern_from_word(word, f), p.type.format);
                  return true;
              });
        const std::int64_t channels = op_.thresholds.dims[0], n = op_.thresholds.dims[1];
        if (channels < 2) return;
        const auto from_channel = [&](const std::string& clause, double bits, auto of) {
            std::vector<std::size_t> from(static_cast<std::size_t>(channels * n));
            for (std::int64_t c = 0; c < channels; ++c) {
                for (std::int64_t i = 0; i < n; ++i)
                    from[static_cast<std::size_t>(c * n + i)] = static_cast<std::size_t>(of(c) * n + i);
            }
            words(clause, fmt::format("has the thresholds of {}", clause), bits, [from](Parameter& p) {
                if (p.raw.size() != from.size()) return false;
                gather(p, from);
                return true;
            });
        };
        from_channel("the next channel", 4, [=](std::int64_t c) { return (c + 1) % channels; });
        from_channel("the channel before", 4, [=](std::int64_t c) { return (c + channels - 1) % channels; });
        from_channel("the first channel for all", 5, [](std::int64_t) { return std::int64_t{0}; });
        from_channel("the channel counted from the other end", 6, [=](std::int64_t c) { return channels - 1 - c; });
    }

    // Without its first or its last threshold.
    void propose_counts() const {
        const std::int64_t n = op_.thresholds.dims[1];
        if (n < 2) return;
        for (const bool first : {true, false}) {
            add("thresholds", fmt::format("{} thresholds", n), fmt::format("{} thresholds", n - 1),
                fmt::format("leaves out its {} threshold", first ? "lowest" : "highest"), 5, [first, n](Threshold& op) {
                    if (op.thresholds.dims[1] != n) return false;
                    Parameter& p = op.thresholds;
                    const auto cut = [&](auto& all) {
                        auto old = std::exchange(all, {});
                        for (std::size_t i = 0; i < old.size(); ++i) {
                            const std::int64_t at = static_cast<std::int64_t>(i) % n;
                            if (at != (first ? 0 : n - 1)) all.push_back(old[i]);
                        }
                    };
                    cut(p.real);
                    cut(p.raw);
                    p.dims[1] = n - 1;
                    return true;
                });
        }
    }

    const Site& site_;
    const Threshold& op_;
};

}  // namespace

void add_threshold_changes(const Site& site) {
    if (const auto* op = std::get_if<Threshold>(&site.node().op)) Thresholds(site, *op).propose();
}

}  // namespace bittrue::diagnose_detail
