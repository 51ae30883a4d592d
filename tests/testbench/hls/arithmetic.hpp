// The layers of ../network.hpp on plain integers. The environment variable BUG selects what is wrong.
#pragma once

#include <cstdlib>

inline int bug() {
    const char* text = std::getenv("BUG");
    return text == nullptr ? 0 : std::atoi(text);
}

// s10.6 to s8.4: ties to even, saturated. BUG 1: truncated; 2: wraps.
inline int requantize(int raw) {
    const int floor = raw >= 0 ? raw / 4 : -((3 - raw) / 4);
    const int rest = raw - 4 * floor;
    int result = floor + (bug() != 1 && (rest == 3 || (rest == 2 && floor % 2 != 0)) ? 1 : 0);
    if (result > 127) result = bug() == 2 ? result - 256 : 127;
    return result;
}

// s8.4 to u5.3: max(0, x), ties up, saturated. BUG 3: wraps.
inline int rectify(int raw) {
    if (raw < 0) return 0;
    const int rounded = (raw + 1) / 2;
    return rounded > 31 ? (bug() == 3 ? rounded % 32 : 31) : rounded;
}
