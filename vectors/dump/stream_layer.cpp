#include "dump/stream_layer.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "files/bit_string.hpp"

namespace bittrue::dump {
namespace {

// Bits of an undefined word, most significant first.
std::string print_bits(std::uint64_t value, std::uint64_t unknown, std::uint64_t z, int width) {
    std::string text = "0b";
    for (int bit = width - 1; bit >= 0; --bit) {
        const bool known = (unknown >> bit & 1U) == 0;
        text += known ? ((value >> bit & 1U) != 0 ? '1' : '0') : ((z >> bit & 1U) != 0 ? 'z' : 'x');
    }
    return text;
}

class StreamReader {
public:
    StreamReader(Beats& beats, const DumpSource& source, const LayerFacts& facts, std::string where,
                 std::vector<std::string>& notes)
        : beats_(beats),
          count_(beats.size()),
          facts_(facts),
          packing_(source.packing),
          where_(std::move(where)),
          notes_(notes) {}

    VectorLayer read(const std::string& name) {
        VectorLayer layer;
        layer.name = name;
        choose_format(layer);
        fit_width();
        choose_blocks();
        PackedWords values{.bits = beats_.bits, .limbs = std::move(beats_.limbs)};
        PackedWords masks = make_masks();
        PackedWords z;
        if (!masks.limbs.empty()) {
            z = values;
            for (std::size_t i = 0; i < z.limbs.size(); ++i) {
                z.limbs[i] &= masks.limbs[i];
                values.limbs[i] &= ~masks.limbs[i];
            }
            say_lost_keep(masks);
            copy_keep(values, masks);
            copy_keep(values, z);
        }
        layer.words = words_of(values, format_, true);
        layer.stored = format_;
        if (!masks.limbs.empty()) mark_undefined(layer, values, masks, z);
        layer.lanes = packing_.lanes;
        place_times(layer);
        layer.dims = {static_cast<std::int64_t>(layer.words.size())};
        return layer;
    }

private:
    void choose_format(VectorLayer& layer) {
        if (facts_.format) {
            format_ = *facts_.format;
            return;
        }
        int width = packing_.lane_bits;
        if (width == 0) {
            const int data = packing_.word_bits != 0 ? packing_.word_bits : beats_.bits;
            if (packing_.axis || data % packing_.lanes != 0) {
                throw InputError(where_, "the width of a word is not known; give its format (format = \"s8.5\")");
            }
            width = data / packing_.lanes;
        }
        if (width > kMaxStoredWidth) {
            throw InputError(where_, fmt::format("{} bits are more than one word; give packing and format of its "
                                                 "words (packing = \"lanes=4\", format = \"s8.5\")",
                                                 width));
        }
        format_ = {.width = width, .integer = width, .is_signed = false};
        layer.patterns = true;
    }

    // Bits of a beat by packing and format, against those of the signals.
    void fit_width() {
        Packing stream = packing_;
        stream.order = ElementOrder::Storage;
        const int packed = packed_bits_of(stream);
        if (packed == beats_.bits) return;
        if (packed > beats_.bits) {
            throw InputError(where_, fmt::format("its signals have {} bits together, its words as packed {}; name all "
                                                 "signals of the word, or give its packing and format",
                                                 beats_.bits, packed));
        }
        if (packing_ != Packing{}) {
            throw InputError(where_, fmt::format("its signals have {} bits, its words as packed {}; name the bits "
                                                 "that hold the word, as in \"bus[{}:0]\"",
                                                 beats_.bits, packed, packed - 1));
        }
        const auto beats = static_cast<std::int64_t>(count_);
        const std::int64_t lanes = beats_.bits / format_.width;
        if (facts_.expected != nullptr && beats_.bits % format_.width == 0 && beats != facts_.expected->word_count() &&
            beats * lanes == facts_.expected->word_count()) {
            packing_.lanes = static_cast<int>(lanes);
            notes_.push_back(fmt::format("{}: beats of {} bits are read as {} words, the first in the low bits", where_,
                                         beats_.bits, lanes));
            return;
        }
        narrow();
    }

    // Words in the low bits of a wider bus: nothing may be lost.
    void narrow() {
        const auto width = static_cast<std::size_t>(format_.width);
        const std::size_t limbs = beats_.limbs_per_beat();
        const auto bits = static_cast<std::size_t>(beats_.bits);
        std::size_t undefined = 0;
        std::vector<std::uint64_t> values, masks;
        for (std::size_t i = 0; i < count_; ++i) {
            const std::span<const std::uint64_t> beat = std::span(beats_.limbs).subspan(i * limbs, limbs);
            const bool unknown = undefined < beats_.undefined.size() && beats_.undefined[undefined] == i;
            const bool negative = format_.is_signed && get_bits(beat, width - 1, 1) != 0;
            if (!unknown && !all_bits_are(beat, width, bits, false) &&
                !(negative && all_bits_are(beat, width, bits, true))) {
                throw InputError(where_, fmt::format("its signals have {} bits, its words {}, and beat {} has more "
                                                     "bits than that; give its packing, or name the bits that hold "
                                                     "the word, as in \"bus[{}:0]\"",
                                                     bits, width, i, width - 1));
            }
            values.push_back(get_bits(beat, 0, format_.width));
            if (unknown) {
                masks.push_back(
                    get_bits(std::span(beats_.unknown).subspan(undefined * limbs, limbs), 0, format_.width));
                ++undefined;
            }
        }
        // A beat of which only the bits above the word are x or z holds a known word.
        std::vector<std::uint64_t> places, kept;
        for (std::size_t i = 0; i < masks.size(); ++i) {
            if (masks[i] == 0) continue;
            places.push_back(beats_.undefined[i]);
            kept.push_back(masks[i]);
        }
        beats_.limbs = std::move(values);
        beats_.unknown = std::move(kept);
        beats_.undefined = std::move(places);
        beats_.bits = format_.width;
        notes_.push_back(fmt::format("{}: its signals have {} bits; the low {} are its words", where_, bits, width));
    }

    [[nodiscard]] int packed_bits_of(const Packing& packing) const {
        const PackedShape shape{.format = format_, .dims = {1, packing.lanes}, .layout = {}};
        check_packing(packing, shape, where_);
        return packed_bits(packing, shape);
    }

    // Whole images by the expected shape, or a stream without one.
    void choose_blocks() {
        const VectorLayer* expected = facts_.expected;
        const bool reorders = packing_.order != ElementOrder::Storage;
        if (expected != nullptr && !expected->dims.empty() && expected->dims.front() > 0) {
            PackedShape shape{.format = format_, .dims = expected->dims, .layout = expected->layout};
            check_packing(packing_, shape, where_);
            const std::int64_t per_image = packed_words_per_image(packing_, shape);
            const auto beats = static_cast<std::int64_t>(count_);
            const std::int64_t elements = expected->words_per_image();
            const bool runs_on = elements % packing_.lanes != 0 && beats * packing_.lanes == expected->word_count();
            if (per_image > 0 && beats > 0 && beats % per_image == 0 && !runs_on) {
                shape.dims.front() = beats / per_image;
                shape_ = shape;
                return;
            }
        }
        if (!reorders) return;
        notes_.push_back(where_ +
                         ": its beats are no whole number of images; its words stay in the order of the "
                         "stream");
        packing_.order = ElementOrder::Storage;
    }

    [[nodiscard]] std::vector<std::int64_t> words_of(const PackedWords& packed, Format format, bool noting) const {
        if (!shape_) return unpack_stream(packed, packing_, format, where_);
        PackedShape shape = *shape_;
        shape.format = format;
        Unpacked unpacked = unpack(packed, packing_, shape, where_);
        if (noting) notes_.insert(notes_.end(), unpacked.notes.begin(), unpacked.notes.end());
        return std::move(unpacked.words);
    }

    // One mask per beat, empty if all bits are known.
    [[nodiscard]] PackedWords make_masks() const {
        PackedWords masks{.bits = beats_.bits, .limbs = {}};
        if (beats_.undefined.empty()) return masks;
        const std::size_t limbs = beats_.limbs_per_beat();
        masks.limbs.resize(count_ * limbs);
        for (std::size_t i = 0; i < beats_.undefined.size(); ++i) {
            std::copy_n(beats_.unknown.begin() + static_cast<std::ptrdiff_t>(i * limbs), limbs,
                        masks.limbs.begin() + static_cast<std::ptrdiff_t>(beats_.undefined[i] * limbs));
        }
        return masks;
    }

    // Of a beat {TLAST, TKEEP, TDATA} of 9 n + 1 bits, the lowest bit of TKEEP.
    [[nodiscard]] std::size_t keep_begin() const { return (static_cast<std::size_t>(beats_.bits) - 1) / 9 * 8; }

    void say_lost_keep(const PackedWords& masks) const {
        if (!packing_.axis) return;
        std::size_t lost = 0;
        for (std::size_t beat = 0; beat < count_; ++beat) {
            const bool known =
                all_bits_are(masks.word(beat), keep_begin(), static_cast<std::size_t>(beats_.bits), false);
            if (!known) ++lost;
        }
        if (lost > 0) notes_.push_back(fmt::format("{}: TKEEP or TLAST is x or z in {} beats", where_, lost));
    }
    // So that masks lose the same lanes as their words.
    void copy_keep(const PackedWords& values, PackedWords& masks) const {
        if (!packing_.axis) return;
        const std::size_t limbs = masks.limbs_per_word();
        for (std::size_t beat = 0; beat < count_; ++beat) {
            const Limbs mask = std::span(masks.limbs).subspan(beat * limbs, limbs);
            for (std::size_t bit = keep_begin(); bit < static_cast<std::size_t>(beats_.bits); ++bit) {
                const std::uint64_t keep = get_bits(values.word(beat), bit, 1);
                mask[bit / 64] = (mask[bit / 64] & ~(std::uint64_t{1} << bit % 64)) | keep << bit % 64;
            }
        }
    }

    void mark_undefined(VectorLayer& layer, const PackedWords& values, const PackedWords& masks,
                        const PackedWords& z) const {
        const Format bits{.width = format_.width, .integer = format_.width, .is_signed = false};
        const std::vector<std::int64_t> unknown = words_of(masks, bits, false);
        const std::vector<std::int64_t> high = words_of(z, bits, false);
        const std::vector<std::int64_t> known = words_of(values, bits, false);
        for (std::size_t i = 0; i < unknown.size(); ++i) {
            if (unknown[i] == 0) continue;
            layer.words[i] = 0;
            layer.undefined.push_back(static_cast<std::int64_t>(i));
            layer.undefined_bits.push_back(print_bits(static_cast<std::uint64_t>(known[i]),
                                                      static_cast<std::uint64_t>(unknown[i]),
                                                      static_cast<std::uint64_t>(high[i]), format_.width));
        }
    }
    // One time per beat of `lanes` words; where words are not in the order of the beats, one per word.
    void place_times(VectorLayer& layer) {
        const bool in_order = packing_.order == ElementOrder::Storage &&
                              layer.words.size() == count_ * static_cast<std::size_t>(packing_.lanes);
        if (in_order) {
            layer.beat_times = std::move(beats_.times);
            return;
        }
        layer.lanes = 1;
        if (beats_.times.empty() || !shape_ || packing_.lanes > kMaxPackedBits / 64) return;
        PackedWords times{.bits = 64 * packing_.lanes, .limbs = {}};
        for (const std::uint64_t time : beats_.times) {
            times.limbs.insert(times.limbs.end(), static_cast<std::size_t>(packing_.lanes), time);
        }
        PackedShape shape = *shape_;
        shape.format = {.width = 64, .integer = 64, .is_signed = false};
        const Packing plain{.lanes = packing_.lanes, .order = packing_.order};
        for (const std::int64_t time : unpack(times, plain, shape, where_).words) {
            layer.beat_times.push_back(static_cast<std::uint64_t>(time));
        }
    }

    Beats& beats_;
    std::size_t count_;
    const LayerFacts& facts_;
    Packing packing_;
    std::string where_;
    std::vector<std::string>& notes_;
    Format format_{};
    std::optional<PackedShape> shape_{};
};

}  // namespace

const VectorLayer* find_layer(const VectorSet* schema, const std::string& name) {
    if (schema == nullptr) return nullptr;
    if (const VectorLayer* layer = schema->find(name)) return layer;
    std::vector<std::string> names;
    for (const VectorLayer& layer : schema->layers) names.push_back(layer.name);
    const std::vector<std::string> stems = file_stems(names);
    const auto found = std::find(stems.begin(), stems.end(), name);
    return found == stems.end() ? nullptr : &schema->layers[static_cast<std::size_t>(found - stems.begin())];
}

LayerFacts layer_facts(const DumpSource& source, const VectorSet* schema) {
    LayerFacts facts{.format = source.format, .type = {}, .expected = find_layer(schema, source.layer)};
    if (facts.expected == nullptr) {
        if (facts.format) facts.type = FixedType{.format = *facts.format};
        return facts;
    }
    const VectorLayer& expected = *facts.expected;
    if (!facts.format && (expected.type || !expected.patterns)) {
        facts.format = expected.type ? expected.type->format : expected.stored;
    }
    if (expected.type && facts.format == expected.type->format) facts.type = expected.type;
    if (!facts.type && source.format) facts.type = FixedType{.format = *source.format};
    return facts;
}

void describe(VectorLayer& layer, const LayerFacts& facts) {
    layer.type = facts.type;
    const std::int64_t count = layer.word_count();
    if (facts.expected != nullptr) {
        layer.name = facts.expected->name;
        layer.inputs = facts.expected->inputs;
        if (count == facts.expected->word_count() && !facts.expected->dims.empty()) {
            layer.dims = facts.expected->dims;
            layer.layout = facts.expected->layout;
            return;
        }
    }
    if (layer.dims.empty() || element_count(layer.dims) != count) layer.dims = {count};
}

VectorLayer stream_layer(Beats beats, const DumpSource& source, const LayerFacts& facts, const std::string& where,
                         std::vector<std::string>& notes) {
    VectorLayer layer = StreamReader(beats, source, facts, where, notes).read(source.layer);
    describe(layer, facts);
    return layer;
}

}  // namespace bittrue::dump
