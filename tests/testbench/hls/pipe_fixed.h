#pragma once
#define SC_INCLUDE_FX
#include <systemc>
typedef sc_dt::sc_fixed<10, 4> pixel_t;
typedef sc_dt::sc_ufixed<5, 2> result_t;
void pipe_fixed(pixel_t in[32], result_t out[32]);
