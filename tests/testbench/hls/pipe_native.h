#pragma once
void pipe_native(const short in[32], unsigned char out[32]);
