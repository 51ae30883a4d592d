#include "training/compare.hpp"

#include <catch2/catch.hpp>

namespace training_tests {

using namespace bittrue;

void check_equal(const StepTrace& a, const StepTrace& b) {
    CHECK((a.input == b.input));
    REQUIRE(a.layers.size() == b.layers.size());
    for (std::size_t l = 0; l < a.layers.size(); ++l) {
        INFO("layer " << l);
        const LayerStep &x = a.layers[l], &y = b.layers[l];
        CHECK((x.sums == y.sums));
        CHECK((x.activations == y.activations));
        CHECK((x.errors == y.errors));
        CHECK((x.gradients == y.gradients));
        CHECK((x.scaled == y.scaled));
        CHECK((x.draws == y.draws));
        CHECK((x.steps == y.steps));
        CHECK((x.weights_after == y.weights_after));
        CHECK(x.forward_overflows == y.forward_overflows);
        CHECK(x.error_overflows == y.error_overflows);
        CHECK(x.gradient_overflows == y.gradient_overflows);
        CHECK(x.saturated_weights == y.saturated_weights);
        CHECK(x.nan_errors == y.nan_errors);
        CHECK(x.nan_gradients == y.nan_gradients);
        CHECK((x == y));
    }
    CHECK((a == b));
}

}  // namespace training_tests
