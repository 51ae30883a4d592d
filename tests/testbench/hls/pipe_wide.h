#pragma once
#include <systemc>
void pipe_wide(const sc_dt::sc_biguint<120> in[3], sc_dt::sc_biguint<96> out[3]);
