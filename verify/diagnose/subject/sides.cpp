#include "subject/sides.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "pairing.hpp"
#include "subject/taken_words.hpp"

namespace bittrue::diagnose_detail {
namespace {

std::vector<std::string> tensors_of(const Graph& graph) {
    std::vector<std::string> names{graph.input.name};
    for (const Node& node : graph.nodes) names.push_back(node.name);
    return names;
}

std::size_t images_in(const VectorLayer& layer, std::int64_t per_image) {
    const std::int64_t words = layer.word_count();
    return static_cast<std::size_t>(per_image < 1 ? 0 : words / per_image);
}

}  // namespace

Sides::Sides(const Graph& graph, const VectorSet& expected, const VectorSet& actual, const Datapath& datapath)
    : graph_(graph), expected_(expected), actual_(actual), datapath_(datapath) {
    const std::vector<std::string> tensors = tensors_of(graph);
    const std::vector<std::string> stems = file_stems(tensors);
    const auto place = [&](const VectorSet& set, const std::string& name, const std::string& stem) {
        for (const std::string& wanted : {name, stem}) {
            for (std::size_t i = 0; i < set.layers.size(); ++i) {
                if (set.layers[i].name == wanted) return i;
            }
        }
        return kNone;
    };
    for (std::size_t t = 0; t < tensors.size(); ++t) {
        const std::size_t i = place(expected, tensors[t], stems[t]);
        if (i != kNone) expected_layer_.emplace(tensors[t], i);
    }
    // The dump's layers as diff pairs them.
    std::vector<std::string> notes;
    const std::vector<std::size_t> pairs = pair_layers(expected, actual, notes);
    for (const auto& [tensor, i] : expected_layer_) {
        if (pairs[i] != kNone) actual_layer_.emplace(tensor, pairs[i]);
    }
    const std::string& input = graph.input.name;
    if (!actual_layer_.contains(input)) {
        const std::size_t i = place(actual, input, stems.front());
        if (i != kNone) actual_layer_.emplace(input, i);
    }
    for (const auto& [tensor, i] : expected_layer_) {
        const std::size_t images = images_in(expected.layers[i], shape_of(graph, tensor).count());
        images_ = images_ == 0 ? images : std::min(images_, images);
    }
    answer_expected();
    if (const VectorLayer* dump = find(actual, actual_layer_, input)) {
        if (auto dumped = dumped_of(input, read_alone(*dump, input), base_[input]))
            dumped_.emplace(input, std::move(*dumped));
    }
}

const VectorLayer* Sides::find(const VectorSet& set, const std::map<std::string, std::size_t>& layers,
                               const std::string& tensor) const {
    const auto at = layers.find(tensor);
    return at == layers.end() ? nullptr : &set.layers[at->second];
}

std::string Sides::tensor_of(const std::string& layer) const {
    for (const auto& [tensor, i] : expected_layer_) {
        if (expected_.layers[i].name == layer) return tensor;
    }
    return {};
}

VectorLayer Sides::as_layer(const std::string& tensor, Words words) const {
    const Shape& shape = shape_of(graph_, tensor);
    VectorLayer layer;
    layer.name = tensor;
    layer.type = type_of(graph_, tensor);
    layer.layout = shape.layout;
    layer.dims = shape.dims;
    layer.dims.insert(layer.dims.begin(), static_cast<std::int64_t>(images_));
    layer.words = std::move(words);
    layer.stored = layer.type->format;
    return layer;
}

// Modes that give every word of the format: what was read is taken as it is.
TensorWords Sides::as_tensor(const std::string& tensor, Words words, std::size_t images) const {
    return {.name = tensor,
            .shape = shape_of(graph_, tensor),
            .type = {.format = type_of(graph_, tensor).format},
            .words = std::move(words),
            .images = images};
}

AlignedWords Sides::read_alone(const VectorLayer& layer, const std::string& tensor) const {
    const auto size = static_cast<std::size_t>(shape_of(graph_, tensor).count());
    AlignedWords aligned;
    (void)compare_layer(as_layer(tensor, Words(images_ * size)), layer, {.common = true}, &aligned, false);
    return aligned;
}

// The expected words of every tensor: from the input all at once, else from what the expected set has.
void Sides::answer_expected() {
    const auto take = [this](std::vector<TensorWords> answers) {
        for (TensorWords& answer : answers) base_[answer.name] = std::move(answer.words);
    };
    const std::string& input = graph_.input.name;
    const VectorLayer* layer = find(expected_, expected_layer_, input);
    const bool by_dump = layer == nullptr;
    if (by_dump) layer = find(actual_, actual_layer_, input);
    if (layer != nullptr) {
        Chain chain{.given = {as_tensor(input, read_alone(*layer, input).words, images_)}, .nodes = graph_.nodes};
        take(datapath_.run(chain));
        base_[input] = std::move(chain.given.front().words);
        for (const Node& node : graph_.nodes) {
            if (!by_dump) check(node.name);
        }
        return;
    }
    for (const Node& node : graph_.nodes) {
        Chain chain{.given = {}, .nodes = {node}};
        for (const std::string& name : node.inputs) {
            const auto known = base_.find(name);
            if (known == base_.end()) break;
            chain.given.push_back(as_tensor(name, known->second, images_));
        }
        const VectorLayer* words = find(expected_, expected_layer_, node.name);
        if (chain.given.size() == node.inputs.size()) {
            take(datapath_.run(chain));
            check(node.name);
        } else if (words != nullptr) {
            base_[node.name] = read_alone(*words, node.name).words;
        }
    }
}

void Sides::check(const std::string& tensor) const {
    const VectorLayer* layer = find(expected_, expected_layer_, tensor);
    if (layer == nullptr) return;
    const Compared same = compare_layer(as_layer(tensor, base_.at(tensor)), *layer, {.common = true}, nullptr, false);
    if (same.diff.words_different == 0 && same.diff.words_compared > 0) return;
    std::string what = "has no word of it";
    if (same.diff.first) {
        what = fmt::format("the network gives {} in word {}, the set has {}", print_raw(same.diff.first->expected),
                           same.diff.first->flat, print_raw(same.diff.first->actual));
    }
    throw InputError(expected_.source,
                     fmt::format("layer '{}' is not what network '{}' computes ({}): the diagnosis needs the network "
                                 "file that the expected vectors were written from",
                                 tensor, graph_.name, what));
}

// A decimal that fits the expected word is taken for it. Nothing where no image is known: as if it had not been dumped.
std::optional<Sides::Dumped> Sides::dumped_of(const std::string& tensor, const AlignedWords& aligned,
                                              const Words& reference) const {
    const auto size = static_cast<std::size_t>(shape_of(graph_, tensor).count());
    Dumped dumped{.words = aligned.words, .unknown = std::vector<std::uint8_t>(images_)};
    for (std::size_t i = 0; i < aligned.words.size(); ++i) {
        const bool is_known =
            aligned.states[i] == AlignedWords::Known ||
            (aligned.states[i] == AlignedWords::Ambiguous && i < reference.size() && aligned.words[i] == reference[i]);
        if (!is_known) dumped.unknown[i / size] = 1;
    }
    if (std::all_of(dumped.unknown.begin(), dumped.unknown.end(), [](std::uint8_t u) { return u != 0; })) return {};
    return dumped;
}

const Sides::Dumped* Sides::find_dumped(const std::string& tensor, Given given) const {
    if (given != Given::Dumped) {
        const auto& others = given == Given::Stated ? stated_ : must_be_;
        if (const auto at = others.find(tensor); at != others.end()) return &at->second;
    }
    const auto at = dumped_.find(tensor);
    return at == dumped_.end() ? nullptr : &at->second;
}

bool Sides::collect(const std::string& tensor, Case& result, std::vector<bool>& nodes) const {
    const auto at = static_cast<std::size_t>(node_index(graph_, tensor));
    nodes[at] = true;
    for (const std::string& name : graph_.nodes[at].inputs) {
        if (std::find(result.given.begin(), result.given.end(), name) != result.given.end()) continue;
        if (dumped_.contains(name)) {
            result.given.push_back(name);
            result.given_dumped.push_back(name);
        } else if (name == graph_.input.name && base_.contains(name)) {
            result.given.push_back(name);
        } else if (name == graph_.input.name) {
            result.why_unknown = fmt::format("what it reads is not known: neither side has the words of '{}'", name);
            return false;
        } else if (!nodes[static_cast<std::size_t>(node_index(graph_, name))] && !collect(name, result, nodes)) {
            return false;
        }
    }
    return true;
}

// The chain with its given words and answers, on the images in which all of them are known.
void Sides::answer(Case& result, const std::vector<bool>& nodes, Given given, const Formats& formats) const {
    Subject& subject = result.subject;
    for (std::uint32_t image = 0; image < images_; ++image) {
        const bool known = std::all_of(result.given.begin(), result.given.end(), [&](const std::string& name) {
            const Dumped* dumped = find_dumped(name, given);
            return dumped == nullptr || dumped->unknown[image] == 0;
        });
        if (known) subject.image_numbers.push_back(image);
    }
    subject.images = subject.image_numbers.size();
    if (subject.images == 0) {
        result.why_unknown = "words that it reads are missing or undefined in every image";
        return;
    }
    bool as_expected = true;
    for (const std::string& name : result.given) {
        const auto size = static_cast<std::size_t>(shape_of(graph_, name).count());
        const Dumped* dumped = find_dumped(name, given);
        const auto base = base_.find(name);
        const bool is_base = base != base_.end() && (dumped == nullptr || dumped->words == base->second);
        as_expected = as_expected && is_base;
        const Words& words = dumped == nullptr ? base->second : dumped->words;
        subject.chain.given.push_back(as_tensor(name, take_images(words, size, subject.image_numbers), subject.images));
        TensorWords& tensor = subject.chain.given.back();
        if (const auto format = formats.find(name); format != formats.end()) {
            tensor.type.format = format->second;
            as_expected = false;
        }
        // Of a word that is none of its format the layer reads the low bits.
        const Format f = tensor.type.format;
        for (std::int64_t& word : tensor.words) word = word_from_pattern(pattern_from_word(word, f), f);
    }
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        if (nodes[n]) subject.chain.nodes.push_back(graph_.nodes[n]);
    }
    if (!as_expected) {
        try {
            subject.answers = datapath_.run(subject.chain);
        } catch (const InputError&) {
            // Not every layer can read every format.
            if (formats.empty()) throw;
            result.why_unknown = "it cannot read its input in that format";
        }
        return;
    }
    for (const Node& node : subject.chain.nodes) {
        const auto size = static_cast<std::size_t>(node.shape.count());
        subject.answers.push_back(
            as_tensor(node.name, take_images(base_.at(node.name), size, subject.image_numbers), subject.images));
        subject.answers.back().type = node.result;
    }
}

Sides::Attempt Sides::attempt(const std::string& tensor, const LayerDiff& diff, const VectorLayer& dump, Given given,
                              const Formats& formats) const {
    Attempt a;
    Case& result = a.result;
    result.layer = diff.name;
    std::vector<bool> nodes(graph_.nodes.size());
    if (collect(tensor, result, nodes)) answer(result, nodes, given, formats);
    result.given_as = formats;
    const bool is_known = result.why_unknown.empty();
    // What its words are compared with, in all images.
    const auto size = static_cast<std::size_t>(shape_of(graph_, tensor).count());
    const auto base = base_.find(tensor);
    a.reference = base == base_.end() ? Words(images_ * size) : base->second;
    bool as_expected = base != base_.end();
    for (std::size_t p = 0; p < result.subject.images && is_known; ++p) {
        const auto from = result.subject.expected().begin() + static_cast<std::ptrdiff_t>(p * size);
        const auto to = a.reference.begin() + static_cast<std::ptrdiff_t>(result.subject.image_numbers[p] * size);
        as_expected = as_expected && std::equal(from, from + static_cast<std::ptrdiff_t>(size), to);
        std::copy(from, from + static_cast<std::ptrdiff_t>(size), to);
    }
    const VectorLayer expected = as_layer(tensor, a.reference);
    const Compared plain = compare_layer(expected, dump, {.common = true}, &a.stated, false);
    a.wrong = plain.diff.words_different;
    // diff has searched already where the words are those of the expected set.
    const bool search = a.wrong > 0 && (as_expected ? !diff.findings.empty() : true);
    Compared found;
    if (search) found = compare_layer(expected, dump, {.common = true}, &a.read, true);
    if (!search || found.diff.words_different >= a.wrong) {
        a.read = a.stated;
        found = {};
    }
    const bool is_moved = !found.diff.harmless();
    // Words that stand elsewhere are wrong where they stand.
    if (!is_moved && !found.diff.name.empty()) a.wrong = found.diff.words_different;
    // A dump without axes says nothing of its images.
    if (dump.dims.size() > 2 && dump.words_per_image() != shape_of(graph_, tensor).count()) {
        result.other_shape = fmt::format("its images are {} in the dump where the network has {}",
                                         fmt::join(dump.dims.begin() + 1, dump.dims.end(), "x"),
                                         fmt::join(shape_of(graph_, tensor).dims, "x"));
    }
    if (!is_known) return a;
    if (is_moved) {
        result.findings = found.diff.findings;
        result.moved = result.subject;
        take_actual(*result.moved, a.read, nullptr);
    }
    take_actual(result.subject, is_moved ? a.stated : a.read, &result);
    if (result.subject.images == 0) {
        result.why_unknown = result.other_shape.empty() ? "the dump has no words of the images whose inputs are known"
                                                        : result.other_shape;
    }
    return a;
}

void Sides::stands_as(const std::string& tensor, const Format& format) {
    std::vector<Format>& known = formats_[tensor];
    if (format == type_of(graph_, tensor).format || std::find(known.begin(), known.end(), format) != known.end())
        return;
    known.push_back(format);
}

// Whose fault is another format of a result: of the layer that made it. Its readers may have taken it as it stands.
void Sides::try_other_formats(const std::string& tensor, const LayerDiff& diff, const VectorLayer& dump,
                              Attempt& best) const {
    const std::vector<std::string> given = best.result.given_dumped;
    for (const std::string& name : given) {
        const auto known = formats_.find(name);
        if (known == formats_.end()) continue;
        for (const Format& format : known->second) {
            if (best.wrong == 0) return;
            Formats formats = best.result.given_as;
            formats[name] = format;
            Attempt other = attempt(tensor, diff, dump, Given::Dumped, formats);
            if (other.result.why_unknown.empty() && other.wrong < best.wrong) best = std::move(other);
        }
    }
}

// Words that are passed on stand in the format in which they came.
void Sides::inherit_formats(const std::string& tensor, const Case& result) {
    for (const std::string& name : result.given_dumped) {
        const auto known = formats_.find(name);
        if (known == formats_.end() || !(type_of(graph_, name).format == type_of(graph_, tensor).format)) continue;
        const std::vector<Format> formats = known->second;
        for (const Format& format : formats) stands_as(tensor, format);
    }
}

Case Sides::next(const std::string& tensor, const LayerDiff& diff) {
    const VectorLayer* dump = find(actual_, actual_layer_, tensor);
    if (dump == nullptr) return {.layer = diff.name, .why_unknown = "the dump has no words of it"};
    Attempt best = attempt(tensor, diff, *dump, Given::Dumped);
    if (dump->type) stands_as(tensor, dump->type->format);
    try_other_formats(tensor, diff, *dump, best);
    inherit_formats(tensor, best.result);
    // It may not have read the words that the dump has: they stand elsewhere there, or were disturbed on their way.
    for (const Given given : {Given::Stated, Given::Expected}) {
        const auto& others = given == Given::Stated ? stated_ : must_be_;
        const bool is_other = std::any_of(best.result.given.begin(), best.result.given.end(),
                                          [&others](const std::string& name) { return others.contains(name); });
        if (best.wrong == 0 || !is_other) continue;
        Attempt other = attempt(tensor, diff, *dump, given);
        // A layer is judged on the words that the dump has, unless those are clearly not what it read.
        if (other.wrong >= best.wrong || (given == Given::Expected && other.wrong * 2 > best.wrong)) continue;
        best = std::move(other);
        best.result.ignores_dump = given == Given::Expected;
    }
    if (best.wrong > 0 && best.result.why_unknown.empty()) {
        add_others(best.result.subject);
        if (best.result.moved) add_others(*best.result.moved);
    }
    if (best.result.ignores_dump) {
        std::erase_if(best.result.given_dumped, [this](const std::string& name) { return must_be_.contains(name); });
    }
    if (auto dumped = dumped_of(tensor, best.read, best.reference)) {
        if (best.read.words != best.stated.words) {
            if (auto stated = dumped_of(tensor, best.stated, best.reference))
                stated_.emplace(tensor, std::move(*stated));
        }
        if (best.result.why_unknown.empty() && dumped->words != best.reference) {
            Dumped must_be{.words = best.reference, .unknown = std::vector<std::uint8_t>(images_)};
            must_be_.emplace(tensor, std::move(must_be));
        }
        dumped_.emplace(tensor, std::move(*dumped));
    }
    return std::move(best.result);
}

}  // namespace bittrue::diagnose_detail
