// Twelve elements in a word, that of element 0 in the highest lane of the result.
#include "pipe_wide.h"

#include "arithmetic.hpp"

void pipe_wide(const sc_dt::sc_biguint<120> in[3], sc_dt::sc_biguint<96> out[3]) {
    for (int i = 0; i < 3; ++i) {
        for (int lane = 0; lane < 12; ++lane) {
            const int bits = static_cast<int>(in[i].range(10 * lane + 9, 10 * lane).to_uint());
            const int result = rectify(requantize(bits >= 512 ? bits - 1024 : bits));
            const int place = bug() == 4 && i == 1 && lane < 2 ? 1 - lane : lane;  // 4: lanes are exchanged
            out[i].range(8 * (11 - place) + 7, 8 * (11 - place)) = static_cast<unsigned>(result);
        }
    }
}

int sc_main(int, char**) {
    return 0;
}
