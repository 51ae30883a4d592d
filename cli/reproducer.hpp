// One dot product as files that need neither network nor images: `bittrue diff --reproducer DIR`.
#pragma once

#include <string>

#include "mac_case.hpp"
#include "proof.hpp"

namespace bittrue::cli {

// Of a proof whose traced word has an accumulator; empty otherwise.
[[nodiscard]] std::optional<MacCase> mac_case_of(const Proof& proof);

// DIR/reproduce.sh, DIR/dot_product.case, DIR/dot_product.sv. The folder appears whole or not at all; an older
// reproducer there is replaced. InputError: DIR cannot be written, or holds anything else.
void write_reproducer(const std::string& directory, const MacCase& c);
// The same check, before a long run.
void check_reproducer(const std::string& directory);
// The files of an earlier run, so that they do not pass for this one's where there is nothing to write. False: there
// were none.
bool remove_reproducer(const std::string& directory);

}  // namespace bittrue::cli
