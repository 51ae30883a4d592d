// What must stay plain wrong words: nothing that is computed wrongly may look like a matter of order.
#include <catch2/catch.hpp>

#include "align_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

std::vector<VectorLayer> layers() {
    return {random_layer({3, 12, 13, 4}, 8, 61), cnn_layer(6, 26, 26, 4, 62), cnn_layer(2, 26, 26, 2, 63),
            random_layer({4, 300}, 2, 64)};
}

// The same as place by place: no finding, every wrong word counted.
void check_refused(const VectorLayer& expected, const WordList& words, int lanes) {
    const VectorSet want = set_of(expected);
    const VectorSet got = set_of(dump_of(expected, words, lanes));
    const LayerDiff strict = diff(want, got, {.strict = true}).layers.at(0);
    const LayerDiff layer = diff(want, got).layers.at(0);
    CAPTURE(findings_of(layer));
    REQUIRE(strict.words_different > 0);
    CHECK(layer.findings.empty());
    CHECK(layer.words_different == strict.words_different);
    REQUIRE(layer.first.has_value());
    CHECK(mismatch_line(layer, *layer.first) == mismatch_line(strict, *strict.first));
    CHECK_FALSE(layer.equal());
}

std::int64_t fit(std::int64_t word, Format format) {
    return std::clamp(word, static_cast<std::int64_t>(raw_min(format)), static_cast<std::int64_t>(raw_max(format)));
}

}  // namespace

TEST_CASE("Align refuses: random corruption of a few, of many and of all words") {
    for (const VectorLayer& layer : layers()) {
        for (const std::uint64_t share : {200U, 20U, 4U, 2U, 1U}) {
            for (const int lanes : {1, 4}) {
                Words words(share);
                WordList wrong = layer.words;
                for (std::int64_t& word : wrong) {
                    if (words.next() % share == 0) word = words.next(layer.type->format);
                }
                CAPTURE(share, lanes);
                check_refused(layer, wrong, lanes);
            }
        }
    }
}

TEST_CASE("Align refuses: a channel that is wrong, zero, or a copy of another") {
    for (const VectorLayer& layer : layers()) {
        const std::int64_t channels = 4;
        for (const int kind : {0, 1, 2}) {
            Words words(71);
            WordList wrong = layer.words;
            for (std::size_t i = 2; i < wrong.size(); i += channels) {
                wrong[i] = kind == 0 ? words.next(layer.type->format) : kind == 1 ? 0 : wrong[i - 1];
            }
            CAPTURE(kind);
            check_refused(layer, wrong, 1);
            check_refused(layer, wrong, 4);
        }
    }
}

TEST_CASE("Align refuses: one lsb too much or too little, everywhere or somewhere") {
    for (const VectorLayer& layer : layers()) {
        for (const int kind : {0, 1, 2, 3}) {
            Words words(72);
            WordList wrong = layer.words;
            for (std::int64_t& word : wrong) {
                const std::int64_t step = kind == 0   ? 1
                                          : kind == 1 ? -1
                                          : kind == 2 ? word & 1
                                                      : static_cast<std::int64_t>(words.next() % 3) - 1;
                word = fit(word + step, layer.type->format);
            }
            CAPTURE(kind);
            check_refused(layer, wrong, 1);
            check_refused(layer, wrong, 4);
        }
    }
}

TEST_CASE("Align refuses: wrap where saturation is expected, a dead output, a stuck bit, a lost bias") {
    const VectorLayer layer = cnn_layer(6, 26, 26, 4, 73);
    for (const int kind : {0, 1, 2, 3, 4}) {
        WordList wrong = layer.words;
        for (std::size_t i = 0; i < wrong.size(); ++i) {
            std::int64_t& word = wrong[i];
            switch (kind) {
                case 0:
                    if (word == 127) word = -128 + static_cast<std::int64_t>(i % 50);
                    break;
                case 1: word = 0; break;
                case 2: word |= 4; break;
                case 3: word = fit(word - 7, layer.type->format); break;
                default: word = i > wrong.size() / 2 ? 0 : word; break;  // stops in the middle
            }
        }
        CAPTURE(kind);
        check_refused(layer, wrong, 1);
        check_refused(layer, wrong, 4);
    }
}

TEST_CASE("Align refuses: constant, nearly constant and periodic data tell nothing") {
    VectorLayer layer = random_layer({4, 500}, 8, 74);
    for (const std::int64_t period : {1, 2, 3, 5, 8}) {
        for (std::size_t i = 0; i < layer.words.size(); ++i) {
            layer.words[i] = static_cast<std::int64_t>(i) % period * 7 % 11;
        }
        WordList moved(layer.words.begin() + 1, layer.words.end());
        moved.push_back(1);
        CAPTURE(period);
        if (period > 1) check_refused(layer, moved, 1);
        WordList other(layer.words.size(), 9);
        check_refused(layer, other, 1);
        WordList some_wrong = layer.words;
        for (std::size_t i = 100; i < 140; ++i) some_wrong[i] = 90;
        check_refused(layer, some_wrong, 1);
        check_refused(layer, some_wrong, 4);
    }
    // All zero, with one word in a thousand.
    std::fill(layer.words.begin(), layer.words.end(), 0);
    WordList late = layer.words;
    for (std::size_t i = 100; i < 2000; i += 1000) {
        layer.words[i] = 50;
        late[i + 3] = 50;
    }
    check_refused(layer, late, 1);
}

TEST_CASE("Align refuses: ten words, whatever they are") {
    const VectorLayer layer = random_layer({1, 10}, 16, 75);
    const WordList& w = layer.words;
    check_refused(layer, WordList(w.rbegin(), w.rend()), 1);
    check_refused(layer, with(without(w, 9, 1), 0, {5}), 1);
    WordList doubled = w;
    for (std::int64_t& word : doubled) word *= 2;
    check_refused(layer, doubled, 2);
}

TEST_CASE("Align refuses: other weights, so that every word is another one of the same kind") {
    for (const std::uint64_t seed : {81U, 82U, 83U}) {
        const VectorLayer a = cnn_layer(6, 26, 26, 4, seed);
        const VectorLayer b = cnn_layer(6, 26, 26, 4, seed + 100);
        for (const int lanes : {1, 2, 4, 8}) check_refused(a, b.words, lanes);
    }
}

TEST_CASE("Align refuses: a block of wrong words is no beat lost and another won") {
    for (const VectorLayer& layer : layers()) {
        for (const std::int64_t length : {16, 40, 200}) {
            WordList wrong = layer.words;
            const WordList junk = some(length, 76, layer.type->format);
            const std::int64_t middle = std::ssize(wrong) / 2;
            std::copy(junk.begin(), junk.end(), wrong.begin() + middle);
            CAPTURE(length);
            check_refused(layer, wrong, 1);
            std::fill_n(wrong.begin() + middle, length, layer.words[static_cast<std::size_t>(middle)]);
            if (wrong == layer.words) continue;
            check_refused(layer, wrong, 4);
        }
    }
}
