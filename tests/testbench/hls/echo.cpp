// Gives back what it gets; word number BUG - 1 with all its bits changed.
#include "echo.h"

#include "arithmetic.hpp"

void echo(const WORD in[6], WORD out[6]) {
    for (int i = 0; i < 6; ++i) {
        out[i] = in[i];
        if (bug() == i + 1) out[i] = static_cast<WORD>(in[i] ^ static_cast<WORD>(-1));
    }
}
