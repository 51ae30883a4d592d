// Inputs that tell two explanations of a dump apart: found, small, possible, and by golden's word really different.
#include "telling/telling.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include <catch2/catch.hpp>

#include "bittrue/golden/golden.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "datapath.hpp"
#include "telling_files.hpp"

using namespace bittrue;
using namespace bittrue::diagnose_detail;

namespace {

FixedType type(int width, int integer, Rounding rounding = Rounding::Trn, Overflow overflow = Overflow::Wrap,
               bool is_signed = true) {
    return {.format = {.width = width, .integer = integer, .is_signed = is_signed},
            .rounding = rounding,
            .overflow = overflow};
}

Parameter raws(Dims dims, std::vector<std::int64_t> words, const FixedType& as) {
    return {.dims = std::move(dims), .raw = std::move(words), .type = as};
}

// A layer that reads the network's input, and images of it.
struct Case {
    Graph graph{};
    std::unique_ptr<Datapath> datapath = cli::make_datapath();
    Subject subject{};

    Case(const Shape& shape, const FixedType& input, Operation op, const FixedType& result,
         const std::vector<std::vector<std::int64_t>>& images) {
        graph.name = "case";
        graph.input = {.shape = shape, .type = input};
        graph.nodes = {{.name = "layer", .inputs = {"input"}, .op = std::move(op), .result = result}};
        validate(graph);
        TensorWords given{.name = "input", .shape = shape, .type = {.format = input.format}, .images = images.size()};
        for (const auto& image : images) given.words.insert(given.words.end(), image.begin(), image.end());
        subject.chain = {.given = {given}, .nodes = graph.nodes};
        subject.images = images.size();
        subject.answers = datapath->run(subject.chain);
        subject.actual = subject.expected();
    }

    // Words of a single layer on one image, by golden.
    std::vector<std::int64_t> golden(const Variant& variant) const {
        Graph other = graph;
        other.nodes = variant.chain.nodes;
        validate(other);
        const TensorWords& given = variant.chain.given.front();
        WordBatch batch{.images = 1, .dims = given.shape.dims};
        batch.bytes = word_bytes(given.type.format);
        for (const std::int64_t word : given.words) {
            for (int b = 0; b < batch.bytes; ++b)
                batch.data.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(word) >> (8 * b)));
        }
        return golden::make_engine(other)->run(batch, {}).layers.back().words;
    }
};

using Edit = std::function<void(Variant&)>;

Candidate change(Edit edit) {
    Candidate candidate;
    candidate.apply = [edit = std::move(edit)](Variant& variant) {
        edit(variant);
        return true;
    };
    return candidate;
}

template <class Op>
Op& op(Variant& variant) {
    return std::get<Op>(variant.chain.nodes.back().op);
}

std::vector<std::int64_t> answers_of(const Case& c, const Candidate& candidate, const std::vector<TensorWords>& given) {
    Variant variant{.chain = {.given = given, .nodes = c.subject.chain.nodes}};
    candidate.apply(variant);
    return c.golden(variant);
}

// The two agree on the data, and golden says that they differ on what was found.
TellingVector told(const Case& c, const Candidate& first, const Candidate& second) {
    for (std::size_t image = 0; image < c.subject.images; ++image) {
        TensorWords one = c.subject.chain.given[0];
        const auto size = static_cast<std::ptrdiff_t>(one.shape.count());
        const auto at = one.words.begin() + static_cast<std::ptrdiff_t>(image) * size;
        one.words = std::vector<std::int64_t>(at, at + size);
        one.images = 1;
        CHECK(answers_of(c, first, {one}) == answers_of(c, second, {one}));
    }
    const std::vector<Contender> contenders = {{.number = 3, .changes = {&first}}, {.number = 5, .changes = {&second}}};
    const auto found = telling_for(c.graph, c.subject, contenders, *c.datapath, {.seconds = 20});
    REQUIRE(found.size() == 1);
    const TellingVector& v = found[0];
    CHECK(v.first == 3);
    CHECK(v.second == 5);
    REQUIRE(v.found);
    REQUIRE(v.given.size() == 1);
    const InputRaws possible = input_raws(c.graph.input);
    for (const std::int64_t word : v.given[0].words) {
        CHECK(word >= possible.low);
        CHECK(word <= possible.high);
    }
    const auto a = answers_of(c, first, v.given), b = answers_of(c, second, v.given);
    const auto e = answers_of(c, change([](Variant&) {}), v.given);
    const auto at = static_cast<std::size_t>(v.element);
    CHECK(a[at] == v.by_first);
    CHECK(b[at] == v.by_second);
    CHECK(e[at] == v.expected);
    CHECK(a[at] != b[at]);
    CHECK(v.words_expected == e);
    CHECK(v.words_by_first == a);
    CHECK(v.words_by_second == b);
    return v;
}

std::ptrdiff_t words_not_zero(const TellingVector& v) {
    const auto& words = v.given[0].words;
    return std::count_if(words.begin(), words.end(), [](std::int64_t word) { return word != 0; });
}

const Shape kSixteen{.dims = {16}};

// 16 inputs of 8 bits, 4 outputs; weights of 6 bits, none zero.
Dense dense(const FixedType& accumulator) {
    std::vector<std::int64_t> weights;
    for (int i = 0; i < 64; ++i) weights.push_back((i * 37 + 11) % 61 - 30 + ((i * 37 + 11) % 61 == 30 ? 1 : 0));
    Dense d{.weights = raws({16, 4}, weights, type(6, 1))};
    d.accumulator.type = accumulator;
    return d;
}

}  // namespace

TEST_CASE("RND and RND_INF are told apart by a negative tie that no image had", "[telling]") {
    Dense small = dense(type(24, 8));
    for (auto& w : small.weights.raw) w = std::abs(w);
    const Case c(kSixteen, type(8, 1), small, type(8, 4, Rounding::Rnd, Overflow::Sat),
                 {std::vector<std::int64_t>(16, 100), std::vector<std::int64_t>(16, 3)});
    const auto rnd = change([](Variant& v) { v.chain.nodes.back().result.rounding = Rounding::Rnd; });
    const auto away = change([](Variant& v) { v.chain.nodes.back().result.rounding = Rounding::RndInf; });
    CHECK(words_not_zero(told(c, rnd, away)) <= 3);
}

TEST_CASE("SAT and SAT_SYM are told apart at the lowest word", "[telling]") {
    const Case c(kSixteen, type(8, 1), dense(type(24, 8)), type(8, 3, Rounding::Trn, Overflow::Sat),
                 {std::vector<std::int64_t>(16, 1)});
    const auto sat = change([](Variant& v) { v.chain.nodes.back().result.overflow = Overflow::Sat; });
    const auto sym = change([](Variant& v) { v.chain.nodes.back().result.overflow = Overflow::SatSym; });
    const TellingVector v = told(c, sat, sym);
    CHECK(v.by_first == -128);
    CHECK(v.by_second == -127);
}

TEST_CASE("A tie of a wide word that random words would not meet is made", "[telling]") {
    const Case c({.dims = {4}}, type(40, 10), Quantize{}, type(12, 10, Rounding::RndConv), {{0, 5, 77, 1}});
    const auto even = change([](Variant&) {});
    const auto odd = change([](Variant& v) { v.chain.nodes.back().result.rounding = Rounding::RndZero; });
    CHECK(words_not_zero(told(c, even, odd)) == 1);
}

TEST_CASE("Two orders of additions are told apart by sums that saturate on the way", "[telling]") {
    const Case c(kSixteen, type(8, 1), dense(type(14, 3, Rounding::Trn, Overflow::Sat)), type(14, 3),
                 {std::vector<std::int64_t>(16, 2)});
    const auto interleaved = change([](Variant& v) {
        auto& spec = op<Dense>(v).accumulator;
        spec.schedule = Schedule::Interleave;
        spec.group = 4;
    });
    const auto folded = change([](Variant& v) {
        auto& spec = op<Dense>(v).accumulator;
        spec.schedule = Schedule::Fold;
        spec.group = 4;
        spec.quantize = QuantizeAt::Fold;
    });
    (void)told(c, interleaved, folded);
}

TEST_CASE("Widths of an accumulator are told apart by a sum between their ends", "[telling]") {
    const Case c(kSixteen, type(8, 1), dense(type(24, 12)), type(24, 12), {std::vector<std::int64_t>(16, 1)});
    const auto narrow = change([](Variant& v) { op<Dense>(v).accumulator.type = type(15, 3); });
    const auto wider = change([](Variant& v) { op<Dense>(v).accumulator.type = type(16, 4); });
    (void)told(c, narrow, wider);
}

TEST_CASE("Square weights and their transpose are told apart by one word", "[telling]") {
    std::vector<std::int64_t> weights;
    for (int i = 0; i < 64; ++i) weights.push_back((i * 29 + 3) % 63 - 31);
    Dense square{.weights = raws({8, 8}, weights, type(6, 1))};
    square.accumulator.type = type(24, 8);
    const Case c({.dims = {8}}, type(8, 1), square, type(24, 8), {std::vector<std::int64_t>(8, 0)});
    const auto transposed = change([](Variant& v) {
        auto& w = op<Dense>(v).weights.raw;
        for (std::size_t i = 0; i < 8; ++i)
            for (std::size_t o = 0; o < i; ++o) std::swap(w[i * 8 + o], w[o * 8 + i]);
    });
    const auto reversed = change([](Variant& v) { std::ranges::reverse(op<Dense>(v).weights.raw); });
    CHECK(words_not_zero(told(c, transposed, reversed)) == 1);
}

TEST_CASE("Of a padded convolution the sums at the border are made, too", "[telling]") {
    Conv2d conv{.weights = raws({3, 3, 1, 1}, {1, -2, 3, -4, 5, -6, 7, -8, 9}, type(6, 1)),
                .padding = {.top = 1, .bottom = 1, .left = 1, .right = 1}};
    conv.accumulator.type = type(24, 8);
    const Case c(make_map(Layout::Hwc, 1, 5, 5), type(8, 8, Rounding::Trn, Overflow::Wrap, false), conv,
                 type(8, 6, Rounding::RndInf, Overflow::Sat), {std::vector<std::int64_t>(25, 8)});
    const auto away = change([](Variant&) {});
    const auto zero = change([](Variant& v) { v.chain.nodes.back().result.rounding = Rounding::RndMinInf; });
    CHECK(words_not_zero(told(c, away, zero)) <= 2);
}

TEST_CASE("Bits of a product that are stuck in another lane are told apart", "[telling]") {
    const Case c(kSixteen, type(8, 1), dense(type(24, 8)), type(24, 8), {std::vector<std::int64_t>(16, 0)});
    const auto stuck_in = [](std::int64_t lane) {
        return change([lane](Variant& v) {
            v.fault_node = 0;
            v.fault.stuck = MacFault::StuckBit{.bit = 3, .value = false, .lanes = 4, .lane = lane};
        });
    };
    const Candidate first = stuck_in(1), second = stuck_in(2);
    const auto found = telling_for(c.graph, c.subject, {{0, {&first}}, {1, {&second}}}, *c.datapath, {.seconds = 20});
    REQUIRE(found.size() == 1);
    REQUIRE(found[0].found);
    // By hand: the terms' products without bit 3 in the lane.
    const auto& weights = std::get<Dense>(c.graph.nodes[0].op).weights.raw;
    const auto sum = [&](std::size_t lane) {
        std::int64_t raw = 0;
        for (std::size_t t = 0; t < 16; ++t) {
            std::int64_t product =
                weights[t * 4 + static_cast<std::size_t>(found[0].element)] * found[0].given[0].words[t];
            if (t % 4 == lane) product &= ~std::int64_t{8};
            raw += product;
        }
        return raw << 4;  // from 12 fraction bits to 16
    };
    CHECK(found[0].by_first == sum(1));
    CHECK(found[0].by_second == sum(2));
    CHECK(sum(1) != sum(2));
    CHECK(words_not_zero(found[0]) == 1);
}

TEST_CASE("Two words for one datapath: no input is found", "[telling]") {
    const Case c(kSixteen, type(8, 1), dense(type(24, 8)), type(8, 3), {std::vector<std::int64_t>(16, 2)});
    const auto same = change([](Variant&) {});
    const auto interleaved = change([](Variant& v) {
        op<Dense>(v).accumulator.schedule = Schedule::Interleave;
        op<Dense>(v).accumulator.group = 4;
    });
    const auto found = telling_for(c.graph, c.subject, {{0, {&same}}, {1, {&interleaved}}}, *c.datapath,
                                   {.seconds = 20, .batches = 8});
    REQUIRE(found.size() == 1);
    CHECK_FALSE(found[0].found);
}

TEST_CASE("Of several hypotheses the first is told from the others", "[telling]") {
    const Case c(kSixteen, type(8, 1), dense(type(24, 8)), type(8, 3, Rounding::Trn, Overflow::Sat),
                 {std::vector<std::int64_t>(16, 0)});
    std::vector<Candidate> modes;
    for (const Rounding rounding :
         {Rounding::Rnd, Rounding::TrnZero, Rounding::RndConv, Rounding::RndInf, Rounding::RndZero})
        modes.push_back(change([rounding](Variant& v) { v.chain.nodes.back().result.rounding = rounding; }));
    std::vector<Contender> contenders;
    for (std::size_t i = 0; i < modes.size(); ++i) contenders.push_back({i, {&modes[i]}});
    const auto found = telling_for(c.graph, c.subject, contenders, *c.datapath, {.seconds = 20});
    REQUIRE(found.size() == 3);
    for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].found);
        CHECK(found[i].first == 0);
        CHECK(found[i].second == i + 1);
    }
    const auto again = telling_for(c.graph, c.subject, contenders, *c.datapath, {.seconds = 20});
    CHECK(again[2].given[0].words == found[2].given[0].words);
}

TEST_CASE("Words that cannot be are not made: behind relu none below zero, of an input none outside its range",
          "[telling]") {
    Graph graph;
    graph.name = "net";
    graph.input = {.shape = kSixteen, .type = type(8, 4), .range = ValueRange{.low = -1, .high = 2}};
    graph.nodes = {
        {.name = "r", .inputs = {"input"}, .op = Relu{}, .result = type(8, 4)},
        {.name = "w", .inputs = {"input"}, .op = Relu{}, .result = type(4, 0)},
        {.name = "s", .inputs = {"r"}, .op = Quantize{}, .result = type(4, 1, Rounding::Trn, Overflow::Sat)},
        {.name = "d", .inputs = {"s"}, .op = dense(type(24, 8)), .result = type(8, 3, Rounding::Trn, Overflow::SatSym)},
        {.name = "a", .inputs = {"d"}, .op = Relu{}, .result = type(8, 3)}};
    graph.output = "a";
    validate(graph);
    const auto datapath = cli::make_datapath();
    const auto range = [&](const std::string& tensor) {
        const RawRange r = possible_raws(graph, tensor, *datapath);
        return std::pair(std::int64_t(r.low), std::int64_t(r.high));
    };
    CHECK(range("input") == std::pair<std::int64_t, std::int64_t>(-16, 32));
    CHECK(range("r") == std::pair<std::int64_t, std::int64_t>(0, 32));
    CHECK(range("w") == std::pair<std::int64_t, std::int64_t>(-8, 7));  // wraps
    CHECK(range("s") == std::pair<std::int64_t, std::int64_t>(0, 7));
    CHECK(range("d") == std::pair<std::int64_t, std::int64_t>(-127, 127));
    CHECK(range("a") == std::pair<std::int64_t, std::int64_t>(0, 127));
}

TEST_CASE("What tells hypotheses apart is written as vector sets, one for each answer", "[telling]") {
    const Case c(kSixteen, type(8, 1), dense(type(24, 8)), type(8, 3, Rounding::Trn, Overflow::Sat),
                 {std::vector<std::int64_t>(16, 1)});
    const auto sat = change([](Variant&) {});
    const auto sym = change([](Variant& v) { v.chain.nodes.back().result.overflow = Overflow::SatSym; });
    LayerDiagnosis layer{.layer = "layer", .chain = c.subject.chain};
    layer.hypotheses.resize(2);
    layer.telling = telling_for(c.graph, c.subject, {{0, {&sat}}, {1, {&sym}}}, *c.datapath, {.seconds = 20});
    const std::string folder = (std::filesystem::temp_directory_path() / "bittrue-telling").string();
    std::filesystem::remove_all(folder);
    CHECK(cli::write_telling(folder, {.layers = {layer}}) == 1);
    const VectorSet expected = read_vector_set(folder + "/layer-1-2/expected");
    const VectorSet first = read_vector_set(folder + "/layer-1-2/hypothesis-1");
    const VectorSet second = read_vector_set(folder + "/layer-1-2/hypothesis-2");
    CHECK(diff(expected, first).equal());
    const DiffReport report = diff(first, second);
    CHECK(report.words_different() >= 1);
    CHECK(report.notes.empty());
    REQUIRE(report.first_differing.has_value());
    CHECK(report.layers[*report.first_differing].name == "layer");
    CHECK(second.find("input")->words == layer.telling[0].given[0].words);
    std::filesystem::remove_all(folder);
}
