#include <stdexcept>

#include "bittrue/model/error.hpp"
#include "packer.hpp"

namespace bittrue {
namespace {

std::string count_of(std::int64_t count, const char* what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void check_folds(const Packing& packing, const PackedShape& shape, const std::string& where) {
    if (packing.pe <= 0 || packing.simd <= 0) throw InputError(where, "pe and simd of a packing belong together");
    if (std::int64_t{packing.pe} * packing.simd != packing.lanes) {
        throw InputError(where, "lanes of a folded packing are pe times simd");
    }
    if (packing.order != ElementOrder::Storage) {
        throw InputError(where, "a packing has either folds (pe, simd) or an order of its own");
    }
    const std::size_t rank = shape.dims.size();
    if (shape.layout || shape.dims[0] != 1 || (rank != 3 && rank != 5)) {
        throw InputError(
            where,
            "pe and simd fold the weights of a dense or conv2d layer alone; leave them out here (a bias is "
            "folded by lanes=pe)");
    }
    const std::int64_t rows = shape.dims.back();
    std::int64_t columns = 1;
    for (std::size_t i = 1; i + 1 < rank; ++i) columns *= shape.dims[i];
    if (rows % packing.pe != 0) {
        throw InputError(
            where, "pe=" + std::to_string(packing.pe) + " is no divisor of the " + count_of(rows, "output channel"));
    }
    if (columns % packing.simd != 0) {
        throw InputError(where, "simd=" + std::to_string(packing.simd) + " is no divisor of the " +
                                    count_of(columns, "input") + " of an output channel");
    }
}

void check_order(const PackedShape& shape, const std::string& where) {
    if (!shape.layout) {
        throw InputError(where, "order=hwc and order=chw need axes of known names; here the layout is unknown");
    }
    const std::size_t rank = *shape.layout == Layout::Vector ? 2 : 4;
    if (shape.dims.size() != rank) {
        throw InputError(where, "order=hwc and order=chw do not fit the shape " + print_dims(shape.dims));
    }
}

}  // namespace

PackingPlan plan_packing(const Packing& packing, const PackedShape& shape, const std::string& where) {
    if (shape.dims.empty()) throw std::logic_error("plan_packing: a shape without the image axis");
    if (!is_storable(shape.format)) {
        throw std::logic_error("plan_packing: a word of " + std::to_string(shape.format.width) + " bits");
    }
    const auto in_range = [&](int value, int low, const char* key) {
        if (value < low || value > kMaxPackedBits) {
            throw InputError(where, std::string(key) + "=" + std::to_string(value) + " of the packing is not from " +
                                        std::to_string(low) + " to " + std::to_string(kMaxPackedBits));
        }
    };
    in_range(packing.lanes, 1, "lanes");
    in_range(packing.lane_bits, 0, "lane_bits");
    in_range(packing.word_bits, 0, "word_bits");
    PackingPlan plan{.width = shape.format.width, .lanes = packing.lanes};
    plan.lane_bits = packing.lane_bits == 0 ? plan.width : packing.lane_bits;
    if (plan.lane_bits < plan.width) {
        throw InputError(where, "lanes of " + count_of(plan.lane_bits, "bit") + " do not hold words of " +
                                    count_of(plan.width, "bit") + "; give lane_bits=" + std::to_string(plan.width) +
                                    " or more");
    }
    const std::int64_t used = std::int64_t{plan.lanes} * plan.lane_bits;
    const std::int64_t data = packing.word_bits != 0 ? packing.word_bits : packing.axis ? (used + 7) / 8 * 8 : used;
    if (data < used) {
        throw InputError(where, count_of(plan.lanes, "lane") + " of " + count_of(plan.lane_bits, "bit") +
                                    " do not fit words of " + count_of(data, "bit") +
                                    "; give word_bits=" + std::to_string(used) + " or more");
    }
    if ((packing.reverse_bytes || packing.axis) && data % 8 != 0) {
        throw InputError(where, std::string(packing.axis ? "a beat (axis)" : "a word with bytes=reversed") +
                                    " has whole bytes, not " + count_of(data, "bit") +
                                    "; give word_bits=" + std::to_string((used + 7) / 8 * 8));
    }
    const std::int64_t total = packing.axis ? data + data / 8 + 1 : data;
    if (total > kMaxPackedBits) {
        throw InputError(
            where, "packed words of " + count_of(total, "bit") + " are wider than " + std::to_string(kMaxPackedBits));
    }
    plan.data_bits = static_cast<int>(data);
    plan.total_bits = static_cast<int>(total);
    if (packing.pe != 0 || packing.simd != 0) check_folds(packing, shape, where);
    if (packing.order != ElementOrder::Storage) check_order(shape, where);
    plan.images = shape.dims[0];
    plan.elements = element_count({shape.dims.begin() + 1, shape.dims.end()});
    plan.words = (plan.elements + plan.lanes - 1) / plan.lanes;
    return plan;
}

std::vector<std::int64_t> element_order(const Packing& packing, const PackedShape& shape) {
    std::vector<std::int64_t> order;
    const std::int64_t count = element_count({shape.dims.begin() + 1, shape.dims.end()});
    if (packing.pe != 0) {
        const std::int64_t rows = shape.dims.back(), folds = rows == 0 ? 0 : count / rows / packing.simd;
        order.reserve(static_cast<std::size_t>(count));
        for (std::int64_t nf = 0; nf < rows / packing.pe; ++nf) {
            for (std::int64_t sf = 0; sf < folds; ++sf) {
                for (std::int64_t p = 0; p < packing.pe; ++p) {
                    for (std::int64_t s = 0; s < packing.simd; ++s) {
                        order.push_back((sf * packing.simd + s) * rows + nf * packing.pe + p);
                    }
                }
            }
        }
        return order;
    }
    if (packing.order == ElementOrder::Storage || !shape.layout || *shape.layout == Layout::Vector) return order;
    const bool stored_last = *shape.layout == Layout::Hwc;
    if (stored_last == (packing.order == ElementOrder::ChannelsLast)) return order;
    // Both are transpositions of a matrix: positions x channels or channels x positions.
    const std::int64_t outer = stored_last ? shape.dims[1] * shape.dims[2] : shape.dims[1];
    const std::int64_t inner = stored_last ? shape.dims[3] : shape.dims[2] * shape.dims[3];
    order.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < inner; ++i) {
        for (std::int64_t o = 0; o < outer; ++o) order.push_back(o * inner + i);
    }
    return order;
}

void check_packing(const Packing& packing, const PackedShape& shape, const std::string& where) {
    (void)plan_packing(packing, shape, where);
}

int packed_bits(const Packing& packing, const PackedShape& shape) {
    return plan_packing(packing, shape, "packing").total_bits;
}

std::int64_t packed_words_per_image(const Packing& packing, const PackedShape& shape) {
    return plan_packing(packing, shape, "packing").words;
}

}  // namespace bittrue
