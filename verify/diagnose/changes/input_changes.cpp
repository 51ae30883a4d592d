// The words that a layer reads: in another order, from addresses that are off, of another image, as another number.
#include <algorithm>

#include <fmt/format.h>

#include "changes/arrangement.hpp"
#include "changes/wiring_changes.hpp"

namespace bittrue::diagnose_detail {

namespace {

using Places = std::vector<std::int64_t>;

class InputOrders {
public:
    void offer(std::string found, double bits, Reading reading) {
        if (distinct_.is_new(reading)) list.push_back({std::move(found), bits, std::move(reading)});
    }
    void offer_moved(const Dims& dims, std::string found, double bits, std::function<void(Places&)> from) {
        offer(std::move(found), bits, moved(dims, std::move(from)));
    }
    // Both ways in which an array can be taken for one with its axes stored in another order.
    void exchange(const Dims& dims, const std::vector<std::size_t>& order, const std::string& there,
                  const std::string& back, double bits) {
        offer(there, bits, stored_as(dims, order));
        offer(back, bits, read_as(dims, order));
    }
    void addresses(std::int64_t count) {
        for (const int by : {-1, 1}) {
            for (const bool wraps : {false, true}) {
                offer(fmt::format("from one address too {} ({})", by < 0 ? "low" : "high",
                                  wraps ? "round the ends" : "the end's twice"),
                      5, shifted(count, by, wraps));
            }
        }
    }

    std::vector<Arrangement> list{};

private:
    Distinct distinct_{};
};

std::vector<Arrangement> map_orders(const Shape& shape) {
    InputOrders orders;
    const Dims& dims = shape.dims;
    const std::size_t y = axis_position(shape.layout, Axis::Row), x = axis_position(shape.layout, Axis::Column),
                      c = axis_position(shape.layout, Axis::Channel);
    const std::int64_t height = dims[y], width = dims[x];
    const bool last = shape.layout == Layout::Hwc;
    const std::vector<std::size_t> other = last ? std::vector<std::size_t>{2, 0, 1} : std::vector<std::size_t>{1, 2, 0};
    orders.exchange(dims, other,
                    last ? "taken for channels last while stored channels first"
                         : "taken for channels first while stored channels last",
                    last ? "taken for channels first while stored channels last"
                         : "taken for channels last while stored channels first",
                    3);
    if (height == width) {
        orders.offer_moved(dims, "with rows and columns exchanged", 4, [=](Places& at) { std::swap(at[y], at[x]); });
    } else {
        std::vector<std::size_t> order{0, 1, 2};
        std::swap(order[y], order[x]);
        orders.exchange(dims, order, "taken for row by row while stored column by column",
                        "taken for column by column while stored row by row", 4);
    }
    orders.offer_moved(dims, "mirrored left to right", 5, [=](Places& at) { at[x] = width - 1 - at[x]; });
    orders.offer_moved(dims, "upside down", 5, [=](Places& at) { at[y] = height - 1 - at[y]; });
    orders.offer_moved(dims, "rotated by 180 degrees", 5, [=](Places& at) {
        at[x] = width - 1 - at[x];
        at[y] = height - 1 - at[y];
    });
    orders.addresses(shape.count());
    for (const int by : {1, -1}) {
        const char* side = by > 0 ? "right" : "left";
        orders.offer_moved(dims, fmt::format("one pixel too far {} (round the row's end)", side), 5,
                           [=](Places& at) { at[x] = (at[x] + by + width) % width; });
        orders.offer_moved(dims, fmt::format("one pixel too far {} (the edge's twice)", side), 5,
                           [=](Places& at) { at[x] = std::clamp<std::int64_t>(at[x] + by, 0, width - 1); });
        orders.offer_moved(dims, fmt::format("one pixel too far {} (zero beyond the edge)", side), 6,
                           [=](Places& at) { at[x] += by; });
        const char* end = by > 0 ? "down" : "up";
        orders.offer_moved(dims, fmt::format("one row too far {} (round the last row)", end), 5,
                           [=](Places& at) { at[y] = (at[y] + by + height) % height; });
        orders.offer_moved(dims, fmt::format("one row too far {} (the edge's twice)", end), 5,
                           [=](Places& at) { at[y] = std::clamp<std::int64_t>(at[y] + by, 0, height - 1); });
        orders.offer_moved(dims, fmt::format("one row too far {} (zero beyond the edge)", end), 6,
                           [=](Places& at) { at[y] += by; });
    }
    for (const AxisOrder& order : axis_orders(dims[c])) {
        orders.offer_moved(dims, "with its channels " + order.found, order.bits,
                           [c, from = order.from](Places& at) { at[c] = from(at[c]); });
    }
    return std::move(orders.list);
}

// A vector may once have been a map: every way to see it as one.
std::vector<Arrangement> vector_orders(std::int64_t count) {
    InputOrders orders;
    orders.addresses(count);
    for (const AxisOrder& order : axis_orders(count)) {
        orders.offer_moved({count}, order.found, order.bits, [from = order.from](Places& at) { at[0] = from(at[0]); });
    }
    for (const std::int64_t d : proper_divisors(count)) {
        const Dims dims{count / d, d};
        orders.offer(fmt::format("flattened in another order: as {} rows of {} where the network has {} of {}", d,
                                 count / d, count / d, d),
                     5, stored_as(dims, {1, 0}));
    }
    for (std::int64_t side = 2; side * side <= count; ++side) {
        if (count % (side * side) != 0) continue;
        const std::int64_t channels = count / (side * side);
        orders.exchange({side, side, channels}, {1, 0, 2},
                        fmt::format("flattened with rows and columns of {}x{}x{} exchanged", side, side, channels),
                        fmt::format("flattened with rows and columns of {}x{}x{} exchanged", side, side, channels), 6);
        orders.exchange({channels, side, side}, {0, 2, 1},
                        fmt::format("flattened with rows and columns of {}x{}x{} exchanged", channels, side, side),
                        fmt::format("flattened with rows and columns of {}x{}x{} exchanged", channels, side, side), 6);
        orders.exchange({side, side, channels}, {2, 1, 0},
                        fmt::format("flattened channel, column, row instead of {}x{}x{}", side, side, channels),
                        fmt::format("flattened as the axes reversed of {}x{}x{}", side, side, channels), 7);
    }
    return std::move(orders.list);
}

class InputChanges {
public:
    InputChanges(const Maker& maker, std::size_t given) : maker_(maker), tensor_(maker.subject.chain.given[given]) {
        for (const Node& node : maker.subject.chain.nodes) {
            if (!reader_.empty()) break;
            for (const std::string& input : node.inputs) {
                if (input != tensor_.name) continue;
                reader_ = node.name;
                is_multiplied_ = weights_of(node) != nullptr;
            }
        }
    }

    void add() {
        if (reader_.empty()) return;
        orders();
        signs();
        other_images();
        stuck_bits();
    }

private:
    using Edit = std::function<bool(const Variant&, TensorWords&)>;

    void offer(Cause cause, const std::string& setting, const std::string& expected, const std::string& found,
               const std::string& text, double bits, int priority, Edit edit) {
        Candidate candidate;
        candidate.change = {
            .cause = cause, .node = reader_, .setting = setting, .expected = expected, .found = found, .text = text};
        candidate.bits = bits;
        candidate.priority = priority;
        candidate.slot = fmt::format("{}.input.{}", tensor_.name, cause_name(cause));
        candidate.apply = [name = tensor_.name, shape = tensor_.shape, edit = std::move(edit)](Variant& variant) {
            const int at = given_index(variant.chain, name);
            if (at < 0 || !(variant.chain.given[static_cast<std::size_t>(at)].shape == shape)) return false;
            return edit(variant, variant.chain.given[static_cast<std::size_t>(at)]);
        };
        maker_.candidates.push_back(std::move(candidate));
    }

    void orders() {
        if (is_no_order(maker_.evidence)) return;
        std::vector<Arrangement> list =
            tensor_.shape.layout == Layout::Vector ? vector_orders(tensor_.shape.count()) : map_orders(tensor_.shape);
        for (Arrangement& order : list) {
            offer(Cause::InputOrder, "input", "in order", order.found,
                  fmt::format("its input '{}' is read {}", tensor_.name, order.found), order.bits + 2,
                  static_cast<int>(order.bits) * 10,
                  [reading = std::move(order.reading)](const Variant&, TensorWords& given) {
                      rearrange(given.words, reading);
                      return true;
                  });
        }
    }

    void signs() {
        const Format format = tensor_.type.format;
        if (format.width >= 64) return;
        const std::string expected = format.is_signed ? "signed" : "unsigned",
                          found = format.is_signed ? "unsigned" : "signed";
        offer(Cause::Signedness, "input", expected, found,
              fmt::format("its input '{}' is read as {} where it is {}", tensor_.name, found, expected), 3, 20,
              [](const Variant&, TensorWords& given) {
                  Format& changed = given.type.format;
                  const Format before = changed;
                  changed.is_signed = !changed.is_signed;
                  for (std::int64_t& word : given.words)
                      word = word_from_pattern(pattern_from_word(word, before), changed);
                  return true;
              });
    }

    // The word at a place of the stream of all images of the dump; `otherwise` where that image is not known.
    static std::int64_t stream_word(const Subject& subject, const TensorWords& all, std::int64_t at,
                                    std::int64_t otherwise) {
        if (at < 0) return otherwise;
        const std::int64_t count = all.shape.count();
        const auto& numbers = subject.image_numbers;
        const auto number = std::lower_bound(numbers.begin(), numbers.end(), at / count);
        if (number == numbers.end() || *number != at / count) return otherwise;
        return all.words[static_cast<std::size_t>((number - numbers.begin()) * count + at % count)];
    }
    // The word at place `e` of the sample's image comes from place `from(image, e)` of the stream of all images.
    void offer_stream(const std::string& found, double bits, int priority,
                      std::function<std::int64_t(std::int64_t image, std::int64_t e, std::int64_t count)> from) {
        offer(Cause::StaleImage, "input", "of the image itself", found,
              fmt::format("its input '{}' is {}", tensor_.name, found), bits, priority,
              [subject = &maker_.subject, from = std::move(from)](const Variant& variant, TensorWords& given) {
                  const TensorWords& all = subject->tensor(given.name);
                  if (variant.images.size() != given.images || all.type.format != given.type.format) return false;
                  const std::int64_t count = given.shape.count();
                  for (std::size_t i = 0; i < given.images; ++i) {
                      const std::int64_t image = subject->image_numbers[variant.images[i]];
                      for (std::int64_t e = 0; e < count; ++e) {
                          std::int64_t& word =
                              given.words[i * static_cast<std::size_t>(count) + static_cast<std::size_t>(e)];
                          word = stream_word(*subject, all, from(image, e, count), word);
                      }
                  }
                  return true;
              });
    }

    void other_images() {
        const std::int64_t count = tensor_.shape.count();
        const auto early = [](std::int64_t image, std::int64_t e, std::int64_t n) { return (image - 1) * n + e; };
        offer_stream("that of the image before", 4, 20, early);
        offer_stream("that of the image behind", 6, 60,
                     [](std::int64_t image, std::int64_t e, std::int64_t n) { return (image + 1) * n + e; });
        for (const std::int64_t odd : {1, 0}) {
            for (const std::int64_t by : {-1, 1}) {
                offer_stream(fmt::format("that of the image {} for every second image ({} ones)",
                                         by < 0 ? "before" : "behind", odd != 0 ? "odd" : "even"),
                             7, 60, [odd, by](std::int64_t image, std::int64_t e, std::int64_t n) {
                                 return (image % 2 == odd ? image + by : image) * n + e;
                             });
            }
        }
        for (const std::int64_t part : parts()) {
            const std::string words = part == 1 ? "word" : fmt::format("{} words", part);
            offer_stream(fmt::format("that of the image before in its first {}", words), 7, 50,
                         [part](std::int64_t image, std::int64_t e, std::int64_t n) {
                             return (e < part ? image - 1 : image) * n + e;
                         });
            offer_stream(fmt::format("that of the image before in its last {}", words), 7, 50,
                         [part](std::int64_t image, std::int64_t e, std::int64_t n) {
                             return (e >= n - part ? image - 1 : image) * n + e;
                         });
            if (part * 2 > count) continue;
            offer_stream(fmt::format("{} late in the stream of all images", words), 7, 50,
                         [part](std::int64_t image, std::int64_t e, std::int64_t n) { return image * n + e - part; });
            offer_stream(fmt::format("{} early in the stream of all images", words), 7, 50,
                         [part](std::int64_t image, std::int64_t e, std::int64_t n) { return image * n + e + part; });
        }
    }

    // How many words could be meant: one, a pixel, a row, a channel, halves.
    [[nodiscard]] std::vector<std::int64_t> parts() const {
        const Shape& shape = tensor_.shape;
        std::vector<std::int64_t> sizes{1, shape.count() / 2};
        if (shape.layout != Layout::Vector) {
            sizes.push_back(shape.layout == Layout::Hwc ? shape.channels() : shape.height() * shape.width());
            sizes.push_back(shape.layout == Layout::Hwc ? shape.width() * shape.channels() : shape.width());
        }
        std::sort(sizes.begin(), sizes.end());
        sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
        std::erase_if(sizes, [&](std::int64_t size) { return size < 1 || size >= shape.count(); });
        return sizes;
    }

    void stuck_bits() {
        const int width = tensor_.type.format.width;
        offer(Cause::StuckBit, "input", "as given", "0", fmt::format("its input '{}' is read as zero", tensor_.name), 5,
              60, [](const Variant&, TensorWords& given) {
                  std::fill(given.words.begin(), given.words.end(), 0);
                  return true;
              });
        if (is_multiplied_) return;  // add_mac_faults() looks for those
        for (int bit = 0; bit < width; ++bit) {
            for (const bool value : {false, true}) {
                offer(Cause::StuckBit, "input", fmt::format("bit {}", bit), fmt::format("stuck at {}", int{value}),
                      fmt::format("bit {} of its input '{}' is stuck at {}", bit, tensor_.name, int{value}), 7, 70,
                      [bit, value](const Variant&, TensorWords& given) {
                          const Format format = given.type.format;
                          const std::uint64_t mask = std::uint64_t{1} << bit;
                          for (std::int64_t& word : given.words) {
                              const std::uint64_t pattern = pattern_from_word(word, format);
                              word = word_from_pattern(value ? pattern | mask : pattern & ~mask, format);
                          }
                          return true;
                      });
            }
        }
    }

    const Maker& maker_;
    const TensorWords& tensor_;
    std::string reader_{};
    bool is_multiplied_ = false;
};

// Weights and biases with the other sign.
void add_parameter_signs(const Maker& maker) {
    for (std::size_t k = 0; k < maker.subject.chain.nodes.size(); ++k) {
        const Node& node = maker.subject.chain.nodes[k];
        if (weights_of(node) == nullptr) continue;
        for (const bool bias : {false, true}) {
            Node copy = node;
            if (bias && !bias_of(copy)->has_value()) continue;
            const Format format = bias ? (*bias_of(copy))->type.format : weights_of(copy)->type.format;
            if (format.width >= 64) continue;
            const std::string expected = format.is_signed ? "signed" : "unsigned",
                              found = format.is_signed ? "unsigned" : "signed", role = bias ? "bias" : "weights";
            Candidate candidate;
            candidate.change = {
                .cause = Cause::Signedness,
                .node = node.name,
                .setting = role,
                .expected = expected,
                .found = found,
                .text = bias ? fmt::format("its biases are read as {} where they are {}", found, expected)
                             : fmt::format("its weights are read as {} where they are {}", found, expected)};
            candidate.bits = 3;
            candidate.priority = 20;
            candidate.slot = node.name + "." + role + ".sign";
            candidate.apply = [k, bias, role, input = node.inputs[0], &subject = maker.subject,
                               datapath = &maker.datapath](Variant& variant) {
                Node& changed = variant.chain.nodes[k];
                if (weights_of(changed) == nullptr || (bias && !bias_of(changed)->has_value())) return false;
                Parameter& parameter = bias ? **bias_of(changed) : *weights_of(changed);
                make_raw(parameter, changed, role, subject.tensor(input), *datapath);
                Format& sign = parameter.type.format;
                const Format before = sign;
                sign.is_signed = !sign.is_signed;
                for (std::int64_t& word : parameter.raw)
                    word = word_from_pattern(pattern_from_word(word, before), sign);
                parameter.type.overflow = Overflow::Wrap;
                parameter.type.saturated_bits = 0;
                return true;
            };
            maker.candidates.push_back(std::move(candidate));
        }
    }
}

// Inputs of a node in another order, where that matters.
void add_input_exchanges(const Maker& maker) {
    for (std::size_t k = 0; k < maker.subject.chain.nodes.size(); ++k) {
        const Node& node = maker.subject.chain.nodes[k];
        if (!std::holds_alternative<Concat>(node.op) || node.inputs.size() < 2) continue;
        Candidate candidate;
        candidate.change = {.cause = Cause::InputOrder,
                            .node = node.name,
                            .setting = "inputs",
                            .expected = "in order",
                            .found = "in reversed order",
                            .text = "its inputs are put together in reversed order"};
        candidate.bits = 4;
        candidate.priority = 30;
        candidate.slot = node.name + ".inputs.order";
        candidate.apply = [k](Variant& variant) {
            std::vector<std::string>& inputs = variant.chain.nodes[k].inputs;
            std::reverse(inputs.begin(), inputs.end());
            return true;
        };
        maker.candidates.push_back(std::move(candidate));
    }
}

}  // namespace

void add_input_changes(const Maker& maker) {
    for (std::size_t given = 0; given < maker.subject.chain.given.size(); ++given) InputChanges(maker, given).add();
    add_parameter_signs(maker);
    add_input_exchanges(maker);
    add_wiring_changes(maker);
}

}  // namespace bittrue::diagnose_detail
