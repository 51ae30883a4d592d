#include "sweep/rerun.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "sweep/tally.hpp"

namespace bittrue::explore {

namespace {

constexpr std::uint32_t kAsBase = std::numeric_limits<std::uint32_t>::max();

// Why an image runs through a segment again.
enum class Why : std::uint8_t {
    Not,
    Inputs,   // they are not those of the base
    Leaves,   // the same inputs, but a sum leaves the accumulator
    Unknown,  // the same inputs, and nobody knows yet whether one does
};

// A tensor where it differs from the base.
struct Changed {
    std::vector<std::uint32_t> images{};  // ascending
    std::vector<std::uint32_t> row_of{};  // in `words`, by image; kAsBase: as in the base
    WordBatch words{};
};

// Words of the images that run: image number i stands in row rows[i].
struct Source {
    const WordBatch* words = nullptr;
    std::vector<std::uint32_t> rows{};
};

std::vector<std::uint32_t> first_numbers(std::size_t count) {
    std::vector<std::uint32_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0U);
    return numbers;
}

template <class Word>
void read_as(const std::byte* from, std::size_t elements, i128* raws) {
    for (std::size_t i = 0; i < elements; ++i) {
        Word word{};
        std::memcpy(&word, from + i * sizeof word, sizeof word);
        raws[i] = word;
    }
}

std::int64_t best_of(const WordBatch& words, std::size_t elements, Format format, std::size_t image,
                     std::vector<i128>& raws) {
    raws.resize(elements);
    read_raws(words, elements, format, image, raws.data());
    return std::max_element(raws.begin(), raws.end()) - raws.begin();
}

class Rerun {
public:
    Rerun(const Segments& segments, const Family& family, const std::vector<Limit>& limits, const ChunkBase& base,
          ChunkExtents& extents)
        : s_(segments),
          family_(family),
          limits_(limits),
          base_(base),
          extents_(extents),
          changed_(base.tensors.size()),
          touched_(base.images),
          o_(empty_outcome(segments.nodes().size())) {}

    Outcome run(const WideWords& wide, std::span<const int> labels) {
        for (const Segment& segment : s_.list()) one(segment);
        o_.touched = static_cast<std::uint64_t>(std::count(touched_.begin(), touched_.end(), 1));
        add_scores(wide, labels);
        return std::move(o_);
    }

private:
    void one(const Segment& segment) {
        mark(segment);
        if (images_.empty()) {
            count_touched(segment, {}, {});
            return;
        }
        std::vector<Source> sources = sources_of(segment.inputs);
        const Limit* limit = segment.number ? &limits_[*segment.number] : nullptr;
        const bool counted = limit != nullptr && !limit->told_by_range;
        const auto part = s_.part(segment, limit != nullptr ? std::optional(limit->spec) : std::nullopt, counted);
        std::vector<const WordBatch*> known;
        for (const Source& source : sources) known.push_back(source.words);
        emulator::PartResult result = part->run(known, sources.front().rows);
        if (counted) {
            count_touched(segment, result.overflowed[segment.head + 1], {});
        } else if (limit != nullptr) {
            count_touched(segment, {}, sources.front());
        }
        Changed& out = changed_[segment.out];
        out.images = images_;
        out.row_of.assign(base_.images, kAsBase);
        for (std::size_t i = 0; i < images_.size(); ++i) out.row_of[images_[i]] = static_cast<std::uint32_t>(i);
        out.words = std::move(result.wanted.front());
        drop_equal(segment.out, out);
    }

    // Whether no image overflows in the segment as long as its inputs are the base's.
    [[nodiscard]] bool all_hold(const Segment& segment) const {
        if (!segment.number) return true;
        const Limit& limit = limits_[*segment.number];
        return limit.told_by_range && holds(limit.ends, extents_.widest[*segment.number]);
    }

    // Which images the segment has to run again.
    void mark(const Segment& segment) {
        images_.clear();
        const bool same_inputs = std::all_of(segment.inputs.begin(), segment.inputs.end(),
                                             [this](std::size_t in) { return changed_[in].images.empty(); });
        if (same_inputs && all_hold(segment)) return;
        why_.assign(base_.images, Why::Not);
        for (const std::size_t in : segment.inputs) {
            for (const std::uint32_t image : changed_[in].images) why_[image] = Why::Inputs;
        }
        if (segment.number) {
            const Limit& limit = limits_[*segment.number];
            const auto& known =
                limit.told_by_range ? extents_.exact[*segment.number] : extents_.enough[*segment.number];
            const Why otherwise = limit.told_by_range ? Why::Leaves : Why::Unknown;
            for (std::size_t i = 0; i < base_.images; ++i) {
                if (why_[i] == Why::Not && !holds(limit.ends, known[i])) why_[i] = otherwise;
            }
        }
        for (std::size_t i = 0; i < base_.images; ++i) {
            if (why_[i] != Why::Not) images_.push_back(static_cast<std::uint32_t>(i));
        }
    }

    // `overflowed`: of the images that ran, where the run was counted. Otherwise the range tells, of images with other
    // inputs than the base's the range of those.
    void count_touched(const Segment& segment, std::span<const std::uint8_t> overflowed, const Source& input) {
        if (!segment.number) return;
        const std::size_t number = *segment.number;
        const Limit& limit = limits_[number];
        std::vector<std::uint8_t> leaves(images_.size());
        std::vector<std::uint32_t> rows, places;
        for (std::size_t i = 0; i < images_.size(); ++i) {
            const Why why = why_[images_[i]];
            if (!overflowed.empty()) {
                leaves[i] = overflowed[i];
                if (why == Why::Unknown && overflowed[i] == 0) extents_.enough[number][images_[i]] = limit.ends;
            } else if (why == Why::Inputs) {
                rows.push_back(input.rows[i]);
                places.push_back(static_cast<std::uint32_t>(i));
            } else {
                leaves[i] = 1;
            }
        }
        if (!rows.empty()) {
            const auto extents = family_.layers()[number].range->run(*input.words, rows, limit.ends);
            for (std::size_t k = 0; k < rows.size(); ++k)
                leaves[places[k]] = holds(limit.ends, extents[k]) ? std::uint8_t{0} : std::uint8_t{1};
        }
        if (family_.layers()[number].bias_overflows) {
            o_.layers_touched[number] += base_.images;
            std::fill(touched_.begin(), touched_.end(), 1);
            return;
        }
        for (std::size_t i = 0; i < images_.size(); ++i) {
            if (leaves[i] == 0) continue;
            ++o_.layers_touched[number];
            touched_[images_[i]] = 1;
        }
    }

    // Where the words of the images that run stand. Several inputs are brought into the same rows.
    std::vector<Source> sources_of(const std::vector<std::size_t>& inputs) {
        const auto of_base = [this](std::size_t tensor) {
            return std::none_of(images_.begin(), images_.end(),
                                [&](std::uint32_t i) { return row_of(tensor, i) != kAsBase; });
        };
        std::vector<Source> sources;
        if (std::all_of(inputs.begin(), inputs.end(), of_base)) {
            for (const std::size_t tensor : inputs) sources.push_back({&base_.tensors[tensor], images_});
            return sources;
        }
        if (inputs.size() == 1) {
            const Changed& c = changed_[inputs.front()];
            Source source{&c.words, {}};
            for (const std::uint32_t image : images_) source.rows.push_back(c.row_of[image]);
            if (std::find(source.rows.begin(), source.rows.end(), kAsBase) == source.rows.end()) return {source};
        }
        gathered_.resize(inputs.size());
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            gathered_[k] = gather(inputs[k]);
            sources.push_back({&gathered_[k], first_numbers(images_.size())});
        }
        return sources;
    }

    [[nodiscard]] std::uint32_t row_of(std::size_t tensor, std::uint32_t image) const {
        const Changed& c = changed_[tensor];
        return c.row_of.empty() ? kAsBase : c.row_of[image];
    }

    [[nodiscard]] const std::byte* words_of(std::size_t tensor, std::uint32_t image) const {
        const std::uint32_t row = row_of(tensor, image);
        const std::size_t stride = s_.bytes_of(tensor);
        return row == kAsBase ? base_.tensors[tensor].data.data() + image * stride
                              : changed_[tensor].words.data.data() + row * stride;
    }

    [[nodiscard]] WordBatch gather(std::size_t tensor) const {
        const WordBatch& base = base_.tensors[tensor];
        const std::size_t stride = s_.bytes_of(tensor);
        WordBatch words{.images = images_.size(), .dims = base.dims, .bytes = base.bytes, .data = {}};
        words.data.reserve(images_.size() * stride);
        for (const std::uint32_t image : images_) {
            const std::byte* from = words_of(tensor, image);
            words.data.insert(words.data.end(), from, from + stride);
        }
        return words;
    }

    // Images whose words are those of the base again do not continue.
    void drop_equal(std::size_t tensor, Changed& c) const {
        const std::size_t stride = s_.bytes_of(tensor);
        std::size_t still = 0;
        for (const std::uint32_t image : images_) {
            const std::byte* now = c.words.data.data() + c.row_of[image] * stride;
            if (std::memcmp(now, base_.tensors[tensor].data.data() + image * stride, stride) != 0) {
                c.images[still++] = image;
            } else {
                c.row_of[image] = kAsBase;
            }
        }
        c.images.resize(still);
    }

    // Most configurations of a sweep change no image of a chunk.
    void add_scores(const WideWords& wide, std::span<const int> labels) {
        const bool changes = !changed_[s_.output()].images.empty() || !changed_[s_.error()].images.empty();
        if (!changes && extents_.untouched) return merge(o_, *extents_.untouched);
        Outcome scores = empty_outcome(s_.nodes().size());
        for (std::size_t i = 0; i < base_.images; ++i) score(i, wide, labels, scores);
        merge(o_, scores);
        if (!changes) extents_.untouched = std::move(scores);
    }

    void score(std::size_t i, const WideWords& wide, std::span<const int> labels, Outcome& o) {
        const std::size_t image = base_.first + i;
        std::int64_t best = base_.best[i];
        if (const auto row = row_of(s_.output(), static_cast<std::uint32_t>(i)); row != kAsBase) {
            best = best_of(changed_[s_.output()].words, s_.elements_of(s_.output()), s_.format_of(s_.output()), row,
                           raws_);
        }
        if (!labels.empty() && best == labels[image]) ++o.correct;
        if (best != wide.best[image]) ++o.flips;
        const auto row = row_of(s_.error(), static_cast<std::uint32_t>(i));
        if (row == kAsBase && family_.lossless()) return;
        const WordBatch& words = row == kAsBase ? base_.tensors[s_.error()] : changed_[s_.error()].words;
        const std::size_t at = row == kAsBase ? i : row;
        raws_.resize(wide.elements);
        read_raws(words, wide.elements, s_.format_of(s_.error()), at, raws_.data());
        for (std::size_t e = 0; e < wide.elements; ++e) add_error(o, raws_[e] - wide.raws[image * wide.elements + e]);
    }

    const Segments& s_;
    const Family& family_;
    const std::vector<Limit>& limits_;
    const ChunkBase& base_;
    ChunkExtents& extents_;
    std::vector<Changed> changed_;  // by tensor
    std::vector<std::uint8_t> touched_;
    std::vector<Why> why_{};
    std::vector<std::uint32_t> images_{};  // that run through the segment at hand
    std::vector<WordBatch> gathered_{};
    std::vector<i128> raws_{};
    Outcome o_;
};

}  // namespace

void read_raws(const WordBatch& words, std::size_t elements, Format format, std::size_t image, i128* raws) {
    const auto bytes = static_cast<std::size_t>(words.bytes);
    const std::byte* const from = words.data.data() + image * elements * bytes;
    switch (words.bytes) {
        case 1:
            return format.is_signed ? read_as<std::int8_t>(from, elements, raws)
                                    : read_as<std::uint8_t>(from, elements, raws);
        case 2:
            return format.is_signed ? read_as<std::int16_t>(from, elements, raws)
                                    : read_as<std::uint16_t>(from, elements, raws);
        case 4:
            return format.is_signed ? read_as<std::int32_t>(from, elements, raws)
                                    : read_as<std::uint32_t>(from, elements, raws);
        default:
            return format.is_signed ? read_as<std::int64_t>(from, elements, raws)
                                    : read_as<std::uint64_t>(from, elements, raws);
    }
}

ChunkBase base_of(const Segments& segments, const Family& family, const WordBatch& input, std::size_t first,
                  std::size_t images) {
    ChunkBase base{.first = first, .images = images};
    base.tensors.resize(segments.graph().nodes.size() + 1);
    const auto stride = static_cast<std::ptrdiff_t>(segments.bytes_of(0));
    const auto begin = input.data.begin() + static_cast<std::ptrdiff_t>(first) * stride;
    base.tensors[0] = {.images = images, .dims = input.dims, .bytes = input.bytes, .data = {}};
    base.tensors[0].data.assign(begin, begin + static_cast<std::ptrdiff_t>(images) * stride);
    const auto all = first_numbers(images);
    for (const Segment& segment : segments.list()) {
        std::optional<AccumulatorSpec> spec;
        if (segment.number) spec = family.layers()[*segment.number].unlimited;
        std::vector<const WordBatch*> known;
        for (const std::size_t in : segment.inputs) known.push_back(&base.tensors[in]);
        base.tensors[segment.out] = std::move(segments.part(segment, spec, false)->run(known, all).wanted.front());
    }
    const std::size_t output = segments.output();
    std::vector<i128> raws;
    for (std::size_t i = 0; i < images; ++i)
        base.best.push_back(
            best_of(base.tensors[output], segments.elements_of(output), segments.format_of(output), i, raws));
    return base;
}

ChunkExtents extents_of(const Segments& segments, const Family& family, const ChunkBase& base) {
    const auto all = first_numbers(base.images);
    ChunkExtents extents;
    extents.exact.resize(family.layers().size());
    extents.widest.resize(family.layers().size());
    extents.enough.assign(family.layers().size(),
                          std::vector<SumExtent>(base.images, {std::numeric_limits<std::int64_t>::min(),
                                                               std::numeric_limits<std::int64_t>::max()}));
    for (const Segment& segment : segments.list()) {
        if (!segment.number) continue;
        const auto& range = family.layers()[*segment.number].range;
        if (!range) continue;
        extents.exact[*segment.number] = range->run(base.tensors[segment.inputs.front()], all);
        SumExtent& widest = extents.widest[*segment.number];
        for (const SumExtent& one : extents.exact[*segment.number])
            widest = {std::min(widest.low, one.low), std::max(widest.high, one.high)};
    }
    return extents;
}

std::vector<std::uint64_t> always_touched(const Segments& segments, const Family& family, const ChunkBase& base) {
    const auto all = first_numbers(base.images);
    std::vector<std::uint64_t> touched(family.layers().size() + 1);
    std::vector<std::uint8_t> any(base.images);
    for (const Segment& segment : segments.list()) {
        if (!segment.number) continue;
        const FamilyLayer& layer = family.layers()[*segment.number];
        std::vector<std::uint8_t> overflowed(base.images, layer.bias_overflows ? 1 : 0);
        if (!layer.range) {
            const WordBatch* known[] = {&base.tensors[segment.inputs.front()]};
            overflowed = segments.part(segment, layer.unlimited, true)->run(known, all).overflowed[segment.head + 1];
        }
        touched[*segment.number] = static_cast<std::uint64_t>(std::count(overflowed.begin(), overflowed.end(), 1));
        for (std::size_t i = 0; i < any.size(); ++i) any[i] |= overflowed[i];
    }
    touched.back() = static_cast<std::uint64_t>(std::count(any.begin(), any.end(), 1));
    return touched;
}

Outcome rerun(const Segments& segments, const Family& family, const std::vector<Limit>& limits, const ChunkBase& base,
              ChunkExtents& extents, const WideWords& wide, std::span<const int> labels) {
    return Rerun(segments, family, limits, base, extents).run(wide, labels);
}

}  // namespace bittrue::explore
