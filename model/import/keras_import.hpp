// Keras models from files that were looked at already.
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/float_model.hpp"
#include "import/file_kind.hpp"

namespace bittrue::detail {

// `content` is of the kind Hdf5 (opened by its path) or KerasArchive.
[[nodiscard]] FloatModel import_keras_content(const FileContent& content, const std::string& path,
                                              const std::string& config);

// The arrays of a .keras file.
[[nodiscard]] std::vector<NamedReals> archive_arrays(const std::string& bytes, const std::string& path);

}  // namespace bittrue::detail
