// Whether words that come from outside lie where the network's ranges say. The proofs behind the kernels rely on it.
#pragma once

#include "bittrue/emulator/bounds.hpp"
#include "lane_kernels.hpp"

namespace bittrue::emulator {

class WordCheck {
public:
    // Words of the format, which may be only those whose raws lie within the range.
    WordCheck(Format format, InputRange range);

    // Not every word of the format passes.
    [[nodiscard]] bool is_needed() const { return needed_; }
    [[nodiscard]] bool passes(std::int64_t word) const;
    // Of all words of the first `images` lanes.
    [[nodiscard]] bool pass(const Planes& planes, int images, const LaneKernels& kernels) const;

private:
    Format format_;
    InputRange range_;
    bool needed_;
};

}  // namespace bittrue::emulator
