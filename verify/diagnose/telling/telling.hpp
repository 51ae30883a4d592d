// An input on which two explanations of one dump give different words: what to feed the hardware next.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "bittrue/vectors/decimal.hpp"
#include "search/variant.hpp"

namespace bittrue::diagnose_detail {

// What the words of a tensor can be: those of its type (rule O1), of a declared input range (I3), and behind relu and
// layers that pass words on none below zero.
[[nodiscard]] RawRange possible_raws(const Graph& graph, const std::string& tensor, const Datapath& datapath);

// One explanation: the changes of a hypothesis in the order in which they are applied; none is the expected datapath.
struct Contender {
    std::size_t number = 0;  // of the hypothesis
    std::vector<const Candidate*> changes{};
};

struct TellingLimits {
    double seconds = 0.3;      // for one pair
    std::size_t batches = 48;  // of 32 images each
    std::size_t pairs = 3;
    const std::atomic<bool>* cancel = nullptr;
};

// One image of the chain's given tensors on which both give different words, with as many zeros as were found to be
// possible. The same on every machine that is fast enough for the limits. `ranges`: of every given tensor.
[[nodiscard]] TellingVector telling_vector(const Subject& subject, const std::vector<RawRange>& ranges,
                                           const Contender& first, const Contender& second, const Datapath& datapath,
                                           const TellingLimits& limits = {});

// The best of the contenders against each of the others, the first few of them; but not those that need the image
// before (StaleImage), which one image cannot show. A state that is kept is as it is in front of the first image.
[[nodiscard]] std::vector<TellingVector> telling_for(const Graph& graph, const Subject& subject,
                                                     const std::vector<Contender>& contenders, const Datapath& datapath,
                                                     const TellingLimits& limits = {});

}  // namespace bittrue::diagnose_detail
