// On integers of C++ that are wider than their words.
#include "pipe_native.h"

#include "arithmetic.hpp"

void pipe_native(const short in[32], unsigned char out[32]) {
    for (int i = 0; i < 32; ++i) {
        if (bug() == 4 && i == 31) break;  // 4: the last word is not written
        out[i] = static_cast<unsigned char>(rectify(requantize(in[i])));
        if (bug() == 5 && i == 9) out[i] |= 32;  // 5: a bit above the word
    }
    if (bug() == 6) out[32] = 5;  // 6: a word too many
}
