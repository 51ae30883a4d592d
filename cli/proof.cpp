#include "proof.hpp"

#include <algorithm>
#include <map>

#include "bittrue/model/notation.hpp"
#include "datapath.hpp"
#include "mac_steps.hpp"
#include "types.hpp"

namespace bittrue::cli {

namespace {

// The tensors of a chain for one image.
class Tensors {
public:
    Tensors(const Chain& chain, std::vector<TensorWords> answers, std::uint32_t image)
        : chain_(chain), answers_(std::move(answers)) {
        for (const TensorWords& given : chain.given) given_.push_back(one_image(given, image));
        for (const TensorWords& tensor : given_) by_name_.emplace(tensor.name, &tensor);
        for (const TensorWords& tensor : answers_) by_name_.insert_or_assign(tensor.name, &tensor);
    }
    Tensors(const Tensors&) = delete;
    Tensors& operator=(const Tensors&) = delete;

    [[nodiscard]] const TensorWords* find(const std::string& name) const {
        const auto found = by_name_.find(name);
        return found == by_name_.end() ? nullptr : found->second;
    }
    // The number of the node, or of none: given.
    [[nodiscard]] std::optional<std::size_t> node(const std::string& name) const {
        for (std::size_t n = 0; n < chain_.nodes.size(); ++n)
            if (chain_.nodes[n].name == name) return n;
        return std::nullopt;
    }
    // With its shape, which an edited node may not have yet.
    [[nodiscard]] Node shaped(std::size_t number) const {
        Node node = chain_.nodes[number];
        node.shape = answers_[number].shape;
        return node;
    }
    [[nodiscard]] std::vector<const TensorWords*> inputs(const Node& node) const {
        std::vector<const TensorWords*> all;
        for (const std::string& name : node.inputs) all.push_back(by_name_.at(name));
        return all;
    }
    [[nodiscard]] i128 raw(const std::string& name, std::int64_t element) const {
        const TensorWords& tensor = *by_name_.at(name);
        return raw_from_word(tensor.words[static_cast<std::size_t>(element)], tensor.type.format);
    }

private:
    static TensorWords one_image(const TensorWords& all, std::uint32_t image) {
        TensorWords one{.name = all.name, .shape = all.shape, .type = all.type, .words = {}, .images = 1};
        const std::int64_t size = all.shape.count();
        const auto begin = all.words.begin() + static_cast<std::ptrdiff_t>(image) * size;
        one.words.assign(begin, begin + size);
        // As the datapath takes them.
        const Format format = one.type.format;
        for (std::int64_t& word : one.words) word = word_from_pattern(pattern_from_word(word, format), format);
        return one;
    }

    const Chain& chain_;
    std::vector<TensorWords> answers_;
    std::vector<TensorWords> given_{};
    std::map<std::string, const TensorWords*> by_name_{};
};

bool is_faulty(const Hypothesis& h) {
    return h.fault_node >= 0 && static_cast<std::size_t>(h.fault_node) < h.chain.nodes.size() && h.fault != MacFault{};
}

std::vector<TensorWords> answers_of(const Hypothesis& h, const std::vector<std::uint32_t>* images,
                                    const Datapath& datapath) {
    if (is_faulty(h)) return datapath.run_faulty(h.chain, static_cast<std::size_t>(h.fault_node), h.fault, images);
    return datapath.run(h.chain, images);
}

struct Place {
    std::string tensor{};
    std::int64_t element = 0;
};

// From a wrong word to the operands that differ, as far as both chains have nodes of that name.
Place origin_of(Place at, const Tensors& expected, const Tensors& found) {
    for (;;) {
        const auto node = expected.node(at.tensor);
        const auto other = found.node(at.tensor);
        if (!node || !other) return at;
        const Node own = expected.shaped(*node);
        std::optional<Place> next;
        for (const WordSource& s : operands_of(own, expected.inputs(own), at.element)) {
            const std::string& tensor = own.inputs[s.input];
            const TensorWords* const there = found.find(tensor);
            if (!expected.node(tensor) || !found.node(tensor) || there == nullptr) continue;
            if (there->shape.count() <= s.element || expected.raw(tensor, s.element) == found.raw(tensor, s.element))
                continue;
            next = Place{tensor, s.element};
            break;
        }
        if (!next) return at;
        at = *next;
    }
}

// The word to prove: of those that differ the first that the hypothesis gives, or the first at all.
std::optional<std::size_t> word_of(const LayerDiagnosis& layer, const std::vector<std::int64_t>* predicted) {
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < layer.actual.size() && i < layer.expected.size(); ++i) {
        if (layer.actual[i] == layer.expected[i] || (!layer.masked.empty() && layer.masked[i] != 0)) continue;
        if (predicted == nullptr || (i < predicted->size() && (*predicted)[i] == layer.actual[i])) return i;
        if (!first) first = i;
    }
    return first;
}

bool same(const std::optional<ExactNumber>& a, const std::optional<ExactNumber>& b) {
    if (!a || !b) return !a && !b;
    if (a->raw == 0 || b->raw == 0) return a->raw == b->raw;
    ExactNumber x = *a, y = *b;
    const auto reduce = [](ExactNumber& n) {
        while (n.raw % 2 == 0) n.raw /= 2, --n.frac;
    };
    reduce(x);
    reduce(y);
    return x.raw == y.raw && x.frac == y.frac;
}

bool same(const TraceRow& a, const TraceRow& b) {
    return a.step == b.step && same(a.product, b.product) && same(a.added, b.added) && same(a.after, b.after);
}

std::optional<std::size_t> parting_of(const std::vector<TraceRow>& a, const std::vector<TraceRow>& b) {
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
        if (i >= a.size() || i >= b.size() || !same(a[i], b[i])) return i;
    return std::nullopt;
}

TraceRow cast_row(const Explanation& e) {
    const Format format = e.type.format;
    return {.step = "result cast",
            .product = {},
            .added = {},
            .before = e.exact,
            .after = ExactNumber{raw_from_word(e.result.word, format), format.frac()},
            .flags = e.exact ? print_events(e.result.events) : "-"};
}

// What the next layer takes: the raw of the same number is another one where the binary point is.
TraceRow word_row(const Explanation& e) {
    const Format format = e.type.format;
    return {.step = "result word",
            .product = {},
            .added = {},
            .before = {},
            .after = ExactNumber{raw_from_word(e.result.word, format), 0},
            .flags = print_type({.format = format})};
}

Explanation explained(const Tensors& tensors, const Place& at, const emulator::AccumulationFault* fault) {
    const Node node = tensors.shaped(*tensors.node(at.tensor));
    const std::int64_t word = tensors.find(at.tensor)->words[static_cast<std::size_t>(at.element)];
    return explain_node(node, tensors.inputs(node), at.element, word, fault);
}

}  // namespace

std::vector<TraceRow> trace_rows(const Explanation& e) {
    std::vector<TraceRow> rows;
    const auto number = [](const ReadWord& w) { return ExactNumber{raw_from_word(w.word, w.format), w.format.frac()}; };
    if (e.accumulated) {
        const Accumulated& a = *e.accumulated;
        const auto before = accumulators_before(a.steps);
        for (std::size_t i = 0; i < a.steps.size(); ++i) {
            const MacStep& s = a.steps[i];
            TraceRow row{.step = s.what, .product = {}, .added = ExactNumber{s.product_raw, s.product_frac}};
            const std::int64_t term = term_of(s);
            if (term >= 0 && static_cast<std::size_t>(term) < a.terms.size())
                row.product = a.terms[static_cast<std::size_t>(term)].product;
            row.before = before[i];
            row.after = ExactNumber{s.accumulator_raw, s.accumulator_frac};
            Events events = s.events;
            events.inexact |= s.product_events.inexact;
            events.above |= s.product_events.above;
            events.below |= s.product_events.below;
            events.saturated |= s.product_events.saturated;
            row.flags = print_events(events);
            rows.push_back(std::move(row));
        }
    } else {
        for (const ReadWord& w : e.read) rows.push_back({.step = w.name, .product = {}, .added = number(w)});
        for (const Stage& s : e.stages)
            rows.push_back({.step = s.what,
                            .product = {},
                            .added = s.number,
                            .before = {},
                            .after = {},
                            .flags = print_events(s.events)});
    }
    rows.push_back(cast_row(e));
    rows.push_back(word_row(e));
    return rows;
}

std::optional<Proof> prove(const LayerDiagnosis& layer, const Hypothesis* hypothesis, const Datapath& datapath) {
    if (layer.chain.nodes.empty() || layer.chain.given.empty() || layer.expected.empty()) return std::nullopt;
    const bool traceable = hypothesis != nullptr && hypothesis->is_network && !hypothesis->chain.nodes.empty();
    std::vector<TensorWords> all;
    if (traceable) all = answers_of(*hypothesis, nullptr, datapath);
    const auto at = word_of(layer, traceable ? &all.back().words : nullptr);
    if (!at) return std::nullopt;

    const auto size = std::ssize(layer.expected) / static_cast<std::int64_t>(layer.chain.given.front().images);
    const Format format = layer.chain.nodes.back().result.format;
    const auto image = static_cast<std::uint32_t>(static_cast<std::int64_t>(*at) / size);
    Proof proof{.layer = layer.layer, .image = image, .element = static_cast<std::int64_t>(*at) % size};
    proof.expected = raw_from_word(layer.expected[*at], format);
    proof.actual = raw_from_word(layer.actual[*at], format);
    proof.predicted = proof.expected;

    const std::vector<std::uint32_t> images{image};
    const Tensors expected(layer.chain, datapath.run(layer.chain, &images), image);
    Place place{layer.chain.nodes.back().name, proof.element};
    if (!traceable) {
        proof.by_expected = explained(expected, place, nullptr);
    } else {
        proof.predicted = raw_from_word(all.back().words[*at], hypothesis->chain.nodes.back().result.format);
        const Tensors found(hypothesis->chain, answers_of(*hypothesis, &images, datapath), image);
        place = origin_of(place, expected, found);
        proof.by_expected = explained(expected, place, nullptr);
        if (const auto node = found.node(place.tensor);
            node && found.find(place.tensor)->shape.count() > place.element) {
            const emulator::AccumulationFault fault = emulator_fault(hypothesis->fault);
            const bool faulty = is_faulty(*hypothesis) && *node == static_cast<std::size_t>(hypothesis->fault_node);
            proof.by_hypothesis = explained(found, place, faulty ? &fault : nullptr);
            proof.parting = parting_of(trace_rows(proof.by_expected), trace_rows(*proof.by_hypothesis));
        }
    }
    proof.traced = place.tensor;
    proof.traced_element = place.element;
    return proof;
}

}  // namespace bittrue::cli
