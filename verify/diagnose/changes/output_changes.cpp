// The words of the result: in another order, of the image before, with stuck, missing or constant bits.
#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "changes/arrangement.hpp"
#include "changes/channel_set.hpp"
#include "changes/result_arithmetic.hpp"

namespace bittrue::diagnose_detail {

namespace {

using Places = std::vector<std::int64_t>;

class OutputChanges {
public:
    explicit OutputChanges(const Maker& maker)
        : maker_(maker),
          subject_(maker.subject),
          node_(maker.subject.last()),
          shape_(node_.shape),
          format_(node_.result.format),
          where_(wrong_channel_set(maker)) {}

    void add() {
        orders();
        other_images();
        stuck_bits();
        constants();
        copied_channels();
        readings();
    }

private:
    using Edit = std::function<void(std::vector<std::int64_t>& words)>;

    void offer(Cause cause, const std::string& expected, const std::string& found, const std::string& text, double bits,
               int priority, Edit edit) {
        Candidate candidate;
        candidate.change = {.cause = cause,
                            .node = node_.name,
                            .setting = "result",
                            .expected = expected,
                            .found = found,
                            .text = text};
        candidate.bits = bits;
        candidate.priority = priority;
        candidate.slot = fmt::format("{}.result.{}", node_.name, cause_name(cause));
        candidate.apply = [edit = std::move(edit)](Variant& variant) {
            variant.after.push_back(edit);
            return true;
        };
        maker_.candidates.push_back(std::move(candidate));
    }

    void order(const std::string& found, double bits, const Reading& reading) {
        if (!distinct_.is_new(reading)) return;
        const std::string text = fmt::format("its result's words are {}", found);
        offer(Cause::OutputOrder, "in order", found, text, bits + 2, priority_of(bits, order_fit(maker_.evidence)),
              [reading](std::vector<std::int64_t>& words) { rearrange(words, reading); });
    }
    void order_moved(std::string found, double bits, std::function<void(Places&)> from) {
        order(std::move(found), bits, moved(shape_.dims, std::move(from)));
    }

    void orders() {
        if (is_no_order(maker_.evidence)) return;
        const bool is_map = shape_.layout != Layout::Vector;
        const std::size_t c = axis_position(shape_.layout, Axis::Channel);
        for (const AxisOrder& axis : axis_orders(shape_.channels())) {
            order_moved((is_map ? "in channels " : "") + axis.found, axis.bits,
                        [c, from = axis.from](Places& at) { at[c] = from(at[c]); });
        }
        if (!is_map) {
            for (const std::int64_t d : proper_divisors(shape_.count())) {
                const Dims dims{shape_.count() / d, d};
                order(fmt::format("in an order that takes {} rows of {} for {} of {}", d, dims[0], dims[0], d), 6,
                      stored_as(dims, {1, 0}));
            }
            return;
        }
        const Dims& dims = shape_.dims;
        const std::size_t y = axis_position(shape_.layout, Axis::Row), x = axis_position(shape_.layout, Axis::Column);
        const std::int64_t height = dims[y], width = dims[x];
        const bool last = shape_.layout == Layout::Hwc;
        const std::vector<std::size_t> other =
            last ? std::vector<std::size_t>{2, 0, 1} : std::vector<std::size_t>{1, 2, 0};
        const std::string first_text = "channels first where they should be channels last",
                          last_text = "channels last where they should be channels first";
        order(last ? first_text : last_text, 4, stored_as(dims, other));
        order(fmt::format("put in {} a second time", last ? "channels last" : "channels first"), 6,
              read_as(dims, other));
        if (height == width)
            order_moved("with rows and columns exchanged", 4, [=](Places& at) { std::swap(at[y], at[x]); });
        order_moved("mirrored left to right", 5, [=](Places& at) { at[x] = width - 1 - at[x]; });
        order_moved("upside down", 5, [=](Places& at) { at[y] = height - 1 - at[y]; });
        order_moved("rotated by 180 degrees", 5, [=](Places& at) {
            at[x] = width - 1 - at[x];
            at[y] = height - 1 - at[y];
        });
    }

    // The first and the last place of an image that are wrong bound what may be stale.
    void other_images() {
        const auto per_image = static_cast<std::size_t>(subject_.per_image());
        std::size_t first = per_image, end = 0;
        for (std::size_t i = 0; i < subject_.actual.size(); ++i) {
            if (subject_.is_masked(i) || subject_.actual[i] == subject_.expected()[i]) continue;
            first = std::min(first, i % per_image);
            end = std::max(end, i % per_image + 1);
        }
        if (end == 0) return;
        stale("that of the image before", 5, 30, 0, per_image);
        if (end < per_image) stale(fmt::format("that of the image before up to its word {}", end - 1), 9, 50, 0, end);
        if (first > 0)
            stale(fmt::format("that of the image before from its word {} on", first), 9, 50, first, per_image);
        if (first > 0 && end < per_image)
            stale(fmt::format("that of the image before in its words {} to {}", first, end - 1), 13, 60, first, end);
    }

    void stale(const std::string& found, double bits, int priority, std::size_t begin, std::size_t end) {
        Candidate candidate;
        candidate.change = {.cause = Cause::StaleImage,
                            .node = node_.name,
                            .setting = "result",
                            .expected = "of the image itself",
                            .found = found,
                            .text = fmt::format("its result is {}", found)};
        candidate.bits = bits;
        candidate.priority = priority;
        candidate.slot = node_.name + ".result.stale";
        candidate.apply = [begin, end, subject = &subject_, datapath = &maker_.datapath](Variant& variant) {
            Chain chain = variant.chain;
            // Another change may have put tensors of its own beside those of the subject.
            for (std::size_t given = 0; given < subject->chain.given.size(); ++given) {
                TensorWords before = variant.previous(given);
                const int at = given_index(chain, before.name);
                if (at < 0) return false;
                TensorWords& now = chain.given[static_cast<std::size_t>(at)];
                if (before.type.format != now.type.format || !(before.shape == now.shape)) return false;
                now.words = std::move(before.words);
            }
            const auto per_image = static_cast<std::size_t>(variant.chain.nodes.back().shape.count());
            variant.after.push_back([=, chain = std::move(chain)](std::vector<std::int64_t>& words) {
                const std::vector<std::int64_t> before = datapath->run(chain).back().words;
                for (std::size_t i = 0; i < words.size(); ++i) {
                    if (i % per_image >= begin && i % per_image < end) words[i] = before[i];
                }
            });
            return true;
        };
        maker_.candidates.push_back(std::move(candidate));
    }

    // Applies `change` to the words of the channels that are wrong.
    [[nodiscard]] Edit per_word(std::function<std::int64_t(std::int64_t)> change) const {
        return [change = std::move(change), where = where_, shape = shape_](std::vector<std::int64_t>& words) {
            const auto count = static_cast<std::size_t>(shape.count());
            for (std::size_t i = 0; i < words.size(); ++i) {
                const std::int64_t channel = shape.channel_of(static_cast<std::int64_t>(i % count));
                if (where.has(channel)) words[i] = change(words[i]);
            }
        };
    }
    [[nodiscard]] double where_bits() const { return where_.lanes == 1 ? 0 : 4; }

    void stuck_bits() {
        const Evidence& seen = maker_.evidence;
        for (int bit = 0; bit < format_.width; ++bit) {
            const std::int64_t wrong = seen.bit[static_cast<std::size_t>(bit)],
                               set = seen.bit_set[static_cast<std::size_t>(bit)];
            if (wrong == 0 || (set != 0 && set != wrong)) continue;
            const bool value = set == wrong;
            const std::uint64_t mask = std::uint64_t{1} << bit;
            offer(Cause::StuckBit, fmt::format("bit {}", bit), fmt::format("stuck at {}", int{value}),
                  fmt::format("bit {} of its result{} is stuck at {}", bit, where_.text(shape_.channels()), int{value}),
                  6 + where_bits(), seen.one_bit == seen.different ? 10 : 60,
                  per_word([mask, value, format = format_](std::int64_t word) {
                      const std::uint64_t pattern = pattern_from_word(word, format);
                      return word_from_pattern(value ? pattern | mask : pattern & ~mask, format);
                  }));
        }
    }

    // Low bits that are never set, high bits that only repeat the sign: as wrong words show them.
    void readings() {
        std::uint64_t ones = 0;
        int significant = 0;
        std::int64_t wrong = 0;
        for (std::size_t i = 0; i < subject_.actual.size(); ++i) {
            if (subject_.is_masked(i)) continue;
            const std::int64_t word = subject_.actual[i];
            if (word == subject_.expected()[i] || !where_.has(channel(i))) continue;
            ++wrong;
            ones |= pattern_from_word(word, format_);
            int bits = 1;
            while (bits < 64 && (word >> (bits - 1)) != 0 && (word >> (bits - 1)) != -1) ++bits;
            significant = std::max(significant, bits);
        }
        if (wrong < 4) return;
        const std::string of = where_.text(shape_.channels());
        int low = 0;
        while (low < format_.width && (ones >> low & 1) == 0) ++low;
        for (int drop = 1; drop <= low && drop < format_.width; ++drop) {
            offer(Cause::ResultFormat, fmt::format("{} bits", format_.width), fmt::format("the low {} missing", drop),
                  fmt::format("the low {} of its result{} {} 0", drop == 1 ? "bit" : fmt::format("{} bits", drop), of,
                              drop == 1 ? "is" : "are"),
                  8 + where_bits(), 40, per_word([drop, format = format_](std::int64_t word) {
                      return word_from_pattern(pattern_from_word(word, format) >> drop << drop, format);
                  }));
        }
        for (int keep = std::max(significant, 1); keep < format_.width; ++keep) {
            const Format narrow{.width = keep, .integer = keep, .is_signed = true};
            offer(Cause::ResultFormat, fmt::format("{} bits", format_.width), fmt::format("the low {} as signed", keep),
                  fmt::format("its result{} keeps its low {} bits only, with sign", of, keep), 8 + where_bits(), 40,
                  per_word([narrow, format = format_](std::int64_t word) {
                      return word_from_pattern(
                          static_cast<std::uint64_t>(word_from_pattern(pattern_from_word(word, format), narrow)),
                          format);
                  }));
        }
        for (int keep = 64 - std::countl_zero(ones | 1); keep < format_.width; ++keep) {
            offer(Cause::ResultFormat, fmt::format("{} bits", format_.width), fmt::format("the low {}", keep),
                  fmt::format("its result{} keeps its low {} bits only", of, keep), 8 + where_bits(), 40,
                  per_word([keep, format = format_](std::int64_t word) {
                      return word_from_pattern(pattern_from_word(word, format) & ((std::uint64_t{1} << keep) - 1),
                                               format);
                  }));
        }
        signs(of);
    }

    void signs(const std::string& of) {
        const auto arithmetic = [&](const std::string& found, double bits,
                                    std::function<std::int64_t(std::int64_t)> f) {
            offer(Cause::Signedness, "as computed", found, fmt::format("its result{} is {}", of, found),
                  bits + where_bits(), 50, per_word([f = std::move(f), format = format_](std::int64_t word) {
                      return word_from_pattern(static_cast<std::uint64_t>(f(word)), format);
                  }));
        };
        const auto negated = [](std::int64_t word) {
            return static_cast<std::int64_t>(~static_cast<std::uint64_t>(word) + 1);
        };
        arithmetic("without its sign (the magnitude)", 6,
                   [negated](std::int64_t word) { return word < 0 ? negated(word) : word; });
        arithmetic("negated", 6, negated);
        arithmetic("inverted bit by bit", 7, [](std::int64_t word) { return ~word; });
    }

    [[nodiscard]] std::int64_t channel(std::size_t word) const {
        return shape_.channel_of(static_cast<std::int64_t>(word) % shape_.count());
    }

    // The word that the wrong channels hold throughout, if it is one and the same.
    void constants() {
        bool any = false;
        std::int64_t constant = 0;
        for (std::size_t i = 0; i < subject_.actual.size(); ++i) {
            if (subject_.is_masked(i) || !where_.has(channel(i))) continue;
            if (any && subject_.actual[i] != constant) return;
            constant = subject_.actual[i];
            any = true;
        }
        if (!any) return;
        const std::string found = constant == 0 ? "zero" : fmt::format("{} (raw)", constant);
        offer(constant == 0 ? Cause::StuckBit : Cause::OutputOrder, "as computed", "always " + found,
              fmt::format("its result{} is always {}", where_.text(shape_.channels()), found),
              (constant == 0 ? 6 : 6 + format_.width) + where_bits(), 20,
              per_word([constant](std::int64_t) { return constant; }));
    }

    // A channel that holds what another one should: shown by the words themselves.
    void copied_channels() {
        const std::vector<std::int64_t> wrong = wrong_channels(maker_.evidence);
        const std::int64_t channels = shape_.channels();
        if (wrong.empty() || wrong.size() > 4 || channels < 2) return;
        for (const std::int64_t to : wrong) {
            for (std::int64_t from = 0; from < channels; ++from) {
                if (from == to || agreement(to, from) < 0.9) continue;
                copied_channel(to, from);
                if (to < from && agreement(from, to) >= 0.9) exchanged_channels(to, from);
            }
        }
    }

    [[nodiscard]] double agreement(std::int64_t to, std::int64_t from) const {
        std::int64_t same = 0, all = 0;
        const std::int64_t per_image = shape_.count();
        for (std::int64_t image = 0; image < static_cast<std::int64_t>(subject_.images); ++image) {
            for (std::int64_t y = 0; y < shape_.height(); ++y) {
                for (std::int64_t x = 0; x < shape_.width(); ++x) {
                    const auto here = static_cast<std::size_t>(image * per_image + shape_.index(to, y, x));
                    const auto there = static_cast<std::size_t>(image * per_image + shape_.index(from, y, x));
                    if (subject_.is_masked(here)) continue;
                    ++all;
                    same += subject_.actual[here] == subject_.expected()[there] ? 1 : 0;
                }
            }
        }
        return all == 0 ? 0 : double(same) / double(all);
    }

    void copied_channel(std::int64_t to, std::int64_t from) {
        offer(Cause::OutputOrder, fmt::format("channel {}", to), fmt::format("channel {}", from),
              fmt::format("channel {} of its result holds the words of channel {}", to, from), 8, 20,
              [to, from, shape = shape_](std::vector<std::int64_t>& words) {
                  for (std::int64_t begin = 0; begin < std::ssize(words); begin += shape.count()) {
                      for (std::int64_t y = 0; y < shape.height(); ++y) {
                          for (std::int64_t x = 0; x < shape.width(); ++x) {
                              words[static_cast<std::size_t>(begin + shape.index(to, y, x))] =
                                  words[static_cast<std::size_t>(begin + shape.index(from, y, x))];
                          }
                      }
                  }
              });
    }

    void exchanged_channels(std::int64_t a, std::int64_t b) {
        offer(Cause::OutputOrder, fmt::format("channels {}, {}", a, b), fmt::format("channels {}, {}", b, a),
              fmt::format("channels {} and {} of its result are exchanged", a, b), 9, 20,
              [a, b, shape = shape_](std::vector<std::int64_t>& words) {
                  for (std::int64_t begin = 0; begin < std::ssize(words); begin += shape.count()) {
                      for (std::int64_t y = 0; y < shape.height(); ++y) {
                          for (std::int64_t x = 0; x < shape.width(); ++x) {
                              std::swap(words[static_cast<std::size_t>(begin + shape.index(a, y, x))],
                                        words[static_cast<std::size_t>(begin + shape.index(b, y, x))]);
                          }
                      }
                  }
              });
    }

    const Maker& maker_;
    const Subject& subject_;
    const Node& node_;
    const Shape& shape_;
    Format format_;
    ChannelSet where_;
    Distinct distinct_{};
};

}  // namespace

void add_output_changes(const Maker& maker) {
    if (maker.evidence.different == 0) return;
    OutputChanges(maker).add();
    add_result_arithmetic(maker);
}

}  // namespace bittrue::diagnose_detail
