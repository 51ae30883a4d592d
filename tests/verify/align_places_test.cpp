// Missing, repeated and foreign beats at random places: the finding names the place, or the first that is as good.
#include <catch2/catch.hpp>

#include "align_support.hpp"

using namespace bittrue;
using namespace bittrue::test;

namespace {

// The first place, at a beat if there is one, where taking `count` words out of `longer` leaves `shorter`; `planted` is
// one such place.
std::int64_t first_place(const WordList& longer, const WordList& shorter, std::int64_t planted, std::int64_t count,
                         int lanes) {
    REQUIRE(without(longer, planted, count) == shorter);
    std::int64_t first = planted, at_beat = planted % lanes == 0 ? planted : -1;
    // Moving the gap one to the left puts the word in front of it to its end.
    while (first > 0 &&
           longer[static_cast<std::size_t>(first - 1)] == longer[static_cast<std::size_t>(first - 1 + count)]) {
        if (--first % lanes == 0) at_beat = first;
    }
    return at_beat >= 0 ? at_beat : first;
}

struct Plant {
    FindingKind kind = FindingKind::Dropped;
    std::int64_t at = 0;
    std::int64_t words = 0;
    WordList dump{};
};

Plant plant(const VectorLayer& layer, Words& random, int lanes) {
    Plant result;
    result.words = lanes * (1 + static_cast<std::int64_t>(random.next() % 5));
    const std::int64_t beats = std::ssize(layer.words) / lanes;
    result.at = lanes * static_cast<std::int64_t>(random.next() % static_cast<std::uint64_t>(beats - 8));
    switch (random.next() % 3) {
        case 0:
            result.kind = FindingKind::Dropped;
            result.dump = without(layer.words, result.at, result.words);
            break;
        case 1:
            result.kind = FindingKind::Duplicated;
            result.dump = repeated(layer.words, result.at, result.words);
            break;
        default:
            result.kind = FindingKind::Offset;
            result.dump = with(layer.words, result.at, some(result.words, random.next(), layer.type->format));
    }
    return result;
}

}  // namespace

TEST_CASE("Align: a gap or more beats at any place are named exactly, or by the first place that is as good") {
    int found = 0, at_planted = 0, kinds = 0;
    for (const bool is_random : {true, false}) {
        const VectorLayer layer = is_random ? random_layer({4, 10, 16, 4}, 6, 91) : cnn_layer(8, 20, 20, 4, 92);
        Words random(93);
        for (int round = 0; round < 300; ++round) {
            const int lanes = round % 3 == 0 ? 1 : round % 3 == 1 ? 4 : 2;
            const Plant planted = plant(layer, random, lanes);
            const VectorSet want = set_of(layer);
            const VectorSet got = set_of(dump_of(layer, planted.dump, lanes));
            const LayerDiff strict = diff(want, got, {.strict = true}).layers.at(0);
            const LayerDiff diffed = diff(want, got).layers.at(0);
            const bool drop = planted.kind == FindingKind::Dropped;
            const std::int64_t place = first_place(drop ? layer.words : planted.dump, drop ? planted.dump : layer.words,
                                                   planted.at, planted.words, lanes);
            CAPTURE(round, lanes, is_random, planted.at, planted.words, place, findings_of(diffed),
                    static_cast<int>(planted.kind), strict.words_different);
            if (diffed.findings.empty()) {
                // Only where nearly nothing behind it tells.
                REQUIRE(strict.words_different < 60);
                continue;
            }
            ++found;
            REQUIRE(diffed.findings.size() == 1);
            const Finding& finding = diffed.findings[0];
            REQUIRE(finding.from == place);
            REQUIRE(finding.amount == planted.words / lanes);
            REQUIRE(diffed.words_different == 0);
            at_planted += place == planted.at ? 1 : 0;
            if (place == 0) REQUIRE(finding.kind == FindingKind::Offset);
            if (place == 0 || planted.kind == FindingKind::Offset) continue;  // foreign words may be those beside them
            REQUIRE(finding.kind == planted.kind);
            ++kinds;
        }
    }
    CHECK(found > 560);
    CHECK(at_planted > 400);
    CHECK(kinds > 300);
}

TEST_CASE("Align: several gaps far enough from each other are all named, with wrong words between them") {
    const VectorLayer layer = random_layer({16, 10, 16, 4}, 6, 94);
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Words random(seed);
        WordList dump = layer.words;
        std::vector<std::int64_t> places;
        // From the end, so that earlier places stay what they are.
        for (std::int64_t at = 9600; at > 400; at -= 2400) {
            places.insert(places.begin(), at - 4 * static_cast<std::int64_t>(random.next() % 90));
            dump = random.next() % 2 == 0 ? without(dump, places.front(), 4) : repeated(dump, places.front(), 4);
        }
        std::int64_t wrong = 0;
        for (std::int64_t i = 1000; i < std::ssize(dump); i += 997) {
            const bool near =
                std::any_of(places.begin(), places.end(), [i](std::int64_t p) { return std::abs(p - i) < 40; });
            if (near) continue;
            dump[static_cast<std::size_t>(i)] ^= 32;
            ++wrong;
        }
        const LayerDiff diffed = diff(set_of(layer), set_of(dump_of(layer, dump, 4))).layers.at(0);
        CAPTURE(seed, findings_of(diffed));
        REQUIRE(diffed.findings.size() == places.size());
        for (std::size_t i = 0; i < places.size(); ++i) {
            REQUIRE(diffed.findings[i].from == places[i]);
        }
        REQUIRE(diffed.words_different == wrong);
    }
}
