// Ctrl-C sets a flag that long work looks at; a second one ends the program at once.
#pragma once

#include <atomic>

namespace bittrue::cli {

// Installs the handler for SIGINT and SIGTERM and returns the flag.
[[nodiscard]] const std::atomic<bool>& interrupt_flag();

}  // namespace bittrue::cli
