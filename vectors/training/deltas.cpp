#include "training/deltas.hpp"

namespace bittrue::training {

namespace {

std::vector<std::int64_t> last(const LayerStep& step, int fx) {
    std::vector<std::int64_t> deltas(step.errors.begin(), step.errors.end());
    for (std::size_t i = 0; i < deltas.size(); ++i) {
        if (step.sums[i] < 0 || step.sums[i] > std::int64_t{1} << fx) deltas[i] = 0;
    }
    return deltas;
}

}  // namespace

std::vector<std::int64_t> deltas_of(const TrainingLayer& layer, const LayerStep& step, bool is_last, int fx) {
    if (is_last) return last(step, fx);
    std::vector<std::int64_t> deltas(step.sums.size());
    const int rows = layer.output.rows, columns = layer.output.columns;
    const auto width = static_cast<std::size_t>(layer.sums.columns);
    const std::size_t map = static_cast<std::size_t>(layer.sums.rows) * width;
    std::size_t error = 0;
    for (std::size_t begin = 0; begin < step.sums.size(); begin += map) {
        for (int y = 0; y < rows; ++y) {
            for (int x = 0; x < columns; ++x, ++error) {
                const auto corner = begin + static_cast<std::size_t>(y * layer.pool_rows) * width +
                                    static_cast<std::size_t>(x * layer.pool_columns);
                std::size_t best = corner;
                for (int r = 0; r < layer.pool_rows; ++r) {
                    for (int c = 0; c < layer.pool_columns; ++c) {
                        const std::size_t at = corner + static_cast<std::size_t>(r) * width + std::size_t(c);
                        if (step.sums[at] > step.sums[best]) best = at;
                    }
                }
                if (step.sums[best] > 0) deltas[best] = step.errors[error];
            }
        }
    }
    return deltas;
}

}  // namespace bittrue::training
