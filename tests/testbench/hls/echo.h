#pragma once
#include <cstdint>
// WORD is given by the compiler's command.
void echo(const WORD in[6], WORD out[6]);
