#include "bittrue/vectors/digits.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <catch2/catch.hpp>

#include "bittrue/model/checksum.hpp"
#include "bittrue/model/error.hpp"
#include "support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

std::string bytes_of(const std::vector<std::uint8_t>& bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("Digits: a hundred digits of seed 1 are these bytes on every machine") {
    const Digits digits = make_digits(100, 1);
    CHECK(sha256_hex(bytes_of(digits.pixels) + bytes_of(digits.labels)) ==
          "c27c53763bb6a57492141d66a72e2a580002e816e9b270a3264a1f6409294540");
}

TEST_CASE("Digits: every ten images hold each digit once, in varying order") {
    const Digits digits = make_digits(1000, 7);
    REQUIRE(digits.labels.size() == 1000);
    std::set<std::vector<std::uint8_t>> orders;
    for (std::size_t block = 0; block < 1000; block += 10) {
        std::vector<std::uint8_t> labels(digits.labels.begin() + static_cast<std::ptrdiff_t>(block),
                                         digits.labels.begin() + static_cast<std::ptrdiff_t>(block) + 10);
        orders.insert(labels);
        std::sort(labels.begin(), labels.end());
        CHECK(labels == std::vector<std::uint8_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    }
    CHECK(orders.size() > 90);
}

TEST_CASE("Digits: a longer set begins with the shorter one, another seed is another hand") {
    const Digits many = make_digits(40, 3);
    const Digits few = make_digits(23, 3);
    CHECK(std::equal(few.pixels.begin(), few.pixels.end(), many.pixels.begin()));
    CHECK(std::equal(few.labels.begin(), few.labels.end(), many.labels.begin()));
    CHECK(make_digits(23, 4).pixels != few.pixels);
    CHECK(make_digits(0, 1).pixels.empty());
}

TEST_CASE("Digits: they look like MNIST in size, ink and place, and no two are alike") {
    const Digits digits = make_digits(500, 11);
    std::set<std::string> images;
    for (std::size_t i = 0; i < digits.count; ++i) {
        const auto* pixels = digits.pixels.data() + i * 784;
        std::int64_t ink = 0, moment_x = 0, moment_y = 0;
        std::int64_t left = 28, right = -1, top = 28, bottom = -1;
        int grey = 0;
        for (std::int64_t y = 0; y < 28; ++y) {
            for (std::int64_t x = 0; x < 28; ++x) {
                const std::int64_t p = pixels[y * 28 + x];
                ink += p;
                moment_x += p * x;
                moment_y += p * y;
                if (p > 0 && p < 255) ++grey;
                if (p == 0) continue;
                left = std::min(left, x);
                right = std::max(right, x);
                top = std::min(top, y);
                bottom = std::max(bottom, y);
            }
        }
        CAPTURE(i, static_cast<int>(digits.labels[i]));
        CHECK(ink > 25 * 255);
        CHECK(ink < 260 * 255);
        CHECK(grey > 20);
        CHECK(right - left + 1 <= 21);
        CHECK(bottom - top + 1 <= 21);
        CHECK(std::max(right - left, bottom - top) + 1 >= 17);
        // The centre of mass, at 13.5 but for a pixel.
        CHECK(std::abs(2 * moment_x - 27 * ink) <= 3 * ink);
        CHECK(std::abs(2 * moment_y - 27 * ink) <= 3 * ink);
        images.emplace(pixels, pixels + 784);
    }
    CHECK(images.size() == digits.count);
}

TEST_CASE("I1: digits become input values as stored pixels do") {
    const Digits digits = make_digits(3, 1);
    InputSpec spec;
    spec.shape = make_map(Layout::Hwc, 1, 28, 28);
    spec.divide = 255;
    spec.float32 = true;
    const InputBatch batch = input_from_digits(digits, spec);
    CHECK(batch.images == 3);
    CHECK(batch.dims == Dims{28, 28, 1});
    REQUIRE(batch.values.size() == digits.pixels.size());
    for (std::size_t i = 0; i < batch.values.size(); ++i) {
        REQUIRE(batch.values[i] == static_cast<double>(static_cast<float>(digits.pixels[i]) / 255.0F));
    }
    spec.shape = make_map(Layout::Hwc, 1, 32, 32);
    CHECK(error_of([&] { (void)input_from_digits(digits, spec); }).find("28x28") != std::string::npos);
}

TEST_CASE("Digits: the request text has a count and maybe a seed, all else is refused with an example") {
    CHECK(is_digits_request("digits:5"));
    CHECK_FALSE(is_digits_request("digits.npy"));
    CHECK(parse_digits_request("digits:100").count == 100);
    CHECK(parse_digits_request("digits:100").seed == 1);
    CHECK(parse_digits_request("digits:7:18446744073709551615").seed == 18446744073709551615U);
    for (const char* text : {"digits:", "digits:x", "digits:-1", "digits:5:", "digits:5:1:2", "digits:5 ", "digits: 5",
                             "digits:99999999999999999999", "digits:5:99999999999999999999", "digit:5", "digits:0x5"}) {
        CAPTURE(text);
        CHECK(error_of([&] { (void)parse_digits_request(text); }).find("digits:100:1") != std::string::npos);
    }
    CHECK_THROWS_AS(parse_digits_request("digits:0"), InputError);
    CHECK_THROWS_AS(parse_digits_request("digits:1000001"), InputError);
    CHECK_THROWS_AS(make_digits(kMaxDigits + 1, 1), InputError);
}
