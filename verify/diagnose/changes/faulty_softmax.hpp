// Softmax by tables (rules L13, L14) with faults in it, vector by vector.
#pragma once

#include <cstdint>
#include <vector>

#include "changes/candidates.hpp"

namespace bittrue::diagnose_detail {

struct SoftmaxFault {
    bool keeps_maximum = false;  // the largest of all vectors until then counts: who calls gives it
    bool drops_single = false;   // the odd last one of a level of the tree counts as zero
    bool drops_last = false;     // the last element does
    bool drops_first = false;
};

class FaultySoftmax {
public:
    // InputError where the node is no softmax of these kinds. `node` must outlive it; `input` gives shape and type.
    FaultySoftmax(const Node& node, const TensorWords& input, const Datapath& datapath, const SoftmaxFault& fault);

    // Entries of the tables that a vector reads.
    struct Used {
        std::vector<std::size_t> exponentials{};  // by element
        std::size_t inverse = 0;
    };
    // `largest` is the vector's largest element, or what stands for it.
    void run(const std::int64_t* in, std::int64_t count, i128 largest, std::int64_t* out, Used* used = nullptr) const;

    // Words of the tables' types.
    std::vector<std::int64_t> exponentials{}, inverses{};

private:
    const Node& node_;
    const Softmax& op_;
    Format format_;
    const Datapath& datapath_;
    SoftmaxFault fault_;
};

[[nodiscard]] i128 largest_of(const std::int64_t* words, std::int64_t count, Format format);

}  // namespace bittrue::diagnose_detail
