// Layers and signals out of a VCD.
#pragma once

#include <string>
#include <vector>

#include "bittrue/vectors/dump.hpp"

namespace bittrue::dump {

// One pass over the file for all sources, which are of this file. The layers come in their order.
[[nodiscard]] std::vector<VectorLayer> read_vcd(const std::string& path, const DumpMap& map,
                                                const std::vector<const DumpSource*>& sources,
                                                const DumpOptions& options, std::vector<std::string>& notes);
[[nodiscard]] std::vector<SignalActivity> list_vcd(const std::string& path, const DumpOptions& options);

}  // namespace bittrue::dump
