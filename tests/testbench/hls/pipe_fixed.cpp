// On the fixed-point types of SystemC, whose arithmetic is its own.
#include "pipe_fixed.h"

#include "arithmetic.hpp"

void pipe_fixed(pixel_t in[32], result_t out[32]) {
    for (int i = 0; i < 32; ++i) {
        const sc_dt::sc_fixed<8, 4, sc_dt::SC_RND_CONV, sc_dt::SC_SAT> rounded = in[i];
        const sc_dt::sc_fixed<8, 4> truncated = in[i];
        const double scale = bug() == 1 ? truncated.to_double() : rounded.to_double();
        const sc_dt::sc_ufixed<5, 2, sc_dt::SC_RND, sc_dt::SC_SAT> saturated = scale < 0 ? 0.0 : scale;
        const sc_dt::sc_ufixed<5, 2, sc_dt::SC_RND, sc_dt::SC_WRAP> wrapped = scale < 0 ? 0.0 : scale;
        if (bug() == 3) {
            out[i] = wrapped;
        } else {
            out[i] = saturated;
        }
    }
}

int sc_main(int, char**) {
    return 0;
}
