// A layer with a dump of it, and what a candidate says that the layer gives.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "changes/candidates.hpp"
#include "datapath.hpp"
#include "vectors/support.hpp"

namespace bittrue::test {

using diagnose_detail::Candidate;
using diagnose_detail::Evidence;
using diagnose_detail::Maker;
using diagnose_detail::Subject;
using diagnose_detail::Variant;
using WordList = std::vector<std::int64_t>;
using Family = void (*)(const Maker&);

inline FixedType whole(int width, bool is_signed = true) {
    return {.format = {.width = width, .integer = width, .is_signed = is_signed}};
}

inline WordList random_words(std::int64_t count, Format format, std::uint64_t seed) {
    Words words(seed);
    WordList list;
    for (std::int64_t i = 0; i < count; ++i) list.push_back(word_from_pattern(words.next() >> 7, format));
    return list;
}

inline Parameter raw_parameter(const Dims& dims, FixedType type, std::uint64_t seed) {
    Parameter p{.dims = dims, .type = type};
    p.raw = random_words(element_count(dims), type.format, seed);
    return p;
}

// A chain on random words of one tensor "x"; its first node is "layer".
class Bench {
public:
    Bench(Operation op, const Shape& in, FixedType in_type, FixedType result, std::size_t images = 5)
        : datapath_(cli::make_datapath()) {
        TensorWords x{.name = "x", .shape = in, .type = in_type, .images = images};
        x.words = random_words(in.count() * static_cast<std::int64_t>(images), in_type.format, 42);
        subject.images = images;
        for (std::uint32_t i = 0; i < images; ++i) subject.image_numbers.push_back(i);
        subject.chain.given.push_back(std::move(x));
        add_node({.name = "layer", .inputs = {"x"}, .op = std::move(op), .result = result});
    }

    void add_node(Node node) {
        subject.chain.nodes.push_back(std::move(node));
        compute();
    }
    // After the given words or a node were changed by hand.
    void compute() {
        subject.answers = datapath_->run(subject.chain);
        for (std::size_t k = 0; k < subject.answers.size(); ++k)
            subject.chain.nodes[k].shape = subject.answers[k].shape;
        subject.actual = subject.expected();
    }

    [[nodiscard]] const WordList& x() const { return subject.chain.given[0].words; }
    [[nodiscard]] const Shape& in() const { return subject.chain.given[0].shape; }
    [[nodiscard]] const Datapath& datapath() const { return *datapath_; }

    // What a family offers for the dump.
    std::vector<Candidate> candidates(Family family, WordList actual) {
        subject.actual = std::move(actual);
        REQUIRE(subject.actual.size() == subject.expected().size());
        const Evidence evidence = diagnose_detail::evidence_of(subject);
        std::vector<Candidate> list;
        family({subject, evidence, *datapath_, list});
        return list;
    }

    // On all images or some, without a change.
    [[nodiscard]] Variant variant(std::vector<std::uint32_t> images = {}) const {
        if (images.empty()) {
            for (std::size_t i = 0; i < subject.images; ++i) images.push_back(static_cast<std::uint32_t>(i));
        }
        Variant variant;
        variant.chain = subject.chain;
        variant.images = images;
        for (TensorWords& given : variant.chain.given) {
            given.words = of_images(given.words, images);
            given.images = images.size();
        }
        variant.previous = [this, images](std::size_t given) {
            std::vector<std::uint32_t> before = images;
            for (std::uint32_t& image : before) image -= image > 0 ? 1 : 0;
            TensorWords words = subject.chain.given.at(given);
            words.words = of_images(words.words, before);
            words.images = before.size();
            return words;
        };
        return variant;
    }

    // Words with the candidate; empty where it does not apply.
    [[nodiscard]] WordList with(const Candidate& candidate, std::vector<std::uint32_t> images = {}) const {
        Variant changed = variant(std::move(images));
        if (!candidate.apply(changed)) return {};
        return diagnose_detail::run(changed, *datapath_);
    }

    [[nodiscard]] WordList of_images(const WordList& words, const std::vector<std::uint32_t>& images) const {
        const std::size_t size = words.size() / subject.images;
        WordList taken;
        for (const std::uint32_t image : images) {
            for (std::size_t i = 0; i < size; ++i) taken.push_back(words[image * size + i]);
        }
        return taken;
    }

    // Candidates whose text holds the piece and that give the dump, on all images and on two of them.
    std::size_t explaining(Family family, const WordList& actual, const std::string& text) {
        REQUIRE(actual != subject.expected());
        std::size_t count = 0;
        const auto last = static_cast<std::uint32_t>(subject.images - 1);
        for (const Candidate& candidate : candidates(family, actual)) {
            if (candidate.change.text.find(text) == std::string::npos) continue;
            INFO(candidate.change.text);
            if (with(candidate) == actual && with(candidate, {1, last}) == of_images(actual, {1, last})) ++count;
        }
        return count;
    }

    Subject subject{};

private:
    std::unique_ptr<Datapath> datapath_;
};

}  // namespace bittrue::test
