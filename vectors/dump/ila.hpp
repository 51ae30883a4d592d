// Layers and probes out of a Vivado ILA export (write_hw_ila_data -csv_file).
#pragma once

#include <string>
#include <vector>

#include "bittrue/vectors/dump.hpp"

namespace bittrue::dump {

// Every row is a sample of the analyser's clock; a clock that the map names is a probe whose edges count instead.
[[nodiscard]] std::vector<VectorLayer> read_ila(const std::string& path, const DumpMap& map,
                                                const std::vector<const DumpSource*>& sources,
                                                const DumpOptions& options, std::vector<std::string>& notes);
[[nodiscard]] std::vector<SignalActivity> list_ila(const std::string& path, const DumpOptions& options);

}  // namespace bittrue::dump
