#include "bittrue/verify/diff.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "alignment.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "sign_hint.hpp"
#include "word_reader.hpp"

namespace bittrue {
namespace {

constexpr int kExactDistances = 4;
constexpr std::size_t kBuckets = 72;  // of one sign; distances have at most 66 bits

u128 magnitude(i128 distance) {
    return distance < 0 ? -static_cast<u128>(distance) : static_cast<u128>(distance);
}

std::size_t bucket_number(u128 size) {
    if (size <= kExactDistances) return static_cast<std::size_t>(size) - 1;
    std::size_t bits = 0;
    for (u128 rest = size - 1; rest != 0; rest >>= 1) ++bits;
    return bits + 1;  // 5..8 have 3 bits: the bucket behind the four exact ones
}

class Histogram {
public:
    void add(i128 distance) { ++counts_[distance < 0 ? 0 : 1][bucket_number(magnitude(distance))]; }

    [[nodiscard]] std::vector<DistanceBucket> buckets() const {
        std::vector<DistanceBucket> list;
        for (std::size_t i = kBuckets; i-- > 0;) append(list, i, true);
        for (std::size_t i = 0; i < kBuckets; ++i) append(list, i, false);
        return list;
    }

    [[nodiscard]] static DistanceBucket bounds(std::size_t number, bool negative) {
        i128 low = static_cast<i128>(number) + 1;
        i128 high = low;
        if (number >= kExactDistances) {
            high = i128{1} << (number - 1);
            low = high / 2 + 1;
        }
        return negative ? DistanceBucket{.low = -high, .high = -low, .count = 0}
                        : DistanceBucket{.low = low, .high = high, .count = 0};
    }

private:
    void append(std::vector<DistanceBucket>& list, std::size_t number, bool negative) const {
        const std::int64_t count = counts_[negative ? 0 : 1][number];
        if (count == 0) return;
        list.push_back(bounds(number, negative));
        list.back().count = count;
    }

    std::array<std::array<std::int64_t, kBuckets>, 2> counts_{};
};

std::vector<std::int64_t> index_of(std::int64_t flat, const Dims& dims) {
    std::vector<std::int64_t> index(dims.size());
    for (std::size_t axis = dims.size(); axis-- > 0;) {
        // The image axis takes what is left: a side may have more images than the dims say.
        index[axis] = axis == 0 ? flat : flat % dims[axis];
        flat = axis == 0 ? 0 : flat / dims[axis];
    }
    return index;
}

// A compared layer with what only the search for the first wrong layer needs.
struct Compared {
    LayerDiff diff{};
    std::string actual_name{};
    std::vector<std::string> inputs{};
    bool inputs_of_actual = false;           // the names in `inputs` are those of the actual side
    std::vector<Mismatch> first_of_image{};  // one for each image that differs, ascending

    [[nodiscard]] bool differs_in(std::int64_t image) const {
        const auto at = std::lower_bound(first_of_image.begin(), first_of_image.end(), image,
                                         [](const Mismatch& m, std::int64_t value) { return m.image < value; });
        return at != first_of_image.end() && at->image == image;
    }
};

std::optional<Format> format_of(const std::optional<FixedType>& a, const std::optional<FixedType>& b) {
    if (a) return a->format;
    if (b) return b->format;
    return {};
}

void compare_words(const WordReader& expected, const WordReader& actual, const Alignment& plan, Compared& result) {
    LayerDiff& diff = result.diff;
    Histogram histogram;
    for (std::int64_t flat = 0; flat < plan.words; ++flat) {
        const i128 want = expected.raw(flat);
        const i128 got = actual.raw(plan.actual_flat(flat));
        if (want == got) continue;
        const i128 distance = got - want;
        const std::int64_t image = flat / plan.per_image;
        if (result.first_of_image.empty() || result.first_of_image.back().image != image) {
            result.first_of_image.push_back(
                {.flat = flat, .image = image, .index = index_of(flat, plan.dims), .expected = want, .actual = got});
        }
        diff.min_distance = diff.words_different == 0 ? distance : std::min(diff.min_distance, distance);
        diff.max_distance = diff.words_different == 0 ? distance : std::max(diff.max_distance, distance);
        ++diff.words_different;
        histogram.add(distance);
    }
    diff.words_compared = plan.words;
    diff.images_compared = (plan.words + plan.per_image - 1) / plan.per_image;
    diff.images_different = static_cast<std::int64_t>(result.first_of_image.size());
    if (!result.first_of_image.empty()) diff.first = result.first_of_image.front();
    diff.histogram = histogram.buckets();
}

Compared compare_layer(const VectorLayer& expected, const VectorLayer& actual, const DiffOptions& options) {
    Compared result;
    LayerDiff& diff = result.diff;
    Alignment plan = align(expected, actual, options.common);
    diff.name = expected.name;
    diff.type = expected.type ? expected.type : actual.type;
    diff.actual_type = actual.type ? actual.type : expected.type;
    diff.axes = axis_names(plan.layout, plan.dims);
    diff.dims = plan.dims;
    result.actual_name = actual.name;
    result.inputs_of_actual = expected.inputs.empty();
    result.inputs = result.inputs_of_actual ? actual.inputs : expected.inputs;
    diff.differences = std::move(plan.differences);
    diff.notes = std::move(plan.notes);
    if (expected.type && actual.type && expected.type->format != actual.type->format) {
        diff.differences.push_back("the formats differ: " + print_type(*expected.type) + " expected, " +
                                   print_type(*actual.type) + " found");
    }
    const WordReader want(expected, format_of(expected.type, actual.type), "the expected side");
    const WordReader got(actual, format_of(actual.type, expected.type), "the actual side");
    const bool both_bare = expected.patterns && actual.patterns && !diff.type;
    for (const WordReader* reader : {&want, &got}) {
        if (!reader->note().empty() && !(reader == &got && both_bare)) diff.notes.push_back(reader->note());
    }
    if (plan.words == 0 && (want.size() != 0 || got.size() != 0) && diff.differences.empty()) {
        diff.differences.emplace_back("no word is in both");
    }
    compare_words(want, got, plan, result);
    if (!diff.type && diff.words_different > 0) {
        const std::string hint = sign_hint(want, got, plan);
        if (!hint.empty()) diff.notes.push_back(hint);
    }
    return result;
}

// For each expected layer the index of the actual one, or npos.
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

std::vector<std::size_t> pair_layers(const VectorSet& expected, const VectorSet& actual,
                                     std::vector<std::string>& notes) {
    std::vector<std::string> names;
    for (const VectorLayer& layer : expected.layers) names.push_back(layer.name);
    const std::vector<std::string> stems = file_stems(names);
    std::map<std::string, std::size_t> by_name;
    for (std::size_t i = 0; i < actual.layers.size(); ++i) by_name.emplace(actual.layers[i].name, i);
    std::vector<std::size_t> pairs(names.size(), kNone);
    std::vector<bool> taken(actual.layers.size());
    const auto take = [&](std::size_t i, const std::string& name) {
        const auto found = by_name.find(name);
        if (pairs[i] != kNone || found == by_name.end() || taken[found->second]) return;
        pairs[i] = found->second;
        taken[found->second] = true;
    };
    for (std::size_t i = 0; i < names.size(); ++i) take(i, names[i]);
    for (std::size_t i = 0; i < names.size(); ++i) take(i, stems[i]);
    std::vector<std::string> actual_names;
    for (const VectorLayer& layer : actual.layers) actual_names.push_back(layer.name);
    const std::vector<std::string> actual_stems = file_stems(actual_names);
    for (std::size_t j = 0; j < actual_stems.size(); ++j) {
        const auto found = std::find(names.begin(), names.end(), actual_stems[j]);
        if (found != names.end()) take(static_cast<std::size_t>(found - names.begin()), actual_names[j]);
    }
    if (names.size() == 1 && actual.layers.size() == 1 && pairs[0] == kNone) {
        pairs[0] = 0;
        notes.push_back("'" + actual.layers[0].name + "' is compared with '" + names[0] +
                        "', as each side has one layer only");
    }
    return pairs;
}

// A manifest was read, or a graph says what reads what: the order of the layers is that of the network.
bool has_order(const VectorSet& set) {
    return !set.tool.empty() || std::any_of(set.layers.begin(), set.layers.end(),
                                            [](const VectorLayer& layer) { return !layer.inputs.empty(); });
}

// Which images of a layer are wrong although everything it reads is right.
void find_origins(std::vector<Compared>& layers) {
    std::map<std::string, std::size_t> by_expected_name;
    std::map<std::string, std::size_t> by_actual_name;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        by_expected_name.emplace(layers[i].diff.name, i);
        by_actual_name.emplace(layers[i].actual_name, i);
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
        LayerDiff& diff = layers[i].diff;
        std::vector<std::size_t> inputs;
        diff.inputs_known = !layers[i].inputs.empty();
        const auto& by_name = layers[i].inputs_of_actual ? by_actual_name : by_expected_name;
        for (const std::string& name : layers[i].inputs) {
            const auto found = by_name.find(name);
            if (found == by_name.end() || layers[found->second].diff.images_compared < diff.images_compared) {
                diff.inputs_known = false;
            } else {
                inputs.push_back(found->second);
            }
        }
        if (!diff.inputs_known) {
            inputs.clear();
            for (std::size_t before = 0; before < i; ++before) inputs.push_back(before);
        }
        for (const Mismatch& mismatch : layers[i].first_of_image) {
            const bool inputs_equal = std::none_of(inputs.begin(), inputs.end(), [&](std::size_t input) {
                return layers[input].differs_in(mismatch.image);
            });
            if (!inputs_equal) continue;
            if (!diff.origin) diff.origin = mismatch;
            ++diff.origin_images;
        }
    }
}

}  // namespace

DistanceBucket bucket_of(i128 distance) {
    return Histogram::bounds(bucket_number(magnitude(distance)), distance < 0);
}

bool DiffReport::equal() const {
    if (layers.empty() || !differences.empty()) return false;
    if (!common && !(only_expected.empty() && only_actual.empty())) return false;
    return std::all_of(layers.begin(), layers.end(), [](const LayerDiff& layer) { return layer.equal(); });
}

std::int64_t DiffReport::words_compared() const {
    std::int64_t words = 0;
    for (const LayerDiff& layer : layers) words += layer.words_compared;
    return words;
}

std::int64_t DiffReport::words_different() const {
    std::int64_t words = 0;
    for (const LayerDiff& layer : layers) words += layer.words_different;
    return words;
}

DiffReport diff(const VectorSet& expected, const VectorSet& actual, const DiffOptions& options) {
    DiffReport report;
    report.common = options.common;
    report.notes = expected.notes;
    report.notes.insert(report.notes.end(), actual.notes.begin(), actual.notes.end());
    if (!expected.network_sha256.empty() && !actual.network_sha256.empty() &&
        expected.network_sha256 != actual.network_sha256) {
        report.notes.push_back("the two sets come from different networks: '" + expected.network + "' and '" +
                               actual.network + "' with other contents");
    }
    if (!expected.input.empty() && !actual.input.empty() && expected.input != actual.input) {
        report.notes.push_back("the two sets state different inputs: " + expected.input + " and " + actual.input);
    }
    const auto has_inputs = [](const VectorLayer& layer) { return !layer.inputs.empty(); };
    const bool graph_known = std::any_of(expected.layers.begin(), expected.layers.end(), has_inputs) ||
                             std::any_of(actual.layers.begin(), actual.layers.end(), has_inputs);
    const std::vector<std::size_t> pairs = pair_layers(expected, actual, report.notes);
    std::vector<bool> used(actual.layers.size());
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (pairs[i] == kNone) {
            report.only_expected.push_back(expected.layers[i].name);
            continue;
        }
        used[pairs[i]] = true;
        order.push_back(i);
    }
    // A dump on the expected side (arrays by key, files by name) has no order of its own.
    const bool order_of_actual = !has_order(expected) && has_order(actual);
    if (order_of_actual) {
        std::sort(order.begin(), order.end(), [&pairs](std::size_t a, std::size_t b) { return pairs[a] < pairs[b]; });
    }
    std::vector<Compared> compared;
    for (const std::size_t i : order) {
        compared.push_back(compare_layer(expected.layers[i], actual.layers[pairs[i]], options));
        const bool is_first = (order_of_actual ? pairs[i] : i) == 0;
        compared.back().diff.is_network_input = graph_known && is_first && compared.back().inputs.empty();
    }
    for (std::size_t i = 0; i < used.size(); ++i) {
        if (!used[i]) report.only_actual.push_back(actual.layers[i].name);
    }
    if (compared.empty()) report.differences.emplace_back("no layer is in both sets: nothing was compared");
    find_origins(compared);
    for (Compared& layer : compared) {
        if (!report.first_differing && layer.diff.origin_images > 0) report.first_differing = report.layers.size();
        report.layers.push_back(std::move(layer.diff));
    }
    return report;
}

}  // namespace bittrue
