#include "training/step_set.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

namespace bittrue::training_detail {
namespace {

constexpr std::int64_t kNone = -128;  // an exponent that there is none (H11)

std::optional<std::uint64_t> step_of(const std::string& name) {
    constexpr std::string_view kStart = "step";
    if (!name.starts_with(kStart)) return {};
    std::uint64_t number = 0;
    const char* const end = name.data() + name.size();
    const auto [at, error] = std::from_chars(name.data() + kStart.size(), end, number);
    if (error != std::errc{} || at == end || *at != '.') return {};
    return number;
}

// One step's places.
class Places {
public:
    Places(const TrainingNetwork& network, std::uint64_t step, std::optional<std::uint64_t> before,
           std::vector<StepPlace>& out)
        : network_(network), step_(step), before_(before), out_(out) {}

    void add_all() {
        add(0, "", "pixels", Origin::Outside, {}, {});
        add(0, "", "labels", Origin::Outside, {}, {});
        add(0, "", "input", Origin::Computed, StepTensor::Input, {"pixels"});
        for (std::size_t l = 0; l < network_.layers.size(); ++l) forward(l);
        add(last(), "", "loss", Origin::Computed, StepTensor::Loss, {of(last(), "activations"), "labels"});
        for (std::size_t l = network_.layers.size(); l-- > 0;) {
            errors(l);
            update(l);
        }
    }

private:
    [[nodiscard]] std::size_t last() const { return network_.layers.size() - 1; }
    [[nodiscard]] std::string of(std::size_t l, const std::string& kind) const {
        return network_.layers[l].name + "." + kind;
    }
    [[nodiscard]] std::string front(std::size_t l) const { return l == 0 ? "input" : of(l - 1, "activations"); }

    void add(std::size_t l, const std::string& prefix, const std::string& kind, Origin origin, StepTensor tensor,
             const std::vector<std::string>& reads) {
        StepPlace place{.step = step_, .before = before_, .layer = l, .origin = origin, .tensor = tensor, .kind = kind};
        place.name = step_prefix(step_) + prefix + kind;
        for (const std::string& name : reads) place.reads.push_back(step_prefix(step_) + name);
        out_.push_back(std::move(place));
    }
    void computed(std::size_t l, const std::string& kind, StepTensor tensor, const std::vector<std::string>& reads) {
        add(l, network_.layers[l].name + ".", kind, Origin::Computed, tensor, reads);
    }
    void carried(std::size_t l, const std::string& kind, const std::string& after) {
        add(l, network_.layers[l].name + ".", kind, before_ ? Origin::Carried : Origin::Outside, {}, {});
        if (before_) out_.back().reads = {step_prefix(*before_) + of(l, after)};
    }

    void forward(std::size_t l) {
        carried(l, "weights_before", "weights_after");
        computed(l, "sums", StepTensor::Sums, {front(l), of(l, "weights_before")});
        computed(l, "activations", StepTensor::Activations, {of(l, "sums")});
    }
    void errors(std::size_t l) {
        std::vector<std::string> reads{of(l, "activations"), "labels"};
        if (l < last()) reads = {of(l, "sums"), of(l + 1, "deltas"), of(l + 1, "weights_before")};
        computed(l, "error_exponent", StepTensor::ErrorExponent, reads);
        reads.push_back(of(l, "error_exponent"));
        computed(l, "errors", StepTensor::Errors, reads);
        computed(l, "deltas", StepTensor::Deltas, {of(l, "errors"), of(l, "sums")});
    }
    void update(std::size_t l) {
        computed(l, "gradients", StepTensor::Gradients, {front(l), of(l, "deltas")});
        computed(l, "gradient_exponent", StepTensor::GradientExponent, {of(l, "gradients")});
        computed(l, "scaled", StepTensor::Scaled, {of(l, "gradients"), of(l, "gradient_exponent")});
        carried(l, "lfsr_before", "lfsr_after");
        computed(l, "draws", StepTensor::Draws, {of(l, "lfsr_before")});
        computed(l, "lfsr_after", StepTensor::LfsrAfter, {of(l, "lfsr_before")});
        computed(l, "steps", StepTensor::Steps, {of(l, "scaled"), of(l, "draws")});
        computed(l, "weights_after", StepTensor::WeightsAfter, {of(l, "weights_before"), of(l, "steps")});
    }

    const TrainingNetwork& network_;
    std::uint64_t step_;
    std::optional<std::uint64_t> before_;
    std::vector<StepPlace>& out_;
};

}  // namespace

std::string step_prefix(std::uint64_t step) {
    return fmt::format("step{}.", step);
}

std::vector<std::uint64_t> steps_in(const VectorSet& set) {
    std::set<std::uint64_t> steps;
    for (const VectorLayer& layer : set.layers) {
        if (const auto step = step_of(layer.name)) steps.insert(*step);
    }
    return {steps.begin(), steps.end()};
}

std::vector<StepPlace> step_places(const TrainingNetwork& network, const std::vector<std::uint64_t>& steps) {
    std::vector<StepPlace> places;
    std::optional<std::uint64_t> before;
    for (const std::uint64_t step : steps) {
        Places(network, step, before, places).add_all();
        before = step;
    }
    return places;
}

StepReader::StepReader(const TrainingSetup& setup, const std::vector<StepPlace>& places, const StepWords& expected,
                       const StepWords& dumped, const TrainingDatapath& datapath)
    : setup_(setup), expected_(expected), dumped_(dumped), datapath_(datapath) {
    for (const StepPlace& place : places) places_.emplace(place.name, &place);
}

const StepPlace* StepReader::place(const std::string& name) const {
    const auto at = places_.find(name);
    return at == places_.end() ? nullptr : at->second;
}

LearningRate StepReader::rate(std::uint64_t step) const {
    const auto at = rates_.find(step);
    return at == rates_.end() ? LearningRate{} : at->second;
}

const Words* StepReader::words(const std::string& name) {
    if (const Words* dumped = dumped_.find(name)) return dumped;
    const auto known = followed_.find(name);
    if (known != followed_.end()) return known->second ? &*known->second : nullptr;
    std::optional<Words> words;
    const StepPlace* const at = place(name);
    if (at != nullptr && at->origin == Origin::Carried) {
        if (const Words* before = this->words(at->reads.front())) words = *before;
    } else if (at != nullptr && at->origin == Origin::Computed) {
        std::string why;
        if (const auto from = sources(*at, why))
            words = datapath_.tensor(setup_.network, at->layer, at->tensor, *from, {});
    }
    if (!words) {
        if (const Words* expected = expected_.find(name)) words = *expected;
    }
    const auto& kept = followed_[name] = std::move(words);
    return kept ? &*kept : nullptr;
}

const Words* StepReader::near(const StepPlace& place, std::uint64_t step, int layer, const std::string& kind) {
    const auto l = static_cast<std::ptrdiff_t>(place.layer) + layer;
    if (l < 0 || l >= static_cast<std::ptrdiff_t>(setup_.network.layers.size())) return nullptr;
    return words(step_prefix(step) + setup_.network.layers[static_cast<std::size_t>(l)].name + "." + kind);
}

const Words* StepReader::near(const StepPlace& place, int layer, const std::string& kind) {
    return near(place, place.step, layer, kind);
}

std::optional<StepSources> StepReader::sources(const StepPlace& place, std::string& why) {
    StepSources from;
    const std::string prefix = step_prefix(place.step);
    const auto exponent = [](const Words& word) -> std::optional<int> {
        if (word.front() == kNone) return {};
        return static_cast<int>(word.front());
    };
    for (const std::string& name : place.reads) {
        const Words* const found = words(name);
        if (found == nullptr) {
            why = fmt::format("what it reads is not known: neither side has '{}'", name);
            return {};
        }
        const StepPlace& read = *this->place(name);
        const std::string& kind = read.kind;
        const bool behind = read.layer > place.layer;
        if (kind == "pixels") from.pixels = *found;
        if (kind == "labels") from.labels = *found;
        if (kind == "input" || (kind == "activations" && read.layer < place.layer)) from.front = *found;
        if (kind == "activations" && read.layer == place.layer) from.activations = *found;
        if (kind == "weights_before") (behind ? from.behind_weights : from.weights) = *found;
        if (kind == "deltas") (behind ? from.behind_deltas : from.deltas) = *found;
        if (kind == "sums") from.sums = *found;
        if (kind == "errors") from.errors = *found;
        if (kind == "gradients") from.gradients = *found;
        if (kind == "scaled") from.scaled = *found;
        if (kind == "draws") from.draws = *found;
        if (kind == "steps") from.steps = *found;
        if (kind == "error_exponent") from.error_exponent = exponent(*found);
        if (kind == "gradient_exponent") from.gradient_exponent = exponent(*found);
        if (kind == "lfsr_before") from.lfsr = static_cast<std::uint64_t>(found->front());
    }
    // As many images as the maps have; tensors without images need no number.
    const TrainingLayer& layer = setup_.network.layers[place.layer];
    const auto per = [&](const Words& words, const MapShape& shape) {
        if (!words.empty()) from.images = words.size() / static_cast<std::size_t>(shape.elements());
    };
    per(from.pixels, setup_.network.input);
    per(from.front, layer.input);
    per(from.sums, layer.sums);
    per(from.activations, layer.output);
    from.rate = rate(place.step);
    return from;
}

}  // namespace bittrue::training_detail
