// Windows that hang over a border of their map while they read something that is not zero.
#pragma once

#include "probe.hpp"

namespace bittrue::corner {

// Over which borders a window hangs.
struct Borders {
    bool top = false, bottom = false, left = false, right = false;
};

class PaddingMarks {
public:
    PaddingMarks() = default;
    // Without padding there is nothing to see.
    PaddingMarks(Probe& probe, bool padded);

    // sources[t] < 0: term t is padding.
    template <class D>
    void see(D& d, Probe& probe, const Borders& b, const Values<D>& window,
             std::span<const std::int64_t> sources) const {
        if (!padded_ || !(b.top || b.bottom || b.left || b.right)) return;
        bool other = false;
        for (std::size_t t = 0; t < window.size() && !other; ++t) {
            if constexpr (D::is_abstract) {
                other = sources[t] >= 0 && window[t] != single(0);
            } else {
                other = sources[t] >= 0 && window[t] != 0;
            }
        }
        if (other) mark(d, probe, b);
    }

private:
    void mark(Concrete& d, Probe& probe, const Borders& b) const;
    void mark(Abstract& d, Probe& probe, const Borders& b) const;
    static std::uint32_t places(const Borders& b);

    bool padded_ = false;
    std::size_t first_ = 0;
};

}  // namespace bittrue::corner
