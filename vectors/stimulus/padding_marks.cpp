#include "padding_marks.hpp"

#include <bit>

namespace bittrue::corner {

PaddingMarks::PaddingMarks(Probe& probe, bool padded) : padded_(padded), first_(probe.marks.size()) {
    if (!padded) return;
    for (const char* border : {"top border", "bottom border", "left border", "right border", "top left corner",
                               "top right corner", "bottom left corner", "bottom right corner"}) {
        probe.marks.push_back(
            {.place = "padding", .goal = border, .why = "no window hangs over it with anything but zeros to read"});
    }
}

std::uint32_t PaddingMarks::places(const Borders& b) {
    const bool all[] = {
        b.top, b.bottom, b.left, b.right, b.top && b.left, b.top && b.right, b.bottom && b.left, b.bottom && b.right};
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 8; ++i) bits |= all[i] ? 1U << i : 0U;
    return bits;
}

void PaddingMarks::mark(Concrete& d, Probe& probe, const Borders& b) const {
    for (std::uint32_t bits = places(b); bits != 0; bits &= bits - 1)
        d.hit(probe.marks[first_ + static_cast<std::size_t>(std::countr_zero(bits))].tally);
}

void PaddingMarks::mark(Abstract& /*d*/, Probe& probe, const Borders& b) const {
    for (std::uint32_t bits = places(b); bits != 0; bits &= bits - 1)
        probe.marks[first_ + static_cast<std::size_t>(std::countr_zero(bits))].tally.reachable = true;
}

}  // namespace bittrue::corner
