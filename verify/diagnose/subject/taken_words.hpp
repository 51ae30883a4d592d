// The words of some images, and those of the dump in a subject.
#pragma once

#include <cstdint>
#include <vector>

#include "compare.hpp"
#include "subject/sides.hpp"

namespace bittrue::diagnose_detail {

// Words of some images of all.
[[nodiscard]] std::vector<std::int64_t> take_images(const std::vector<std::int64_t>& words, std::size_t per_image,
                                                    const std::vector<std::uint32_t>& images);

// Puts the dump's words into the subject: drops the images of which it has no word, and masks what is not known of the
// others. `counts`, where wanted, gets how many those are.
void take_actual(Subject& subject, const AlignedWords& aligned, Case* counts);

}  // namespace bittrue::diagnose_detail
