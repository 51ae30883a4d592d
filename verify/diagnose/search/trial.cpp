#include "search/trial.hpp"

#include <algorithm>

#include "bittrue/model/error.hpp"
#include "search/description.hpp"
#include "search/slice.hpp"

namespace bittrue::diagnose_detail {
namespace {

std::uint64_t mixed(std::uint64_t state, std::uint64_t word) {
    state = (state ^ word) * 0x9e3779b97f4a7c15U;
    return state ^ (state >> 29);
}

template <std::size_t N>
bool is_one_of(Cause cause, const Cause (&causes)[N]) {
    return std::find(std::begin(causes), std::end(causes), cause) != std::end(causes);
}

// Changes that treat every output channel alike, so that the others can be left out before they are applied.
bool treats_channels_alike(Cause cause) {
    static constexpr Cause kAlike[] = {Cause::ResultRounding,
                                       Cause::ResultOverflow,
                                       Cause::ResultFormat,
                                       Cause::AccumulatorRounding,
                                       Cause::AccumulatorOverflow,
                                       Cause::AccumulatorFormat,
                                       Cause::ProductCast,
                                       Cause::Schedule,
                                       Cause::QuantizeAt,
                                       Cause::TermOrder,
                                       Cause::BiasPosition,
                                       Cause::BiasMissing,
                                       Cause::BiasDoubled,
                                       Cause::BiasAlignment,
                                       Cause::BiasCast,
                                       Cause::WeightRounding,
                                       Cause::WeightOverflow,
                                       Cause::WeightFormat,
                                       Cause::BiasRounding,
                                       Cause::BiasOverflow,
                                       Cause::BiasFormat,
                                       Cause::Dialect,
                                       Cause::InputOrder,
                                       Cause::StaleImage,
                                       Cause::PaddingValue,
                                       Cause::Stride,
                                       Cause::Offset,
                                       Cause::Dilation,
                                       Cause::PoolRule,
                                       Cause::ActivationMissing,
                                       Cause::ActivationOrder,
                                       Cause::ActivationShape,
                                       Cause::TermsLeftOut};
    return is_one_of(cause, kAlike);
}

// Of these, changes that do not touch how stored numbers become words: those can be cast once for all of them.
bool leaves_parameters(Cause cause) {
    static constexpr Cause kOthers[] = {Cause::BiasDoubled,    Cause::BiasAlignment, Cause::WeightRounding,
                                        Cause::WeightOverflow, Cause::WeightFormat,  Cause::BiasRounding,
                                        Cause::BiasOverflow,   Cause::BiasFormat,    Cause::Dialect};
    return treats_channels_alike(cause) && !is_one_of(cause, kOthers);
}

// Weights and biases as words in place of real numbers.
void hold_words(Chain& chain, const Datapath& datapath) {
    for (Node& node : chain.nodes) {
        std::vector<std::pair<std::string, Parameter*>> parameters;
        const auto add = [&parameters](auto& op) {
            parameters.emplace_back("weights", &op.weights);
            if (op.bias) parameters.emplace_back("bias", &*op.bias);
        };
        if (auto* dense = std::get_if<Dense>(&node.op)) add(*dense);
        if (auto* conv = std::get_if<Conv2d>(&node.op)) add(*conv);
        if (parameters.empty()) continue;
        const auto reads = std::find_if(chain.given.begin(), chain.given.end(),
                                        [&node](const TensorWords& t) { return t.name == node.inputs.front(); });
        if (reads == chain.given.end()) continue;
        for (ParameterWords& words : datapath.parameters(node, *reads)) {
            for (auto& [role, parameter] : parameters) {
                if (words.role != role || parameter->is_raw() || words.tensor.words.size() != parameter->real.size())
                    continue;
                parameter->raw = std::move(words.tensor.words);
                parameter->real.clear();
                parameter->type.format = words.tensor.format;
                parameter->quantizer = WeightQuantizer::Cast;
                break;
            }
        }
    }
}

TensorWords taken(const TensorWords& all, const std::vector<std::uint32_t>& images) {
    TensorWords some{.name = all.name, .shape = all.shape, .type = all.type, .images = images.size()};
    const auto size = static_cast<std::size_t>(all.shape.count());
    some.words.reserve(images.size() * size);
    for (const std::uint32_t image : images) {
        const auto from = all.words.begin() + static_cast<std::ptrdiff_t>(image * size);
        some.words.insert(some.words.end(), from, from + static_cast<std::ptrdiff_t>(size));
    }
    return some;
}

bool has_other_nodes(const Chain& chain, const Chain& expected) {
    return !std::equal(chain.nodes.begin(), chain.nodes.end(), expected.nodes.begin(), expected.nodes.end(),
                       [](const Node& a, const Node& b) { return a.name == b.name; });
}

std::uint64_t distance_of(std::int64_t a, std::int64_t b) {
    return a < b ? static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a)
                 : static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b);
}

}  // namespace

Trial::Trial(const Subject& subject, const Datapath& datapath, Sample sample, std::vector<std::int64_t> channels)
    : subject_(subject), datapath_(datapath), sample_(std::move(sample)), channels_(std::move(channels)) {
    base_.chain.nodes = subject.chain.nodes;
    for (const TensorWords& tensor : subject.chain.given) base_.chain.given.push_back(taken(tensor, sample_.images));
    base_.images = sample_.images;
    base_.previous = [this](std::size_t given) { return taken(subject_.chain.given[given], sample_.before); };
    const auto size = static_cast<std::size_t>(subject.per_image());
    if (!channels_.empty()) {
        sliced_base_ = base_;
        if (auto places = slice_channels(sliced_base_.chain, channels_)) {
            has_slice_ = true;
            places_ = std::move(*places);
        } else {
            channels_.clear();
        }
    }
    worded_base_ = has_slice_ ? sliced_base_ : base_;
    hold_words(worded_base_.chain, datapath);
    if (places_.empty()) {
        places_.resize(size);
        for (std::size_t i = 0; i < size; ++i) places_[i] = static_cast<std::int64_t>(i);
    }
    const FixedType& type = subject.last().result;
    width_ = type.format.width;
    for (const std::uint32_t image : sample_.images) {
        for (const std::int64_t place : places_) {
            const std::size_t at = image * size + static_cast<std::size_t>(place);
            expected_.push_back(subject.expected()[at]);
            actual_.push_back(subject.actual[at]);
            masked_.push_back(subject.is_masked(at) ? 1 : 0);
            if (masked_.back() != 0) continue;
            ++words_;
            const i128 raw = raw_from_word(actual_.back(), type.format);
            within_format_ = within_format_ && raw >= raw_min(type.format) && raw <= raw_max(type.format);
            if (expected_.back() == actual_.back()) continue;
            ++different_;
            null_residual_ += distance_bits(distance_of(expected_.back(), actual_.back()), width_);
        }
    }
}

std::optional<Variant> Trial::variant(std::span<const Candidate* const> changes) const {
    Variant variant = base_;
    for (const Candidate* change : changes) {
        if (!change->apply(variant)) return {};
    }
    return variant;
}

Outcome Trial::run(std::span<const Candidate* const> changes) const {
    const auto are_all = [&changes](bool (*is)(Cause)) {
        return std::all_of(changes.begin(), changes.end(), [is](const Candidate* c) { return is(c->change.cause); });
    };
    const bool are_words = are_all(leaves_parameters);
    if (are_words || (has_slice_ && are_all(treats_channels_alike))) {
        // What does not apply to some of the channels, or to words, may apply to all that is stored.
        const Outcome early = run_from(are_words ? worded_base_ : sliced_base_, has_slice_, changes);
        if (early.applies) return early;
    }
    return run_from(base_, false, changes);
}

Outcome Trial::run_from(const Variant& base, bool is_sliced, std::span<const Candidate* const> changes,
                        std::vector<std::int64_t>* result) const {
    try {
        Variant variant = base;
        for (const Candidate* change : changes) {
            if (!change->apply(variant)) return {};
        }
        // A change of single words, of certain channels or of another order needs all of them.
        const bool is_whole =
            variant.instead || !variant.after.empty() || (variant.fault.stuck && variant.fault.stuck->outputs > 1);
        if (is_sliced && is_whole) return {};
        const bool slices = has_slice_ && !is_sliced && !is_whole;
        if (slices && slice_channels(variant.chain, channels_)) is_sliced = true;
        std::vector<std::int64_t> words = diagnose_detail::run(variant, datapath_);
        if (has_slice_ && !is_sliced) words = judged_of(words);
        if (words.size() != actual_.size()) return {};
        Outcome outcome = compare(words, variant.chain.nodes.back().result);
        outcome.rebuilds = has_other_nodes(variant.chain, subject_.chain);
        if (result != nullptr) *result = std::move(words);
        return outcome;
    } catch (const InputError&) {
        return {};  // no valid datapath
    }
}

bool Trial::count_left(std::span<const Candidate* const> changes, Left& left) const {
    std::vector<std::int64_t> words;
    if (!run_from(base_, false, changes, &words).applies) return false;
    const Shape& shape = subject_.last().shape;
    left.by_image.resize(subject_.images);
    left.by_channel.resize(static_cast<std::size_t>(shape.channels()));
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (masked_[i] != 0 || words[i] == actual_[i]) continue;
        ++left.by_image[sample_.images[i / places_.size()]];
        ++left.by_channel[static_cast<std::size_t>(shape.channel_of(places_[i % places_.size()]))];
    }
    return true;
}

// The judged channels of a whole result; empty where it is none.
std::vector<std::int64_t> Trial::judged_of(const std::vector<std::int64_t>& words) const {
    const auto size = static_cast<std::size_t>(subject_.per_image());
    std::vector<std::int64_t> some;
    if (words.size() != size * sample_.images.size()) return some;
    some.reserve(actual_.size());
    for (std::size_t image = 0; image < sample_.images.size(); ++image) {
        for (const std::int64_t place : places_) some.push_back(words[image * size + static_cast<std::size_t>(place)]);
    }
    return some;
}

Outcome Trial::compare(std::vector<std::int64_t>& words, const FixedType& type) const {
    Outcome outcome{.applies = true};
    const Format format = subject_.last().result.format;
    // A result of the other sign is read by its pattern, as diff does it; one of another width by its number.
    const bool by_pattern =
        type.format.width == format.width && type.format.is_signed != format.is_signed && within_format_;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (masked_[i] != 0) continue;
        std::int64_t& word = words[i];
        if (by_pattern) word = word_from_pattern(pattern_from_word(word, type.format), format);
        outcome.print = mixed(outcome.print, static_cast<std::uint64_t>(word));
        const bool was_right = expected_[i] == actual_[i];
        if (!was_right && word != expected_[i]) ++outcome.moved;
        if (word == actual_[i]) {
            outcome.explained += was_right ? 0 : 1;
            continue;
        }
        outcome.spoiled += was_right ? 1 : 0;
        outcome.residual += distance_bits(distance_of(word, actual_[i]), width_);
        if (outcome.first < 0) {
            outcome.first = static_cast<std::int64_t>(i);
            outcome.first_word = word;
        }
    }
    return outcome;
}

namespace {

Sample with_images_before(const Subject& subject, std::vector<std::uint32_t> images) {
    Sample sample{.images = std::move(images), .before = {}};
    for (const std::uint32_t p : sample.images) {
        const bool has_before = p > 0 && subject.image_numbers[p - 1] + 1 == subject.image_numbers[p];
        sample.before.push_back(has_before ? p - 1 : p);
    }
    return sample;
}

std::vector<std::uint32_t> all_of(std::size_t count) {
    std::vector<std::uint32_t> numbers(count);
    for (std::uint32_t p = 0; p < count; ++p) numbers[p] = p;
    return numbers;
}

std::int64_t parameters_of(const Subject& subject) {
    std::int64_t count = 0;
    for (const Node& node : subject.chain.nodes) count += cost_of(node).parameters;
    return count;
}

constexpr std::int64_t kSampleWork = 250'000;
constexpr std::int64_t kFewWrong = 20;  // more images then
constexpr std::int64_t kManyWrong = 200;
constexpr std::int64_t kMostImages = 8;
constexpr std::ptrdiff_t kWrongChannels = 5, kRightChannels = 3;
constexpr std::int64_t kManyWeights = 2048;  // of one channel: fewer channels then

}  // namespace

std::int64_t work_of(const Subject& subject) {
    std::int64_t work = 0;
    for (const Node& node : subject.chain.nodes) work += cost_of(node).macs + node.shape.count();
    return work;
}

Sample all_images(const Subject& subject) {
    return with_images_before(subject, all_of(subject.images));
}

Sample sample_images(const Subject& subject, const Left& left, bool one) {
    std::vector<std::uint32_t> order = all_of(subject.images);
    std::stable_sort(order.begin(), order.end(),
                     [&left](std::uint32_t a, std::uint32_t b) { return left.by_image[a] > left.by_image[b]; });
    const std::vector<std::int64_t> channels = sample_channels(subject, left);
    std::int64_t work = std::max<std::int64_t>(work_of(subject), 1);
    if (!channels.empty()) work = work * std::ssize(channels) / std::ssize(left.by_channel) + 1;
    const auto affordable = [work](std::int64_t wrong) {
        const std::int64_t limit = wrong < kFewWrong ? 4 * kSampleWork : kSampleWork;
        return static_cast<std::size_t>(std::clamp<std::int64_t>(limit / work, 2, kMostImages));
    };
    std::vector<std::uint32_t> images;
    std::int64_t wrong = 0;
    for (const std::uint32_t p : order) {
        if (images.size() >= (one ? 1 : affordable(wrong))) break;
        if (images.size() > 1 && wrong >= kManyWrong) break;
        if (!images.empty() && left.by_image[p] == 0) break;
        images.push_back(p);
        wrong += left.by_image[p];
    }
    // What is right must stay right.
    if (!one && images.size() < order.size() && order.back() != images.front()) images.push_back(order.back());
    return with_images_before(subject, std::move(images));
}

std::vector<std::int64_t> sample_channels(const Subject& subject, const Left& left) {
    const auto channels = static_cast<std::int64_t>(left.by_channel.size());
    const bool is_small = work_of(subject) < 125'000 && parameters_of(subject) < 8192;
    if (is_small || channels <= kWrongChannels + kRightChannels || !can_slice(subject.chain)) return {};
    std::vector<std::int64_t> order(static_cast<std::size_t>(channels));
    for (std::size_t c = 0; c < order.size(); ++c) order[c] = static_cast<std::int64_t>(c);
    std::stable_sort(order.begin(), order.end(), [&left](std::int64_t a, std::int64_t b) {
        return left.by_channel[static_cast<std::size_t>(a)] > left.by_channel[static_cast<std::size_t>(b)];
    });
    const bool is_large = parameters_of(subject) / channels > kManyWeights;
    std::vector<std::int64_t> chosen(order.begin(), order.begin() + (is_large ? kWrongChannels / 2 : kWrongChannels));
    chosen.insert(chosen.end(), order.end() - (is_large ? kRightChannels / 2 : kRightChannels), order.end());
    std::sort(chosen.begin(), chosen.end());
    return chosen;
}

}  // namespace bittrue::diagnose_detail
