#include "changes/word_probe.hpp"

#include <algorithm>

namespace bittrue::diagnose_detail {

namespace {

// What lies between the sums and the dump, as far as it concerns one word.
struct Behind {
    std::vector<Node> nodes{};
    std::int64_t rows = 1, columns = 1;  // sums that meet in a word
    std::int64_t step_y = 1, step_x = 1;
    Shape pooled{};  // of the dump before any flatten
    std::optional<Layout> flattened{};
};

bool keeps_places(const Operation& op) {
    return std::holds_alternative<Quantize>(op) || std::holds_alternative<Relu>(op) ||
           std::holds_alternative<ClippedRelu>(op) || std::holds_alternative<LeakyRelu>(op) ||
           std::holds_alternative<Lookup>(op) || std::holds_alternative<Clip>(op);
}

template <class Pool>
bool add_pool(Behind& behind, const Pool& pool) {
    if (behind.rows * behind.columns != 1 || !(pool.padding == Padding{})) return false;
    behind.rows = pool.pool[0];
    behind.columns = pool.pool[1];
    behind.step_y = pool.stride[0];
    behind.step_x = pool.stride[1];
    return true;
}

std::optional<Behind> behind_of(const Subject& subject, std::size_t node) {
    Behind behind;
    const std::vector<Node>& nodes = subject.chain.nodes;
    behind.pooled = nodes[node].shape;
    const bool is_map = behind.pooled.layout != Layout::Vector;
    for (std::size_t k = node + 1; k < nodes.size(); ++k) {
        const Node& next = nodes[k];
        if (next.inputs.size() != 1 || next.inputs[0] != nodes[k - 1].name) return std::nullopt;
        Node copy = next;
        if (const auto* flatten = std::get_if<Flatten>(&next.op)) {
            if (is_map && !behind.flattened) behind.flattened = flatten->order.value_or(behind.pooled.layout);
            copy.op = Quantize{};
        } else if (behind.flattened && !keeps_places(next.op)) {
            return std::nullopt;
        } else if (const auto* max = std::get_if<MaxPool>(&next.op)) {
            if (!add_pool(behind, *max)) return std::nullopt;
            behind.pooled = next.shape;
        } else if (const auto* average = std::get_if<AveragePool>(&next.op)) {
            if (!add_pool(behind, *average)) return std::nullopt;
            behind.pooled = next.shape;
        } else if (!keeps_places(next.op)) {
            return std::nullopt;
        }
        behind.nodes.push_back(std::move(copy));
    }
    return behind;
}

struct Position {
    std::int64_t channel = 0, y = 0, x = 0;
};

// Of an element of the dump on the map that lies behind the pool.
Position position_of(const Behind& behind, std::int64_t element) {
    Shape shape = behind.pooled;
    if (behind.flattened && *behind.flattened != Layout::Vector)
        shape = make_map(*behind.flattened, shape.channels(), shape.height(), shape.width());
    Position at{.channel = shape.channel_of(element)};
    if (shape.layout == Layout::Hwc) {
        at.y = element / (shape.dims[1] * shape.dims[2]);
        at.x = element / shape.dims[2] % shape.dims[1];
    } else if (shape.layout == Layout::Chw) {
        at.y = element / shape.dims[2] % shape.dims[1];
        at.x = element % shape.dims[2];
    }
    return at;
}

// Evenly spread over those that satisfy.
std::vector<std::size_t> spread(const Subject& subject, std::size_t count,
                                const std::function<bool(std::size_t flat)>& satisfies) {
    std::vector<std::size_t> all, taken;
    for (std::size_t i = 0; i < subject.actual.size(); ++i) {
        if ((subject.masked.empty() || subject.masked[i] == 0) && satisfies(i)) all.push_back(i);
    }
    count = std::min(count, all.size());
    // A step that is no multiple of the channels.
    for (std::size_t i = 0; i < count; ++i) taken.push_back(all[(i * all.size() + i * 7 % count) / count % all.size()]);
    std::sort(taken.begin(), taken.end());
    taken.erase(std::unique(taken.begin(), taken.end()), taken.end());
    return taken;
}

}  // namespace

std::optional<WordProbe> WordProbe::of(const Maker& maker, std::size_t node, std::size_t wrong, std::size_t right,
                                       const std::function<bool(std::int64_t channel)>& wanted) {
    const Subject& subject = maker.subject;
    const Node& linear = subject.chain.nodes[node];
    if (linear.inputs.size() != 1) return std::nullopt;
    const TensorWords& input = subject.tensor(linear.inputs[0]);
    std::optional<SumTerms> terms = SumTerms::of(linear, input, maker.datapath);
    const std::optional<Behind> behind = behind_of(subject, node);
    if (!terms || !behind || terms->spec().type.format.width > kMaxStoredWidth) return std::nullopt;

    WordProbe probe(std::move(*terms), maker.datapath);
    const bool is_map = linear.shape.layout != Layout::Vector;
    TensorWords sums{.name = "sums", .shape = {.layout = Layout::Vector, .dims = {1}}};
    if (is_map) sums.shape = make_map(Layout::Hwc, 1, behind->rows, behind->columns);
    sums.type.format = probe.terms_.spec().type.format;
    probe.behind_.given.push_back(std::move(sums));
    probe.behind_.nodes.push_back({.name = linear.name, .inputs = {"sums"}, .op = Quantize{}, .result = linear.result});
    probe.behind_.nodes.insert(probe.behind_.nodes.end(), behind->nodes.begin(), behind->nodes.end());

    const std::int64_t per_image = subject.per_image(), input_words = input.shape.count();
    const auto element = [&](std::size_t flat) { return static_cast<std::int64_t>(flat) % per_image; };
    const auto satisfies = [&](std::size_t flat, bool is_wrong) {
        return (subject.actual[flat] != subject.expected()[flat]) == is_wrong &&
               (!wanted || wanted(position_of(*behind, element(flat)).channel));
    };
    std::vector<std::size_t> flats = spread(subject, wrong, [&](std::size_t flat) { return satisfies(flat, true); });
    const std::vector<std::size_t> rest =
        spread(subject, right, [&](std::size_t flat) { return satisfies(flat, false); });
    // Three wrong words, one right one, and so on.
    for (std::size_t i = 0; i < rest.size(); ++i) {
        const auto at = static_cast<std::ptrdiff_t>(std::min(flats.size(), i * 4 + 3));
        flats.insert(flats.begin() + at, rest[i]);
    }
    for (const std::size_t flat : flats) {
        const Position at = position_of(*behind, element(flat));
        Word word{
            .flat = flat, .actual = subject.actual[flat], .expected = subject.expected()[flat], .channel = at.channel};
        const std::int64_t* image = input.words.data() + static_cast<std::int64_t>(flat) / per_image * input_words;
        for (std::int64_t r = 0; r < behind->rows; ++r) {
            for (std::int64_t s = 0; s < behind->columns; ++s) {
                word.sums.push_back(
                    probe.terms_.operands(image, at.channel, at.y * behind->step_y + r, at.x * behind->step_x + s));
            }
        }
        probe.words_.push_back(std::move(word));
    }
    return probe;
}

std::vector<std::int64_t> WordProbe::results(const std::vector<i128>& accumulators, std::size_t per_word) const {
    if (accumulators.empty()) return {};
    Chain chain = behind_;
    TensorWords& given = chain.given[0];
    given.images = accumulators.size() / per_word;
    given.words.clear();
    for (const i128 raw : accumulators) given.words.push_back(word_from_raw(raw));
    return std::move(datapath_->run(chain).back().words);
}

std::vector<int> WordProbe::hits(std::size_t count, const Accumulator& accumulator) const {
    std::vector<int> hits(count, 0);
    std::vector<std::size_t> alive(count);
    for (std::size_t i = 0; i < count; ++i) alive[i] = i;
    std::vector<i128> accumulators;
    int tried = 0;
    for (const Word& word : words_) {
        accumulators.clear();
        for (const std::size_t i : alive) {
            for (const MacOperands& sum : word.sums) accumulators.push_back(accumulator(i, sum, word));
        }
        const std::vector<std::int64_t> got = results(accumulators, word.sums.size());
        ++tried;
        std::vector<std::size_t> left;
        for (std::size_t j = 0; j < alive.size(); ++j) {
            int& hit = hits[alive[j]];
            hit += got[j] == word.actual ? 1 : 0;
            if (tried - hit > 1 + tried / 3) {
                hit = -1;
            } else {
                left.push_back(alive[j]);
            }
        }
        alive = std::move(left);
        if (alive.empty()) break;
    }
    return hits;
}

}  // namespace bittrue::diagnose_detail
