// Compares two vector sets word by word and finds the first layer that is wrong although its inputs are right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/vectors/vector_set.hpp"

namespace bittrue {

struct DiffOptions {
    // Compare what both sides have: a layer or image that only one side has is no difference.
    bool common = false;
    // Compare place by place only: no search for another order, offset or reading of the dump
    // (docs/reading_a_mismatch.md).
    bool strict = false;
};

// How the dump had to be read so that its words meet the expected ones. A finding that is not benign makes the report
// different even where all words then agree.
enum class FindingKind : std::uint8_t {
    Offset,        // beats late or early: the dump begins before or after the expected words
    Dropped,       // beats missing from a place on
    Duplicated,    // beats repeated
    Lanes,         // another order of the lanes in a beat: reversed, rotated, any permutation
    Bits,          // bits of each word reversed
    Bytes,         // bytes of each word (or of each beat) reversed
    Signedness,    // read with the other sign
    ChannelOrder,  // channels first beside channels last
    Transposed,    // rows and columns exchanged
    Shifted,       // every word is the expected one times a power of two: another binary point or lane alignment
};
struct Finding {
    FindingKind kind{};
    std::string text{};       // one clause: "3 beats late from word 512 on", "lanes reversed (4 lanes)"
    std::int64_t from = 0;    // flat word of the expected layer where it begins
    std::int64_t amount = 0;  // beats (words where they are no whole beats), lanes, bits; 0 where it has none
    bool benign = false;  // a matter of how the file is read (channel order, signedness), not of what the hardware did
    std::int64_t mismatches_before = 0;  // words that differed without the finding
    std::int64_t mismatches_after = 0;
};

// One word that differs. Raws are the integers as stored; the distance is actual - expected, in LSBs.
struct Mismatch {
    std::int64_t flat =
        0;  // number of the word in the expected layer, C order, all images: its line among the words of a .hex file
    std::int64_t image = 0;
    std::vector<std::int64_t> index{};  // along the expected dims, the image first
    i128 expected = 0;
    i128 actual = 0;
    std::string expected_bits{}, actual_bits{};  // of a word with x or z bits: "0b10xx01zz"; its raw means nothing then
    // A decimal that no word prints as: its raw is the nearest. Where no format is known every decimal is one, and the
    // raws mean nothing.
    std::string expected_decimal{}, actual_decimal{};
    std::int64_t actual_flat = -1;  // place in the dump where alignment moved it; -1: the same as `flat`
    std::string when{};             // time or sample of its beat: "at 1250 ns", "at sample 17"

    [[nodiscard]] i128 distance() const { return actual - expected; }
    // Neither side's bits are undefined: the raws mean something.
    [[nodiscard]] bool is_defined() const { return expected_bits.empty() && actual_bits.empty(); }
};

// How many words have a distance of low..high, both included and of one sign. Up to 4 LSBs every distance has its own
// bucket, beyond that they end at powers of two: 5..8, 9..16, ...
struct DistanceBucket {
    i128 low = 0;
    i128 high = 0;
    std::int64_t count = 0;
};

// The bucket a distance other than 0 belongs to, with count 0.
[[nodiscard]] DistanceBucket bucket_of(i128 distance);

struct LayerDiff {
    std::string name{};
    std::optional<FixedType> type{};         // of the expected side, else of the actual
    std::optional<FixedType> actual_type{};  // as printed for the actual word, else `type`
    std::vector<std::string> axes{};  // axis_names or axes of the expected side, else of the actual; empty: unknown
    Dims dims{};                      // of the expected side (of the actual where that is a bare memory file)

    std::int64_t words_compared = 0;
    std::int64_t words_different = 0;
    std::int64_t words_missing = 0;  // that the actual side ends before, where that is a difference
    std::int64_t images_compared = 0;
    std::int64_t images_different = 0;  // with a wrong word, or misaligned: from the first word of a finding on
    std::optional<Mismatch> first{};
    i128 min_distance = 0, max_distance = 0;  // over the words that differ and have a distance: histogram not empty
    std::vector<DistanceBucket> histogram{};  // ascending, without empty buckets

    // Differences other than words, in sentences: other number of images, other shape, other format.
    std::vector<std::string> differences{};
    // What was taken for granted to compare at all, in sentences.
    std::vector<std::string> notes{};
    std::vector<Finding> findings{};   // `words_different` and all counts are those of the reading they describe
    std::int64_t words_undefined = 0;  // with x or z bits; they count as different
    std::int64_t words_ambiguous = 0;  // compared modulo what a decimal text still holds: several raws print alike

    // "Given equal inputs": images in which this layer differs while every tensor it reads is equal. Where the graph is
    // not known, the layers in front of it stand for its inputs.
    bool inputs_known = false;      // the graph says what it reads, and all of that was compared
    bool is_network_input = false;  // of a set with a graph
    std::int64_t origin_images = 0;
    std::optional<Mismatch> origin{};  // the first word in such an image; empty where only findings tell

    [[nodiscard]] bool equal() const { return words_different == 0 && differences.empty() && harmless(); }
    [[nodiscard]] bool harmless() const;  // every finding is benign
};

struct DiffReport {
    std::vector<LayerDiff> layers{};  // that both sides have, in the expected order; in the actual one where only that
                                      // side has a manifest or graph
    std::vector<std::string> only_expected{};  // names of layers
    std::vector<std::string> only_actual{};
    std::vector<std::string> differences{};  // of the sets as wholes
    std::vector<std::string> notes{};        // of the readers and of the sets as wholes
    bool common = false;
    // The first layer in order that has a wrong word in an image in which all its inputs are equal.
    std::optional<std::size_t> first_differing{};
    // The first layer in order whose words end early.
    std::optional<std::size_t> first_incomplete{};

    // False also when nothing was compared.
    [[nodiscard]] bool equal() const;
    [[nodiscard]] std::int64_t words_compared() const;
    [[nodiscard]] std::int64_t words_different() const;
};

// Layers are paired by name (also by the file name that file_stems makes of either side's). Beyond the plain case:
//  - the network's input may be absent from a dump without a manifest: a note, because a design does not dump what it
//  was fed;
//  - a memory file without format takes that of the other side, and its shape;
//  - a side that holds the unsigned reading of signed patterns (255 for -1 in 8 bits), or the reverse, is
//    compared by pattern: a harmless finding (not with `strict`);
//  - as many words in another shape are compared in storage order, with a note; a channels-first side beside a
//    channels-last one (by both manifests, or by one and another shape of the image; with `strict` by both
//    manifests only) element by element: a harmless finding;
//  - of words without any format that are equal as patterns, signed beside unsigned, a note says so: they differ;
//  - of another number of images the common ones are compared: a difference unless `common`. Other counts are always a
//    difference, compared as far as they go where one side is a memory file or a single row of
//    words, else not at all;
//  - words that differ are looked for elsewhere in the dump and in other readings (not with `strict`): findings.
//    docs/reading_a_mismatch.md has the rule;
//  - decimals are compared modulo what their digits hold, with a note; words with undefined bits equal nothing;
//  - two known formats of other width, integer bits or signedness are a difference even where the words agree.
[[nodiscard]] DiffReport diff(const VectorSet& expected, const VectorSet& actual, const DiffOptions& options = {});

}  // namespace bittrue
