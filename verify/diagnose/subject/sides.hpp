// What both sides know of every tensor, and from it what each layer of the dump is judged on: the words that it read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/vectors/vector_set.hpp"
#include "compare.hpp"
#include "subject/subject.hpp"

namespace bittrue::diagnose_detail {

// One layer of the dump by itself.
struct Case {
    std::string layer{};
    std::string why_unknown{};  // empty: `subject` is filled
    std::vector<std::string> given{}, given_dumped{};
    // The layer follows from what the layers before it must give, but not from the words that the dump has of them.
    bool ignores_dump = false;
    // Of `given_dumped`: read in another format than the network's, the one in which they stand in the dump.
    std::map<std::string, Format> given_as{};
    Subject subject{};                     // the dump read as its sides state
    std::int64_t words_undefined = 0;      // of the judged images
    std::int64_t words_missing = 0;        // likewise
    std::int64_t words_ambiguous = 0;      // decimals that fit the expected word
    std::int64_t ambiguous_different = 0;  // decimals that do not fit it, and that no one word prints as
    // Where diff's search finds that words of the dump stand elsewhere (not where that is benign): the dump read so.
    std::vector<Finding> findings{};
    std::optional<Subject> moved{};
    bool is_moved_judged = false;  // `moved` is what was judged
    std::string other_shape{};     // of the dump's images, where they have another number of words: a clause
};

class Sides {
public:
    // InputError where `graph` gives other words than the expected set. All must outlive it.
    Sides(const Graph& graph, const VectorSet& expected, const VectorSet& actual, const Datapath& datapath);

    // Of tensors in the order of the graph, each once: what is read of one is given to the next.
    [[nodiscard]] Case next(const std::string& tensor, const LayerDiff& diff);
    // The dump's words of a tensor stand in this format: a layer that is wrong otherwise may have read them so.
    void stands_as(const std::string& tensor, const Format& format);
    // The graph's tensor of a layer of the expected set; empty: it has none.
    [[nodiscard]] std::string tensor_of(const std::string& layer) const;

private:
    using Words = std::vector<std::int64_t>;
    // Words of a dumped tensor in all images of the expected side.
    struct Dumped {
        Words words{};
        std::vector<std::uint8_t> unknown{};  // by image: it has words that are not known
    };
    // Which words a layer may have read of a dumped tensor.
    enum class Given : std::uint8_t {
        Dumped,    // the dump's, where diff finds them
        Stated,    // the dump's, where its sides state that they stand
        Expected,  // what the tensor must be: the dump's words are not what was computed with
    };
    struct Attempt {
        Case result{};
        AlignedWords read{};    // of the layer itself, where diff finds its words
        AlignedWords stated{};  // where its sides state that they stand
        Words reference{};      // what it must give
        std::int64_t wrong = 0;
    };

    void answer_expected();
    void check(const std::string& tensor) const;
    [[nodiscard]] std::optional<Dumped> dumped_of(const std::string& tensor, const AlignedWords& aligned,
                                                  const Words& reference) const;
    using Formats = std::map<std::string, Format>;  // by tensor, where it is not the network's
    [[nodiscard]] Attempt attempt(const std::string& tensor, const LayerDiff& diff, const VectorLayer& dump,
                                  Given given, const Formats& formats = {}) const;
    void try_other_formats(const std::string& tensor, const LayerDiff& diff, const VectorLayer& dump,
                           Attempt& best) const;
    void inherit_formats(const std::string& tensor, const Case& result);
    [[nodiscard]] const Dumped* find_dumped(const std::string& tensor, Given given) const;
    [[nodiscard]] AlignedWords read_alone(const VectorLayer& layer, const std::string& tensor) const;
    [[nodiscard]] VectorLayer as_layer(const std::string& tensor, Words words) const;
    [[nodiscard]] TensorWords as_tensor(const std::string& tensor, Words words, std::size_t images) const;
    [[nodiscard]] const VectorLayer* find(const VectorSet& set, const std::map<std::string, std::size_t>& layers,
                                          const std::string& tensor) const;
    // False, with the reason, where an input is not known.
    [[nodiscard]] bool collect(const std::string& tensor, Case& result, std::vector<bool>& nodes) const;
    void answer(Case& result, const std::vector<bool>& nodes, Given given, const Formats& formats) const;
    void add_others(Subject& subject) const;

    const Graph& graph_;
    const VectorSet& expected_;
    const VectorSet& actual_;
    const Datapath& datapath_;
    std::size_t images_ = 0;
    std::map<std::string, std::size_t> expected_layer_{}, actual_layer_{};  // by tensor
    std::map<std::string, Words> base_{};                                   // what the network gives for its input
    std::map<std::string, Dumped> dumped_{};
    std::map<std::string, Dumped> stated_{}, must_be_{};    // where they are others than `dumped_`
    std::map<std::string, std::vector<Format>> formats_{};  // that its words may stand in, other than the network's
};

}  // namespace bittrue::diagnose_detail
