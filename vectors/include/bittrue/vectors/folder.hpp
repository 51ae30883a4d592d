// Folders of files that appear whole or not at all.
#pragma once

#include <string>
#include <vector>

#include "bittrue/vectors/vector_files.hpp"

namespace bittrue {

// Writes the files into DIR, which appears in one step. DIR may exist where it is empty or holds a file `mark`, which
// says that it was written so before: it is then replaced as a whole. InputError, before anything is written, where DIR
// holds anything else or cannot be made.
void write_folder(const std::string& directory, const std::vector<SetFile>& files, const std::string& mark);

// Whether write_folder could write to DIR, before a long run: the same InputError.
void check_folder(const std::string& directory, const std::string& mark);

}  // namespace bittrue
