// Packing: lanes, padding, orders, folds and stream beats against a second implementation and against words by hand.
#include <catch2/catch.hpp>

#include "packings.hpp"
#include "support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

std::string hex_of(const PackedWords& packed, std::size_t word) {
    std::string text;
    for (int digit = (packed.bits + 3) / 4; digit-- > 0;) {
        const auto bit = static_cast<std::size_t>(4 * digit);
        text += "0123456789abcdef"[packed.word(word)[bit / 64] >> (bit % 64) & 15U];
    }
    return text;
}

std::vector<std::string> hex_words(const std::vector<std::int64_t>& words, const std::string& packing,
                                   const PackedShape& shape) {
    const PackedWords packed = pack(words, parse_packing(packing), shape, "x");
    std::vector<std::string> text;
    for (std::size_t i = 0; i < packed.size(); ++i) text.push_back(hex_of(packed, i));
    return text;
}

PackedShape vector_of(int width, std::int64_t count, bool is_signed = true, std::int64_t images = 1) {
    return {.format = {.width = width, .integer = width, .is_signed = is_signed},
            .dims = {images, count},
            .layout = Layout::Vector};
}

std::string refusal(const std::string& packing, const PackedShape& shape) {
    return error_of([&] { check_packing(parse_packing(packing), shape, "layer 'x'"); });
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("Packing: random shapes and packings are packed as a bit-by-bit reading of the rules says") {
    Random random(2024);
    for (int round = 0; round < 3000; ++round) {
        const RandomShape shape = random_shape(random);
        const Packing packing = random_packing(random, shape);
        const std::vector<std::int64_t> words = random_words(random, shape.shape);
        CAPTURE(round, print_packing(packing), print_dims(shape.shape.dims), shape.shape.format.width);
        const PackedWords packed = pack(words, packing, shape.shape, "x");
        const auto expected = packed_slowly(words, packing, shape.shape);
        REQUIRE(packed.size() == expected.size());
        REQUIRE(packed.bits == static_cast<int>(expected[0].size()));
        REQUIRE(packed.bits == packed_bits(packing, shape.shape));
        REQUIRE(packed.size() ==
                static_cast<std::size_t>(packed_words_per_image(packing, shape.shape) * shape.shape.dims[0]));
        for (std::size_t i = 0; i < packed.size(); ++i) {
            for (std::size_t bit = 0; bit < packed.limbs_per_word() * 64; ++bit) {
                const bool is = (packed.word(i)[bit / 64] >> (bit % 64) & 1U) != 0;
                if (is != (bit < expected[i].size() && expected[i][bit])) FAIL("word " << i << ", bit " << bit);
            }
        }
        const Unpacked unpacked = unpack(packed, packing, shape.shape, "x");
        REQUIRE(unpacked.words == words);
        REQUIRE(unpacked.notes == Texts{});
        REQUIRE(parse_packing(print_packing(packing)) == packing);
    }
}

TEST_CASE("Packing: a stream of unknown length gives its lanes in order, without the bytes that TKEEP leaves out") {
    Random random(5);
    for (int round = 0; round < 1000; ++round) {
        PackedShape shape = vector_of(8 * random.integer(1, 8), random.integer(1, 30), random.one_in(2));
        Packing packing{.lanes = random.integer(1, 9)};
        packing.first_high = random.one_in(2);
        packing.reverse_bytes = random.one_in(2);
        packing.reverse_bits = random.one_in(2);
        packing.axis = true;
        if (random.one_in(2)) packing.word_bits = 8 * random.integer(0, 2) + packing.lanes * shape.format.width;
        const std::vector<std::int64_t> words = random_words(random, shape);
        CAPTURE(round, print_packing(packing), shape.dims[1]);
        REQUIRE(unpack_stream(pack(words, packing, shape, "x"), packing, shape.format, "x") == words);
        packing.axis = false;
        std::vector<std::int64_t> padded = words;
        while (padded.size() % static_cast<std::size_t>(packing.lanes) != 0) padded.push_back(0);
        REQUIRE(unpack_stream(pack(words, packing, shape, "x"), packing, shape.format, "x") == padded);
    }
    CHECK_THAT(error_of([&] { (void)unpack_stream({}, parse_packing("order=chw"), {}, "dump"); }),
               Catch::StartsWith("dump: "));
}

TEST_CASE("Packing: words by hand") {
    const std::vector<std::int64_t> five{1, 2, -3, 4, 5};
    CHECK(hex_words(five, "", vector_of(4, 5)) == Texts{"1", "2", "d", "4", "5"});
    CHECK(hex_words(five, "lanes=2", vector_of(4, 5)) == Texts{"21", "4d", "05"});
    CHECK(hex_words(five, "lanes=2,first=high", vector_of(4, 5)) == Texts{"12", "d4", "50"});
    CHECK(hex_words(five, "lanes=2,lane_bits=8", vector_of(4, 5)) == Texts{"0201", "040d", "0005"});
    CHECK(hex_words(five, "lanes=2,lane_bits=8,pad=sign", vector_of(4, 5)) == Texts{"0201", "04fd", "0005"});
    CHECK(hex_words({1, 14}, "lanes=2,lane_bits=8,pad=sign", vector_of(4, 2, false)) == Texts{"0e01"});
    CHECK(hex_words(five, "lanes=2,word_bits=12", vector_of(4, 5)) == Texts{"021", "04d", "005"});
    CHECK(hex_words(five, "lanes=2,word_bits=12,first=high", vector_of(4, 5)) == Texts{"012", "0d4", "050"});
    CHECK(hex_words(five, "lanes=2,bits=reversed", vector_of(4, 5)) == Texts{"84", "b2", "a0"});
    CHECK(hex_words(five, "lanes=4,bytes=reversed", vector_of(4, 5)) == Texts{"214d", "0500"});
    CHECK(hex_words(five, "lanes=4,axis", vector_of(4, 5)) == Texts{"34d21", "50005"});
    // Every image begins a new word.
    CHECK(hex_words({1, 2, 3, 4, 5, 6}, "lanes=2", vector_of(4, 3, true, 2)) == Texts{"21", "03", "54", "06"});
    // 3 lanes of 22 bits cross the limbs of 64 bits.
    CHECK(hex_words({0x111111, 0x222222, 0x333333}, "lanes=3", vector_of(22, 3, false)) == Texts{"33333388888911111"});
}

TEST_CASE("Packing: beats hold TLAST, TKEEP and TDATA from the top") {
    // Four lanes of 8 bits: 1 bit TLAST, 4 bits TKEEP, 32 bits TDATA.
    const std::vector<std::int64_t> six{1, 2, 3, 4, 5, 6};
    CHECK(hex_words(six, "lanes=4,axis", vector_of(8, 6)) == Texts{"0f04030201", "1300000605"});
    CHECK(hex_words(six, "lanes=4,axis,first=high", vector_of(8, 6)) == Texts{"0f01020304", "1c05060000"});
    // TLAST ends each of two images.
    CHECK(hex_words(six, "lanes=2,axis", vector_of(8, 3, true, 2)) == Texts{"30201", "50003", "30504", "50006"});
    // Three lanes of 4 bits fill 12 of 16 bits; the byte of two absent lanes is not kept.
    CHECK(hex_words({1, 2, 3, 4}, "lanes=3,axis", vector_of(4, 4)) == Texts{"30321", "50004"});
    CHECK(packed_bits(parse_packing("lanes=4,axis"), vector_of(8, 6)) == 37);
}

TEST_CASE("Packing: maps are taken channels first or last, whatever they are stored as") {
    // 1 row, 3 columns, 2 channels: element (x, c) is 10 * x + c.
    PackedShape hwc{
        .format = {.width = 8, .integer = 8, .is_signed = false}, .dims = {1, 1, 3, 2}, .layout = Layout::Hwc};
    const std::vector<std::int64_t> last{0, 1, 0x10, 0x11, 0x20, 0x21}, first{0, 0x10, 0x20, 1, 0x11, 0x21};
    CHECK(hex_words(last, "lanes=2", hwc) == Texts{"0100", "1110", "2120"});
    CHECK(hex_words(last, "lanes=2,order=hwc", hwc) == Texts{"0100", "1110", "2120"});
    CHECK(hex_words(last, "lanes=3,order=chw", hwc) == Texts{"201000", "211101"});
    PackedShape chw = hwc;
    chw.dims = {1, 2, 1, 3};
    chw.layout = Layout::Chw;
    CHECK(hex_words(first, "lanes=3", chw) == Texts{"201000", "211101"});
    CHECK(hex_words(first, "lanes=2,order=hwc", chw) == Texts{"0100", "1110", "2120"});
}

TEST_CASE("Packing: folded weights lie as PE x SIMD matrices of words") {
    // Dense 4 inputs, 2 outputs: weight (input i, output o) is 10 * o + i.
    const PackedShape dense{.format = {.width = 8, .integer = 8, .is_signed = false}, .dims = {1, 4, 2}, .layout = {}};
    const std::vector<std::int64_t> weights{0, 0x10, 1, 0x11, 2, 0x12, 3, 0x13};
    CHECK(hex_words(weights, "pe=1,simd=1", dense) == Texts{"00", "01", "02", "03", "10", "11", "12", "13"});
    CHECK(hex_words(weights, "pe=2,simd=1", dense) == Texts{"1000", "1101", "1202", "1303"});
    CHECK(hex_words(weights, "pe=1,simd=2", dense) == Texts{"0100", "0302", "1110", "1312"});
    CHECK(hex_words(weights, "pe=2,simd=2", dense) == Texts{"11100100", "13120302"});
    CHECK(hex_words(weights, "pe=2,simd=2,first=high", dense) == Texts{"00011011", "02031213"});
    // Conv2d 1 row, 2 columns, 2 channels in, 1 out: channel fastest, then kernel column.
    const PackedShape conv{.format = dense.format, .dims = {1, 1, 2, 2, 1}, .layout = {}};
    CHECK(hex_words({1, 2, 3, 4}, "pe=1,simd=4", conv) == Texts{"04030201"});
    CHECK(hex_words({1, 2, 3, 4}, "pe=1,simd=2", conv) == Texts{"0201", "0403"});
}

TEST_CASE("Packing: what does not go together is refused with what would") {
    CHECK_THAT(refusal("lane_bits=7", vector_of(8, 4)), Catch::Contains("lane_bits=8"));
    CHECK_THAT(refusal("lanes=4,word_bits=31", vector_of(8, 4)), Catch::Contains("word_bits=32"));
    CHECK_THAT(refusal("lanes=3,bytes=reversed", vector_of(4, 4)),
               Catch::Contains("12 bits") && Catch::Contains("word_bits=16"));
    CHECK_THAT(refusal("lanes=3,word_bits=12,axis", vector_of(4, 4)), Catch::Contains("word_bits=16"));
    CHECK_THAT(refusal("lanes=2048", vector_of(64, 4)), Catch::Contains("65536"));
    CHECK_THAT(refusal("pe=2,simd=2", vector_of(4, 4)), Catch::Contains("weights"));
    const PackedShape dense{.format = {}, .dims = {1, 6, 4}, .layout = {}};
    CHECK(refusal("pe=2,simd=3", dense).empty());
    CHECK_THAT(refusal("pe=3,simd=3", dense), Catch::Contains("pe=3") && Catch::Contains("4 output channels"));
    CHECK_THAT(refusal("pe=2,simd=4", dense), Catch::Contains("simd=4") && Catch::Contains("6 inputs"));
    CHECK_THAT(refusal("pe=2,simd=2,order=chw", dense), Catch::Contains("order"));
    CHECK_THAT(refusal("order=chw", dense), Catch::Contains("unknown"));
    CHECK_THAT(refusal("order=chw", {.format = {}, .dims = {1, 6}, .layout = Layout::Hwc}), Catch::Contains("1x6"));
    CHECK(refusal("order=chw", vector_of(8, 4)).empty());
    CHECK_THAT(error_of([] {
                   (void)pack(std::vector<std::int64_t>{1, 8}, {}, vector_of(4, 2), "layer 'x'");
               }),
               Catch::Contains("layer 'x': element 1 is 8") && Catch::Contains("4 signed bits"));
}

TEST_CASE("Packing: texts are read in any order and printed at their shortest") {
    CHECK(print_packing({}).empty());
    CHECK(parse_packing("") == Packing{});
    CHECK(parse_packing(" ") == Packing{});
    const char* all =
        "lanes=4,lane_bits=9,word_bits=64,first=high,pad=sign,bits=reversed,bytes=reversed,order=chw,axis";
    CHECK(print_packing(parse_packing(all)) == all);
    CHECK(parse_packing("axis, order=hwc ,lanes = 2") ==
          Packing{.lanes = 2, .order = ElementOrder::ChannelsLast, .axis = true});
    CHECK(parse_packing("pe=4,simd=2") == Packing{.lanes = 8, .pe = 4, .simd = 2});
    CHECK(parse_packing("lanes=8,pe=4,simd=2") == parse_packing("simd=2,pe=4"));
    CHECK(print_packing(parse_packing("pe=4,simd=2")) == "pe=4,simd=2");
    CHECK(print_packing(parse_packing("first=low,pad=zero,bits=normal,bytes=normal,order=storage,lanes=1")).empty());
    for (const char* text : {"lanes", "lanes=", "lanes=0", "lanes=-1", "lanes=65537", "lanes=1.5", "lanes=4,lanes=4",
                             "first=up", "axis=1", "pe=2", "simd=2", "lanes=3,pe=2,simd=2", "color=red", ",",
                             "lanes=2,", "order=nhwc", "pe=300,simd=300", "lanes=99999999999"}) {
        CAPTURE(text);
        CHECK_THAT(error_of([&] { (void)parse_packing(text); }), Catch::Contains(text));
    }
}

TEST_CASE("Packing: padding that is not what the packing says is a note with its place, the words are read") {
    const PackedShape shape = vector_of(4, 6);
    const std::vector<std::int64_t> words{1, -2, 3, -4, 5, -6};
    const auto notes_after = [&](const std::string& text, std::size_t word, int bit) {
        const Packing packing = parse_packing(text);
        PackedWords packed = pack(words, packing, shape, "dump");
        const std::size_t limbs = packed.limbs_per_word();
        packed.limbs[word * limbs + static_cast<std::size_t>(bit) / 64] ^= std::uint64_t{1} << (bit % 64);
        const Unpacked unpacked = unpack(packed, packing, shape, "dump");
        CHECK(unpacked.words == words);
        REQUIRE(unpacked.notes.size() == 1);
        return unpacked.notes[0];
    };
    CHECK_THAT(notes_after("lane_bits=6", 2, 5),
               Catch::Contains("dump: ") && Catch::Contains("above the element") && Catch::Contains("word 2"));
    CHECK_THAT(notes_after("lane_bits=6,pad=sign", 1, 4), Catch::Contains("word 1"));
    CHECK_THAT(notes_after("lanes=2,word_bits=100", 1, 99), Catch::Contains("above the lanes"));
    CHECK_THAT(notes_after("lanes=4", 1, 12), Catch::Contains("empty"));
    CHECK_THAT(notes_after("lanes=4,axis", 0, 17), Catch::Contains("TKEEP"));
    CHECK_THAT(notes_after("lanes=4,axis", 0, 18), Catch::Contains("TLAST"));
    PackedWords packed = pack(words, {}, shape, "dump");
    packed.limbs.pop_back();
    CHECK_THAT(error_of([&] { (void)unpack(packed, {}, shape, "dump"); }), Catch::Contains("5 words instead of 6"));
    packed.bits = 5;
    CHECK_THAT(error_of([&] { (void)unpack(packed, {}, shape, "dump"); }), Catch::Contains("5 bits"));
}
