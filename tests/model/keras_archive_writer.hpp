// Makes .keras files as Keras 3 writes them, through libzip and the HDF5 library.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/hdf5_writer.hpp"

namespace bittrue::test {

// Names and contents of a zip archive, stored as they are or deflated.
void write_zip(const std::string& path, const std::vector<std::pair<std::string, std::string>>& entries,
               bool deflate = false);

// An HDF5 file of these arrays, named by their whole paths ("layers/dense/vars/0").
[[nodiscard]] std::string hdf5_bytes(const std::vector<KerasArray>& arrays);

void write_keras_archive(const std::string& path, const std::string& config, const std::vector<KerasArray>& arrays,
                         const std::string& version = "3.1.1");

}  // namespace bittrue::test
