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
};

// One word that differs. Raws are the integers as stored; the distance is actual - expected, in LSBs.
struct Mismatch {
    std::int64_t flat =
        0;  // number of the word in the expected layer, C order, all images: its line among the words of a .hex file
    std::int64_t image = 0;
    std::vector<std::int64_t> index{};  // along the expected dims, the image first
    i128 expected = 0;
    i128 actual = 0;

    [[nodiscard]] i128 distance() const { return actual - expected; }
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
    std::vector<std::string> axes{};         // axis_names of the expected side, else of the actual; empty: unknown
    Dims dims{};                             // of the expected side (of the actual where that is a bare memory file)

    std::int64_t words_compared = 0;
    std::int64_t words_different = 0;
    std::int64_t images_compared = 0;
    std::int64_t images_different = 0;
    std::optional<Mismatch> first{};
    i128 min_distance = 0, max_distance = 0;  // over the words that differ
    std::vector<DistanceBucket> histogram{};  // ascending, without empty buckets

    // Differences other than words, in sentences: other number of images, other shape, other format.
    std::vector<std::string> differences{};
    // What was taken for granted to compare at all, in sentences.
    std::vector<std::string> notes{};

    // "Given equal inputs": images in which this layer differs while every tensor it reads is equal. Where the graph is
    // not known, the layers in front of it stand for its inputs.
    bool inputs_known = false;      // the graph says what it reads, and all of that was compared
    bool is_network_input = false;  // of a set with a graph
    std::int64_t origin_images = 0;
    std::optional<Mismatch> origin{};  // the first word in such an image

    [[nodiscard]] bool equal() const { return words_different == 0 && differences.empty(); }
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

    // False also when nothing was compared.
    [[nodiscard]] bool equal() const;
    [[nodiscard]] std::int64_t words_compared() const;
    [[nodiscard]] std::int64_t words_different() const;
};

// Layers are paired by name (also by the file name that file_stems makes of either side's). Beyond the plain case:
//  - a memory file without format takes that of the other side, and its shape;
//  - a side that holds the unsigned reading of signed patterns (255 for -1 in 8 bits), or the reverse, is
//    compared by pattern, with a note;
//  - as many words in another shape are compared in storage order, with a note; a channels-first side beside a
//    channels-last one (by both manifests, or by one and another shape of the image) element by element, with a note;
//  - of words without any format that are equal as patterns, signed beside unsigned, a note says so: they differ;
//  - of another number of images the common ones are compared: a difference unless `common`. Other counts are always a
//    difference, compared as far as they go where one side is a memory file or a single row of
//    words, else not at all;
//  - two known formats of other width, integer bits or signedness are a difference even where the words agree.
[[nodiscard]] DiffReport diff(const VectorSet& expected, const VectorSet& actual, const DiffOptions& options = {});

}  // namespace bittrue
