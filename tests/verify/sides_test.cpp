// Either side may be the dump: what one manifest, or none, is enough for.
#include <algorithm>

#include <catch2/catch.hpp>

#include "bittrue/model/npz.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "bittrue/verify/report.hpp"
#include "vectors/support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

VectorSet of_one(VectorLayer layer) {
    VectorSet set;
    set.layers.push_back(std::move(layer));
    return set;
}

// As a dump states it: no format, no layout, no graph.
VectorLayer bare(VectorLayer layer) {
    layer.type.reset();
    layer.layout.reset();
    layer.inputs.clear();
    layer.stored = {.width = 64, .integer = 64, .is_signed = true};
    return layer;
}

VectorLayer cut(VectorLayer layer, std::int64_t images) {
    layer.words.resize(static_cast<std::size_t>(images * layer.words_per_image()));
    layer.dims[0] = images;
    return layer;
}

VectorLayer transposed(const VectorLayer& from, Layout to) {
    VectorLayer result = from;
    const Shape a{.layout = *from.layout, .dims = Dims(from.dims.begin() + 1, from.dims.end())};
    const Shape b = make_map(to, a.channels(), a.height(), a.width());
    result.layout = to;
    result.dims = b.dims;
    result.dims.insert(result.dims.begin(), from.dims[0]);
    for (std::int64_t n = 0; n < from.dims[0]; ++n) {
        for (std::int64_t c = 0; c < a.channels(); ++c) {
            for (std::int64_t y = 0; y < a.height(); ++y) {
                for (std::int64_t x = 0; x < a.width(); ++x) {
                    result.words[static_cast<std::size_t>(n * b.count() + b.index(c, y, x))] =
                        from.words[static_cast<std::size_t>(n * a.count() + a.index(c, y, x))];
                }
            }
        }
    }
    return result;
}

std::string notes_of(const DiffReport& report) {
    std::string text;
    for (const Finding& finding : report.layers.at(0).findings) text += finding.text + "\n";
    for (const std::string& note : report.layers.at(0).notes) text += note + "\n";
    return text;
}

std::string first_of(const DiffReport& report) {
    return report.first_differing ? report.layers[*report.first_differing].name : "none";
}

}  // namespace

TEST_CASE("Sides: a cubic map beside another number of images of it is not taken for another layout") {
    for (const Layout layout : {Layout::Chw, Layout::Hwc}) {
        const VectorLayer all = make_layer("conv", type_of_bits(8, 3), layout, {50, 8, 8, 8}, {}, 1);
        for (const bool manifest_first : {true, false}) {
            const VectorSet few = of_one(manifest_first ? cut(all, 5) : bare(cut(all, 5)));
            const VectorSet many = of_one(manifest_first ? bare(all) : all);
            for (const bool swap : {false, true}) {
                const DiffReport report = swap ? diff(many, few, {.common = true}) : diff(few, many, {.common = true});
                CAPTURE(manifest_first, swap);
                CHECK(report.equal());
                CHECK(report.words_compared() == 5 * 512);
                CHECK(report.layers[0].axes.size() == 4);
            }
        }
    }
}

TEST_CASE(
    "Sides: a channels-first dump beside a channels-last set is compared by element, whichever side is the dump") {
    const VectorLayer last = make_layer("conv", type_of_bits(8, 3), Layout::Hwc, {3, 13, 11, 2}, {}, 4);
    const VectorLayer first = transposed(last, Layout::Chw);
    for (const auto& [with, without] : {std::pair(last, bare(first)), std::pair(first, bare(last))}) {
        for (const bool dump_expected : {false, true}) {
            VectorSet expected = of_one(dump_expected ? without : with);
            const VectorSet actual = of_one(dump_expected ? with : without);
            CAPTURE(dump_expected);
            CHECK(diff(expected, actual).equal());
            CHECK_THAT(notes_of(diff(expected, actual)), Catch::Contains("other layout"));
            // Another number of images changes nothing.
            CHECK(diff(of_one(cut(expected.layers[0], 2)), actual, {.common = true}).equal());
            // A wrong word is named by the axes of the side it is counted in.
            expected.layers[0].words[287] ^= 1;
            const DiffReport wrong = diff(expected, actual);
            CHECK(wrong.words_different() == 1);
            const LayerDiff& layer = wrong.layers[0];
            const bool is_last = expected.layers[0].dims.back() == 2;
            CHECK(layer.first->flat == 287);
            CHECK(layer.axes == axis_names(is_last ? Layout::Hwc : Layout::Chw, expected.layers[0].dims));
            CHECK(layer.first->index == std::vector<std::int64_t>{1, 0, 0, 1});  // 287 = 286 + 1 in both layouts
        }
    }
}

TEST_CASE("Sides: without any manifest another shape of the image is said, with as many images and with fewer") {
    const VectorLayer last = make_layer("conv", type_of_bits(8, 3), Layout::Hwc, {4, 26, 26, 2}, {}, 4);
    const VectorLayer first = transposed(last, Layout::Chw);
    for (const std::int64_t images : {2, 4}) {
        const DiffReport report = diff(of_one(bare(last)), of_one(bare(cut(first, images))), {.common = true});
        CHECK_FALSE(report.equal());
        CHECK_THAT(notes_of(report),
                   Catch::Contains("the shape is " + std::to_string(images) + "x2x26x26 where 4x26x26x2 is expected"));
    }
    CHECK_THAT(notes_of(diff(of_one(bare(last)), of_one(bare(cut(last, 2))), {.common = true})),
               !Catch::Contains("shape"));
}

TEST_CASE("Sides: the two files of one layer are equal, and so is the hex file beside its set") {
    const Folder folder;
    write_vector_set(folder / "v", small_set());
    for (const VectorLayer& layer : small_set().layers) {
        const std::string hex = folder / ("v/" + layer.name + ".hex");
        const std::string npy = folder / ("v/" + layer.name + ".npy");
        CAPTURE(layer.name);
        CHECK(diff(read_vector_set(hex), read_vector_set(npy)).equal());
        CHECK(diff(read_vector_set(npy), read_vector_set(hex)).equal());
        CHECK(diff(read_vector_set(folder / "v"), read_vector_set(hex), {.common = true}).equal());
        CHECK(diff(read_vector_set(hex), read_vector_set(folder / "v"), {.common = true}).equal());
    }
    const std::string weights = folder / "v/parameters/dense_weights";
    CHECK(diff(read_vector_set(weights + ".hex"), read_vector_set(weights + ".npy")).equal());
}

TEST_CASE("Sides: signed beside unsigned words without a format differ, and why is said") {
    const Folder folder;
    write_npz(folder / "s.npz",
              {{"x", {.dims = {1, 4}, .type = NpyType::Int8, .integers = {-1, -128, 127, 0}, .reals = {}}}});
    write_npz(folder / "u.npz",
              {{"x", {.dims = {1, 4}, .type = NpyType::UInt8, .integers = {255, 128, 127, 0}, .reals = {}}}});
    const VectorSet s = read_vector_set(folder / "s.npz");
    VectorSet u = read_vector_set(folder / "u.npz");
    DiffReport report = diff(s, u);
    CHECK_FALSE(report.equal());
    CHECK(report.words_different() == 2);
    CHECK_THAT(
        notes_of(report),
        Catch::Contains("the actual side seems to hold the unsigned reading of the other's words of 8 signed bits"));
    CHECK_THAT(notes_of(diff(u, s)), Catch::Contains("the expected side seems"));
    CHECK_THAT(print_report(report), Catch::Contains("note: x: the bit patterns are equal"));
    // One word that is wrong in its low bits, or unsigned beyond the signed range on both sides: no hint.
    u.layers[0].words = {255, 129, 127, 0};
    CHECK(notes_of(diff(s, u)).empty());
    u.layers[0].words = {255, 128, 383, 0};
    CHECK(notes_of(diff(s, u)).empty());
    VectorSet high = s;
    high.layers[0].stored = {.width = 16, .integer = 16, .is_signed = true};
    high.layers[0].words = {-1, -128, 200, 0};
    u.layers[0].words = {255, 128, 200, 0};
    CHECK(notes_of(diff(high, u)).empty());
    // The widest words.
    high.layers[0].stored = {.width = 64, .integer = 64, .is_signed = true};
    high.layers[0].words = {-1, INT64_MIN, INT64_MAX, 0};
    u = high;
    u.layers[0].stored.is_signed = false;
    CHECK_THAT(notes_of(diff(high, u)), Catch::Contains("64 signed bits"));
}

TEST_CASE("Sides: the first differing layer follows the order and graph of the side that has a manifest") {
    const VectorSet golden = small_set();
    VectorSet dump;
    for (const VectorLayer& layer : golden.layers) dump.layers.push_back(bare(layer));
    std::sort(dump.layers.begin(), dump.layers.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    for (VectorLayer& layer : dump.layers) {
        if (layer.name == "conv" || layer.name == "dense" || layer.name == "side") layer.words[0] ^= 1;
    }
    for (const bool dump_expected : {true, false}) {
        const DiffReport report = dump_expected ? diff(dump, golden) : diff(golden, dump);
        CAPTURE(dump_expected);
        REQUIRE(report.layers.size() == 5);
        for (std::size_t i = 0; i < 5; ++i) CHECK(report.layers[i].name == golden.layers[i].name);
        CHECK(first_of(report) == "conv");
        CHECK(report.layers[0].is_network_input);
        CHECK(report.layers[2].origin_images == 1);
        CHECK(report.layers[4].origin_images == 0);
    }
    // Where the actual side calls its layers otherwise, its graph speaks of its own names.
    VectorSet renamed = golden;
    layer_of(renamed, "conv").name = "block/conv";
    layer_of(renamed, "flatten").inputs = {"block/conv"};
    for (VectorLayer& layer : dump.layers) {
        if (layer.name == "conv") layer.name = "block_conv";
        if (layer.name == "flatten") layer.words[0] ^= 1;
    }
    const DiffReport report = diff(dump, renamed);
    CHECK(report.only_expected.empty());
    CHECK(first_of(report) == "block_conv");
    CHECK(report.layers[3].inputs_known);
    CHECK(report.layers[3].origin_images == 0);
    // Neither side has one: the expected order.
    VectorSet both = dump;
    layer_of(both, "input").words[0] ^= 1;
    layer_of(both, "dense").words[0] ^= 1;
    CHECK(first_of(diff(dump, both)) == "dense");
}
