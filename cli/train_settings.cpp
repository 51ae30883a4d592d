#include "train_settings.hpp"

#include "bittrue/model/error.hpp"
#include "bittrue/model/network_file.hpp"

namespace bittrue::cli {

TrainingSettings training_settings(const Graph& graph, const std::string& bits, const std::string& zero_scale,
                                   const std::string& store) {
    TrainingSettings s = graph.training.value_or(TrainingSettings{});
    if (!bits.empty()) {
        try {
            s.bits = parse_training_bits(bits);
        } catch (const InputError& e) {
            throw InputError("--bits", e.what());
        }
    }
    if (!zero_scale.empty()) s.zero_scale = zero_scale == "nan" ? ZeroScale::Nan : ZeroScale::Hold;
    if (!store.empty())
        s.store = store == "wrap"       ? WeightStore::Wrap
                  : store == "saturate" ? WeightStore::Saturate
                                        : WeightStore::Unbounded;
    return s;
}

}  // namespace bittrue::cli
