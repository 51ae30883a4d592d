#include "pipe_library.h"

#include "arithmetic.hpp"

void pipe_library(const Number<10> in[32], Number<RESULT_BITS> out[32]) {
    for (int i = 0; i < 32; ++i) {
        const int raw = in[i].to_int();
        out[i] = Number<RESULT_BITS>(rectify(requantize(raw >= 512 ? raw - 1024 : raw)));
    }
}
