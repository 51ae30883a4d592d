#pragma once

// What a type of ap_ or ac_ has: a constant `width` and a reference to each bit.
template <int W>
class Number {
public:
    static const int width = W;
    Number() : bits_(0) {}
    explicit Number(int value) : bits_(static_cast<unsigned>(value) & ((1U << W) - 1)) {}

    class Bit {
    public:
        Bit(Number& number, int bit) : number_(number), bit_(bit) {}
        operator bool() const { return ((number_.bits_ >> bit_) & 1U) != 0; }
        Bit& operator=(int on) {
            number_.bits_ = (number_.bits_ & ~(1U << bit_)) | (on != 0 ? 1U << bit_ : 0);
            return *this;
        }

    private:
        Number& number_;
        int bit_;
    };
    Bit operator[](int bit) { return Bit(*this, bit); }
    int to_int() const { return static_cast<int>(bits_); }

private:
    unsigned bits_;
};

#ifndef RESULT_BITS
#define RESULT_BITS 5
#endif
void pipe_library(const Number<10> in[32], Number<RESULT_BITS> out[32]);
