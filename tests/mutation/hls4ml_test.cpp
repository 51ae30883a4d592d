// All wrong values of all settings.
#include "hls4ml_check.hpp"

TEST_CASE("hls4ml: each wrong setting of the network file is named by the first verdict on its C simulation") {
    bittrue::mutation::check_hls4ml(1, 100);
}
