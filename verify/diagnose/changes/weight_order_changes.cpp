// Weights in another order: kernels flipped, matrices transposed, channels exchanged, addresses off by one.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "changes/arrangement.hpp"

namespace bittrue::diagnose_detail {

namespace {

using Places = std::vector<std::int64_t>;

class WeightOrders {
public:
    explicit WeightOrders(Dims dims) : dims_(std::move(dims)) {}

    void offer(std::string found, double bits, Reading reading) {
        if (distinct_.is_new(reading)) list.push_back({std::move(found), bits, std::move(reading)});
    }
    void offer_moved(std::string found, double bits, std::function<void(Places&)> from) {
        offer(std::move(found), bits, moved(dims_, std::move(from)));
    }
    void along(std::size_t axis, const std::string& what) {
        for (const AxisOrder& order : axis_orders(dims_[axis])) {
            offer_moved("used with " + what + " " + order.found, order.bits,
                        [axis, from = order.from](Places& at) { at[axis] = from(at[axis]); });
        }
    }
    // All orders in which the axes could be stored, with a letter for each.
    void storage(const std::string& letters, const std::vector<std::string>& usual) {
        std::vector<std::size_t> order(dims_.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        while (std::next_permutation(order.begin(), order.end())) {
            std::string name;
            for (const std::size_t axis : order) name += letters[axis];
            const double bits = std::find(usual.begin(), usual.end(), name) != usual.end() ? 4 : 6;
            offer(fmt::format("taken for {} where they are stored as {}", letters, name), bits,
                  stored_as(dims_, order));
            offer(fmt::format("taken for {} where they are stored as {}", name, letters), bits, read_as(dims_, order));
        }
    }
    // The address of the memory is off by one; `words` weights stand at an address.
    void addresses(std::int64_t words) {
        const std::string lanes = words > 1 ? fmt::format(" ({} weights at an address)", words) : "";
        for (const int by : {-1, 1}) {
            for (const bool wraps : {true, false}) {
                offer(fmt::format("read one address too {}{}{}", by < 0 ? "low" : "high",
                                  wraps ? "" : ", the end's twice", lanes),
                      words > 1 ? 7 : 6, shifted(element_count(dims_), by, wraps, words));
            }
        }
    }

    std::vector<Arrangement> list{};

private:
    Dims dims_;
    Distinct distinct_{};
};

// weights [row, column, in, out]
std::vector<Arrangement> conv_orders(const Conv2d& op) {
    const Dims& dims = op.weights.dims;
    const std::int64_t rows = dims[0], columns = dims[1];
    WeightOrders orders(dims);
    const auto flip_rows = [rows](Places& at) { at[0] = rows - 1 - at[0]; };
    const auto flip_columns = [columns](Places& at) { at[1] = columns - 1 - at[1]; };
    orders.offer_moved("used rotated by 180 degrees (kernel flipped in rows and columns)", 3, [=](Places& at) {
        flip_rows(at);
        flip_columns(at);
    });
    orders.offer_moved("used with the kernel's rows upside down", 4, flip_rows);
    orders.offer_moved("used with the kernel's columns mirrored", 4, flip_columns);
    if (rows == columns) {
        const auto exchange = [](Places& at) { std::swap(at[0], at[1]); };
        orders.offer_moved("used with the kernel's rows and columns exchanged", 3, exchange);
        orders.offer_moved("used with the kernel rotated by 90 degrees", 6, [=](Places& at) {
            exchange(at);
            flip_rows(at);
        });
        orders.offer_moved("used with the kernel rotated by -90 degrees", 6, [=](Places& at) {
            exchange(at);
            flip_columns(at);
        });
    }
    orders.storage("HWIO", {"OIHW", "OHWI", "HWOI", "IHWO", "OWHI", "WHIO"});
    orders.along(2, "input channels");
    orders.along(3, "output channels");
    if (op.groups > 1) {
        const std::int64_t groups = op.groups, size = dims[3] / groups;
        orders.offer_moved("used with the groups in reversed order", 5,
                           [=](Places& at) { at[3] = (groups - 1 - at[3] / size) * size + at[3] % size; });
        orders.offer_moved("used from the next group", 5,
                           [=](Places& at) { at[3] = (at[3] + size) % (groups * size); });
    }
    orders.along(0, "the kernel's rows");
    orders.along(1, "the kernel's columns");
    orders.addresses(1);
    orders.addresses(dims[3]);
    for (const std::int64_t lanes : proper_divisors(dims[3])) {
        if (lanes <= 32) orders.addresses(lanes);
    }
    return std::move(orders.list);
}

// weights [in, out]
std::vector<Arrangement> dense_orders(const Dense& op) {
    const Dims& dims = op.weights.dims;
    const std::int64_t in = dims[0], out = dims[1];
    WeightOrders orders(dims);
    orders.offer("transposed: stored as [out, in] and read as [in, out]", 3, stored_as(dims, {1, 0}));
    orders.offer("transposed: stored as [in, out] and read as [out, in]", 3, read_as(dims, {1, 0}));
    // Several outputs side by side: a word of the memory holds their weights, and it is the words that change places.
    for (const std::int64_t lanes : proper_divisors(out)) {
        const Dims parts{in, out / lanes, lanes};
        orders.offer(
            fmt::format("transposed in words of {} outputs: stored group by group and read input by input", lanes), 6,
            stored_as(parts, {1, 0, 2}));
        orders.offer(
            fmt::format("transposed in words of {} outputs: stored input by input and read group by group", lanes), 6,
            read_as(parts, {1, 0, 2}));
    }
    orders.along(1, "outputs");
    orders.along(0, "inputs");
    orders.addresses(1);
    orders.addresses(out);
    for (const std::int64_t lanes : proper_divisors(out)) {
        if (lanes <= 32) orders.addresses(lanes);
    }
    return std::move(orders.list);
}

}  // namespace

void add_weight_order_changes(const Maker& maker) {
    if (is_no_order(maker.evidence)) return;
    for (std::size_t k = 0; k < maker.subject.chain.nodes.size(); ++k) {
        const Node& node = maker.subject.chain.nodes[k];
        std::vector<Arrangement> orders;
        if (const auto* conv = std::get_if<Conv2d>(&node.op)) orders = conv_orders(*conv);
        if (const auto* dense = std::get_if<Dense>(&node.op)) orders = dense_orders(*dense);
        for (Arrangement& order : orders) {
            Candidate candidate;
            candidate.change = {.cause = Cause::WeightOrder,
                                .node = node.name,
                                .setting = "weights",
                                .expected = "as stored",
                                .found = order.found,
                                .text = fmt::format("its weights are {}", order.found)};
            candidate.bits = order.bits + (order.bits > 4 ? 2 : 1);
            candidate.priority = priority_of(order.bits, order_fit(maker.evidence));
            candidate.slot = node.name + ".weights.order";
            candidate.apply = [k, kind = node.op.index(), reading = std::move(order.reading)](Variant& variant) {
                Parameter* weights = weights_of(variant.chain.nodes[k]);
                if (weights == nullptr || variant.chain.nodes[k].op.index() != kind) return false;
                rearrange(*weights, reading);
                return true;
            };
            maker.candidates.push_back(std::move(candidate));
        }
    }
}

}  // namespace bittrue::diagnose_detail
