// The .keras file of Keras 3: a zip archive of the configuration and the weights.
#pragma once

#include <string>
#include <string_view>

namespace bittrue::detail {

struct KerasArchive {
    std::string config{};   // config.json
    std::string version{};  // of Keras, from metadata.json; empty when it is not there
    std::string weights{};  // model.weights.h5
};

// A zip archive that holds a config.json or a model.weights.h5 (an .npz does not).
[[nodiscard]] bool is_keras_archive(std::string_view bytes);

// InputError: no archive, an entry missing, damaged, encrypted or larger than any model that can be read.
[[nodiscard]] KerasArchive read_keras_archive(std::string_view bytes, const std::string& where);

}  // namespace bittrue::detail
