// The directory that a vector set replaces.
#pragma once

#include <filesystem>
#include <string>

namespace bittrue {

// InputError unless `target` is absent, empty or a vector set that holds nothing but what its manifest names: only what
// bittrue wrote may be deleted.
void check_replaceable(const std::string& where, const std::filesystem::path& target);

}  // namespace bittrue
