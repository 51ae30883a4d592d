// The sums of a linear layer as a generator of images sees them: which elements, by which weights, and where roundings
// and overflows of its types lie.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "search/variant.hpp"

namespace bittrue::diagnose_detail {

// One word's terms; padding is left out.
struct LinearTerms {
    std::vector<std::int64_t> elements{};  // of the input, storage order
    std::vector<i128> weights{};
    i128 bias = 0;  // at the frac of the products; 0 where it has finer bits
};

class LinearSums {
public:
    [[nodiscard]] std::size_t given() const { return given_; }
    [[nodiscard]] std::int64_t channels() const { return shape_.channels(); }
    [[nodiscard]] LinearTerms terms(std::int64_t channel, std::int64_t y, std::int64_t x) const;
    [[nodiscard]] const Shape& shape() const { return shape_; }
    // Bits below the products' lsb: each conversion of the chain drops so many of a sum's bits. Ascending, >= 1.
    std::vector<int> dropped{};
    // Exponents b of the products' lsb: a type ends at 2^b. Ascending.
    std::vector<int> ends{};

    // Of the first linear layer of the chain that reads a given tensor, as it is or flattened in storage order. Empty
    // where there is none.
    [[nodiscard]] static std::optional<LinearSums> of(const Chain& chain, const Datapath& datapath);

private:
    void collect_types(const Chain& chain, std::size_t node, int frac);

    Operation op_{};
    Shape in_{}, shape_{};
    std::size_t given_ = 0;
    std::vector<i128> weights_{}, bias_{};
    Dims weight_dims_{};
};

}  // namespace bittrue::diagnose_detail
