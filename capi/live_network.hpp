// What a handle of the C interface stands for: a network, the images pushed so far, and how far each layer was checked.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bittrue/model/engine.hpp"
#include "bittrue/verify/diff.hpp"

namespace bittrue::capi {

enum class Outcome : std::uint8_t { Equal, Different, Pending };

// Bad arguments throw InputError; the meaning of every call is in bittrue.h.
class LiveNetwork {
public:
    explicit LiveNetwork(const std::string& network_file);

    [[nodiscard]] int layer_count() const { return static_cast<int>(layers_.size()); }
    [[nodiscard]] int layer_index(const std::string& name) const;
    [[nodiscard]] const std::string& layer_name(int layer) const { return layers_[place(layer)].about.name; }
    [[nodiscard]] std::int64_t layer_words(int layer) const { return layers_[place(layer)].words; }
    [[nodiscard]] Format layer_format(int layer) const { return layers_[place(layer)].format; }

    // True when the word completed an image.
    bool push(std::int64_t word);
    void push_values(const double* values, std::int64_t count);
    [[nodiscard]] std::int64_t images() const { return first_kept_ + static_cast<std::int64_t>(kept_.size()); }

    // Null while the image is pending.
    [[nodiscard]] const std::int64_t* expected(int layer, std::int64_t image, std::int64_t index) const;
    void keep(std::int64_t images);

    // Different and Pending leave their sentence in `sentence`.
    Outcome check(int layer, std::int64_t word, bool defined, std::string& sentence);
    Outcome check_bits(int layer, std::string_view bits, std::string& sentence);
    [[nodiscard]] std::int64_t checked(int layer) const;     // -1: of all layers
    [[nodiscard]] std::int64_t mismatches(int layer) const;  // likewise
    // A check threw: the verdict cannot be good any more.
    void note_refused(const std::string& sentence);
    void reset();
    // True: all is well. `sentence` says what was checked, or what is wrong.
    [[nodiscard]] bool verdict(std::string& sentence) const;

private:
    struct Layer {
        LayerDiff about{};  // name, type, axes: what mismatch_line needs
        Format format{};
        Shape shape{};
        std::int64_t words = 0;  // per image
        // What reset() forgets:
        std::int64_t image = 0, index = 0;  // of the next word to check
        std::int64_t checked = 0, mismatches = 0;
        bool pending = false;  // the last word came too early
        std::int64_t first_image = 0;
        std::string first_line{};  // of the first mismatch
    };
    using Words = std::vector<std::int64_t>;

    [[nodiscard]] std::size_t place(int layer) const;
    [[nodiscard]] const Words& words_of(std::size_t layer, std::int64_t image) const;
    void compute();
    void drop();
    Outcome check_word(Layer& layer, std::size_t number, std::int64_t word, const std::string* undefined,
                       std::string& sentence);
    [[nodiscard]] std::string equal_sentence() const;

    std::unique_ptr<Engine> engine_{};
    FixedType input_type_{};
    std::vector<Layer> layers_{};
    InputBatch batch_{};                     // one image, filled word by word
    std::deque<std::vector<Words>> kept_{};  // image, layer, word
    std::int64_t first_kept_ = 0;            // number of kept_.front()
    std::int64_t keep_ = 16;
    std::string refused_{};  // the first refusal of a check
};

}  // namespace bittrue::capi
