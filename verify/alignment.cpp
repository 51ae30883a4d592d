#include "alignment.hpp"

#include <algorithm>

namespace bittrue {
namespace {

std::string print_count(std::int64_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

// A memory file or a single row of words has no shape of its own.
bool is_bare(const VectorLayer& layer) {
    return layer.patterns || layer.dims.size() == 1;
}

// One image of dims with four axes as a map, under the assumption of a layout.
Shape as_map(const Dims& dims, Layout layout) {
    return {.layout = layout, .dims = Dims(dims.begin() + 1, dims.end())};
}

bool same_map(const Shape& a, const Shape& b) {
    return a.channels() == b.channels() && a.height() == b.height() && a.width() == b.width();
}

Layout other_map(Layout layout) {
    switch (layout) {
        case Layout::Hwc: return Layout::Chw;
        case Layout::Chw: return Layout::Hwc;
        case Layout::Vector: break;
    }
    return layout;
}

bool same_image(const Dims& a, const Dims& b) {
    return a.size() == b.size() && (a.empty() || std::equal(a.begin() + 1, a.end(), b.begin() + 1));
}

// The layout in which the actual side stores what the expected side stores in another: known from both manifests,
// or from one manifest and the shape of an image (2x26x26 beside 26x26x2).
std::optional<Shape> other_layout(const VectorLayer& expected, const VectorLayer& actual, bool strict) {
    if (expected.dims.size() != 4 || actual.dims.size() != 4) return {};
    if (!expected.layout && !actual.layout) return {};
    const Layout here = expected.layout ? *expected.layout : other_map(*actual.layout);
    const Layout there = other_map(here);
    if (here == there || (actual.layout && *actual.layout != there)) return {};
    const Shape map = as_map(actual.dims, there);
    if (!same_map(as_map(expected.dims, here), map)) return {};
    const bool stated = expected.layout && actual.layout;
    const bool shown = !strict && !same_image(expected.dims, actual.dims);
    return stated || shown ? std::optional(map) : std::nullopt;
}

}  // namespace

Alignment align(const VectorLayer& expected, const VectorLayer& actual, const DiffOptions& options) {
    const VectorLayer& shaped = is_bare(expected) && !is_bare(actual) ? actual : expected;
    const bool bare = is_bare(expected) || is_bare(actual);
    Alignment plan;
    plan.dims = shaped.dims;
    plan.layout =
        shaped.layout ? shaped.layout : (same_image(actual.dims, expected.dims) ? actual.layout : std::nullopt);
    plan.per_image = std::max<std::int64_t>(shaped.words_per_image(), 1);
    const std::int64_t expected_words = expected.word_count();
    const std::int64_t actual_words = actual.word_count();
    plan.words = std::min(expected_words, actual_words);
    plan.placement.dumped = actual_words;
    const std::optional<Shape> other = other_layout(expected, actual, options.strict);
    if (other) {
        plan.layout = other_map(other->layout);
        // Each layout is the other's rotation of the channel axis.
        const std::vector<std::size_t> stored =
            other->layout == Layout::Chw ? std::vector<std::size_t>{2, 0, 1} : std::vector<std::size_t>{1, 2, 0};
        plan.placement.order = axes_order(Dims(plan.dims.begin() + 1, plan.dims.end()), stored, expected_words);
        plan.findings.push_back({.kind = FindingKind::ChannelOrder,
                                 .text = "the actual side stores " + print_dims(actual.dims) + " where " +
                                         print_dims(expected.dims) +
                                         " is expected: compared element by element in the other layout",
                                 .benign = true});
    }
    const bool memory_file = expected.patterns || actual.patterns;
    const bool other_shape =
        !same_image(expected.dims, actual.dims) || (expected_words == actual_words && expected.dims != actual.dims);
    const auto note_shape = [&] {
        if (memory_file || other || !other_shape || actual_words == 0) return;
        plan.notes.push_back("the shape is " + print_dims(actual.dims) + " where " + print_dims(expected.dims) +
                             " is expected: compared word by word in storage order");
    };
    if (expected_words == actual_words) {
        note_shape();
        return plan;
    }
    const bool whole_images = expected_words % plan.per_image == 0 && actual_words % plan.per_image == 0 &&
                              (bare || expected.words_per_image() == actual.words_per_image());
    if (whole_images) {
        plan.counts = print_count(expected_words / plan.per_image, "image") + " expected, " +
                      std::to_string(actual_words / plan.per_image) + " found: the first " +
                      std::to_string(plan.words / plan.per_image) + " compared";
        plan.counts_allowed = options.common;
        note_shape();
        return plan;
    }
    if (!bare) plan.words = 0;
    plan.counts = print_count(expected_words, "word") + " (" + print_dims(expected.dims) + ") expected, " +
                  std::to_string(actual_words) + " (" + print_dims(actual.dims) + ") found: " +
                  (plan.words == 0 ? "not compared" : "the first " + std::to_string(plan.words) + " compared");
    return plan;
}

}  // namespace bittrue
