// A network's shapes and formats as constants of a SystemVerilog package, so that RTL need not repeat them by hand.
#pragma once

#include <string>

#include "bittrue/model/graph.hpp"
#include "bittrue/vectors/vector_files.hpp"

namespace bittrue {

// NAME.sv with the package NAME: for the network's input and for every layer the shape and format of what goes in and
// comes out, and what its rule of docs/numerics.md names (accumulator, weights, window, tables, ...).
// docs/sv_package.md has the names. It stands alone: no other package is imported. Equal graphs give equal bytes.
//
// `graph` must be validated. InputError when `name` is no identifier of SystemVerilog.
[[nodiscard]] SetFile make_sv_package(const Graph& graph, const std::string& name);

}  // namespace bittrue
