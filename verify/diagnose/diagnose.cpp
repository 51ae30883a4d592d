#include "bittrue/verify/diagnose.hpp"

#include "candidates.hpp"

namespace bittrue {

DiagnosisReport diagnose(const Graph& /*graph*/, const VectorSet& /*expected*/, const VectorSet& /*actual*/,
                         const DiffReport& /*report*/, const Datapath& /*datapath*/,
                         const DiagnoseOptions& /*options*/) {
    return {};
}

}  // namespace bittrue
