#include "subject/taken_words.hpp"

#include <algorithm>

namespace bittrue::diagnose_detail {

std::vector<std::int64_t> take_images(const std::vector<std::int64_t>& words, std::size_t per_image,
                                      const std::vector<std::uint32_t>& images) {
    if (images.size() * per_image == words.size()) return words;
    std::vector<std::int64_t> taken;
    taken.reserve(images.size() * per_image);
    for (const std::uint32_t image : images) {
        const auto at = words.begin() + static_cast<std::ptrdiff_t>(image * per_image);
        taken.insert(taken.end(), at, at + static_cast<std::ptrdiff_t>(per_image));
    }
    return taken;
}

void take_actual(Subject& subject, const AlignedWords& aligned, Case* counts) {
    const auto size = static_cast<std::size_t>(subject.per_image());
    std::vector<std::uint32_t> kept;
    for (std::uint32_t p = 0; p < subject.images; ++p) {
        const auto from = aligned.states.begin() + static_cast<std::ptrdiff_t>(subject.image_numbers[p] * size);
        const bool any = std::any_of(from, from + static_cast<std::ptrdiff_t>(size),
                                     [](std::uint8_t s) { return s != AlignedWords::Missing; });
        if (any) kept.push_back(p);
    }
    const auto images_missing = static_cast<std::int64_t>(subject.images - kept.size());
    if (kept.size() < subject.images) {
        std::vector<std::uint32_t> numbers;
        for (const std::uint32_t p : kept) numbers.push_back(subject.image_numbers[p]);
        subject.image_numbers = std::move(numbers);
        subject.images = kept.size();
        for (std::vector<TensorWords>* tensors : {&subject.chain.given, &subject.answers}) {
            for (TensorWords& tensor : *tensors) {
                tensor.words = take_images(tensor.words, static_cast<std::size_t>(tensor.shape.count()), kept);
                tensor.images = kept.size();
            }
        }
    }
    subject.actual = take_images(aligned.words, size, subject.image_numbers);
    subject.masked.assign(subject.actual.size(), 0);
    bool any_masked = false;
    for (std::size_t p = 0; p < subject.images; ++p) {
        bool wrong = false;
        for (std::size_t e = 0; e < size; ++e) {
            const std::size_t i = p * size + e;
            const std::uint8_t state = aligned.states[subject.image_numbers[p] * size + e];
            const bool same = subject.actual[i] == subject.expected()[i];
            if (state == AlignedWords::Known) {
                wrong = wrong || !same;
                continue;
            }
            subject.masked[i] = 1;
            any_masked = true;
            if (counts == nullptr) continue;
            counts->words_undefined += state == AlignedWords::Undefined ? 1 : 0;
            counts->words_missing += state == AlignedWords::Missing ? 1 : 0;
            (same ? counts->words_ambiguous : counts->ambiguous_different) += state == AlignedWords::Ambiguous ? 1 : 0;
        }
        if (wrong) subject.wrong_images.push_back(static_cast<std::uint32_t>(p));
    }
    if (!any_masked) subject.masked.clear();
    // A dump that ends within an image has lost the images behind it, too; one that ends with an image is of fewer.
    if (counts != nullptr && counts->words_missing > 0)
        counts->words_missing += images_missing * static_cast<std::int64_t>(size);
}

}  // namespace bittrue::diagnose_detail
