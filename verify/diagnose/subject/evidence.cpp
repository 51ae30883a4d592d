#include "subject/evidence.hpp"

#include <bit>
#include <optional>

namespace bittrue::diagnose_detail {
namespace {

// Row and column of an element of a map.
struct RowColumn {
    std::size_t row = 0, column = 0;
};
RowColumn row_column(const Shape& shape, std::int64_t element) {
    switch (shape.layout) {
        case Layout::Vector: return {};
        case Layout::Hwc:
            return {static_cast<std::size_t>(element / (shape.dims[1] * shape.dims[2])),
                    static_cast<std::size_t>(element / shape.dims[2] % shape.dims[1])};
        case Layout::Chw:
            return {static_cast<std::size_t>(element / shape.dims[2] % shape.dims[1]),
                    static_cast<std::size_t>(element % shape.dims[2])};
    }
    return {};
}

void find_tail(const Subject& subject, Evidence& e) {
    const std::size_t size = subject.actual.size();
    std::size_t from = size;
    while (from > 0 && !subject.is_masked(from - 1) && subject.actual[from - 1] == subject.actual.back()) --from;
    // Words that are right there as well, by chance, do not belong to it.
    while (from < size && !subject.is_wrong(from)) ++from;
    if (from == 0 || from == size) return;
    e.tail_from = static_cast<std::int64_t>(from);
    e.tail_raw = static_cast<std::int64_t>(raw_from_word(subject.actual.back(), subject.last().result.format));
    for (std::size_t i = from; i < size; ++i) e.tail_wrong += subject.is_wrong(i) ? 1 : 0;
}

}  // namespace

Evidence evidence_of(const Subject& subject) {
    Evidence e;
    const Shape& shape = subject.last().shape;
    const FixedType& type = subject.last().result;
    const std::int64_t size = subject.per_image();
    e.by_channel.resize(static_cast<std::size_t>(shape.channels()));
    e.by_image.resize(subject.images);
    e.by_row.resize(static_cast<std::size_t>(shape.height()));
    e.by_column.resize(static_cast<std::size_t>(shape.width()));
    std::vector<std::optional<i128>> distances(e.by_channel.size());
    e.constant_per_channel = true;
    for (std::size_t i = 0; i < subject.actual.size(); ++i) {
        if (subject.is_masked(i)) continue;
        ++e.words;
        if (!subject.is_wrong(i)) continue;
        ++e.different;
        const std::int64_t element = static_cast<std::int64_t>(i) % size;
        const i128 want = raw_from_word(subject.expected()[i], type.format);
        const i128 got = raw_from_word(subject.actual[i], type.format);
        ++(got > want ? e.above : e.below);
        e.by_one += got - want == 1 || want - got == 1 ? 1 : 0;
        e.to_zero += got == 0 ? 1 : 0;
        e.to_end += got == range_min(type) || got == range_max(type) ? 1 : 0;
        e.from_end += want == range_min(type) || want == range_max(type) ? 1 : 0;
        const std::uint64_t bits = pattern_from_word(subject.expected()[i] ^ subject.actual[i], type.format);
        e.one_bit += std::has_single_bit(bits) ? 1 : 0;
        for (std::uint64_t rest = bits; rest != 0; rest &= rest - 1) {
            const auto bit = static_cast<std::size_t>(std::countr_zero(rest));
            ++e.bit[bit];
            e.bit_set[bit] += static_cast<std::int64_t>((static_cast<std::uint64_t>(subject.actual[i]) >> bit) & 1U);
        }
        const auto channel = static_cast<std::size_t>(shape.channel_of(element));
        ++e.by_channel[channel];
        ++e.by_image[i / static_cast<std::size_t>(size)];
        const RowColumn at = row_column(shape, element);
        ++e.by_row[at.row];
        ++e.by_column[at.column];
        std::optional<i128>& distance = distances[channel];
        if (distance && *distance != got - want) e.constant_per_channel = false;
        distance = got - want;
    }
    e.constant_per_channel = e.constant_per_channel && e.different > 0;
    find_tail(subject, e);
    return e;
}

}  // namespace bittrue::diagnose_detail
