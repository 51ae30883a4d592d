// A part of a subject on which variants are run and compared with the dump: all of it, or a sample.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "search/variant.hpp"

namespace bittrue::diagnose_detail {

// How a variant's words compare with the dump's on the judged words of a trial.
struct Outcome {
    bool applies = false;
    bool rebuilds = false;        // the chain has other nodes than before
    std::int64_t explained = 0;   // wrong words that it gives
    std::int64_t spoiled = 0;     // right words that it gives otherwise
    std::int64_t moved = 0;       // wrong words that it gives otherwise than the expected datapath, right or not
    double residual = 0;          // bits of the distances of all words that it does not give
    std::uint64_t print = 0;      // of its judged words: equal words have equal prints
    std::int64_t first = -1;      // first word that it does not give; place in the trial's words
    std::int64_t first_word = 0;  // what it gives there
};

// Words that a variant does not give, by image of the subject and by channel of the result.
struct Left {
    std::vector<std::int64_t> by_image{}, by_channel{};
};

class Trial {
public:
    // `channels` of the result, ascending, on which it is judged; empty: all.
    Trial(const Subject& subject, const Datapath& datapath, Sample sample, std::vector<std::int64_t> channels = {});

    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    // The changes one after the other. May be called from several threads at once.
    [[nodiscard]] Outcome run(std::span<const Candidate* const> changes) const;
    // Adds to `left` where the changes leave words wrong. False where they do not apply.
    [[nodiscard]] bool count_left(std::span<const Candidate* const> changes, Left& left) const;
    // The changed datapath on the trial's words; nothing where a change does not apply.
    [[nodiscard]] std::optional<Variant> variant(std::span<const Candidate* const> changes) const;

    [[nodiscard]] std::int64_t words() const { return words_; }          // judged
    [[nodiscard]] std::int64_t different() const { return different_; }  // of them
    [[nodiscard]] double null_residual() const { return null_residual_; }
    [[nodiscard]] int width() const { return width_; }

private:
    // `words`, where wanted, gets what the variant gives.
    [[nodiscard]] Outcome run_from(const Variant& base, bool is_sliced, std::span<const Candidate* const> changes,
                                   std::vector<std::int64_t>* words = nullptr) const;
    [[nodiscard]] std::vector<std::int64_t> judged_of(const std::vector<std::int64_t>& words) const;
    [[nodiscard]] Outcome compare(std::vector<std::int64_t>& words, const FixedType& type) const;

    const Subject& subject_;
    const Datapath& datapath_;
    Sample sample_;
    Variant base_{};         // on the sample's images
    Variant sliced_base_{};  // of the channels only
    Variant worded_base_{};  // the same (or all channels), weights and biases as words
    bool has_slice_ = false;
    std::vector<std::int64_t> channels_;
    std::vector<std::int64_t> places_{};  // of the words that are judged, in a result of all channels; empty: all
    std::vector<std::int64_t> expected_{}, actual_{};
    std::vector<std::uint8_t> masked_{};
    bool within_format_ = true;  // all the dump's words are words of the expected format
    std::int64_t words_ = 0, different_ = 0;
    double null_residual_ = 0;
    int width_ = 0;
};

// Work of one image of the whole chain, in multiply-accumulates or words.
[[nodiscard]] std::int64_t work_of(const Subject& subject);
// All images of a subject.
[[nodiscard]] Sample all_images(const Subject& subject);
// Those with the most wrong words, and one with the fewest; as many as can be run often. The first one only, with
// `one`.
[[nodiscard]] Sample sample_images(const Subject& subject, const Left& left, bool one);
// Channels of which to judge a large layer: some with many wrong words, some with few. Empty: all of them.
[[nodiscard]] std::vector<std::int64_t> sample_channels(const Subject& subject, const Left& left);

}  // namespace bittrue::diagnose_detail
