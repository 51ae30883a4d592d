// A VCD of any size, as a simulation of a middling design writes it, without a simulator.
#pragma once

#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <string>

namespace bittrue::test {

struct BigVcd {
    std::uint64_t bytes = 0;
    std::uint64_t clocks = 0;
    std::uint64_t beats = 0;  // of tb.dut.data (16 bits) with tb.dut.valid at rising edges of tb.clk
    std::uint64_t sum = 0;    // of the words of those beats
};

// 240 signals of 1 to 64 bits; 24 of them and the clock change with each clock of 10 ns. Always the same text.
inline BigVcd write_big_vcd(const std::string& path, std::uint64_t bytes) {
    constexpr int kSignals = 240;
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) throw std::runtime_error("cannot write " + path);
    std::uint64_t state = 7;
    const auto random = [&] {
        std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    };
    const auto code = [](int number) {
        std::string text;
        for (++number; number > 0; number /= 94) text += static_cast<char>('!' + number % 94);
        return text;
    };
    const auto width = [](int number) { return number % 3 == 0 ? 1 : number % 7 == 0 ? 64 : 1 + number % 32; };
    const auto digits = [](std::uint64_t value, int bits) {
        std::string text(static_cast<std::size_t>(bits), '0');
        for (int i = 0; i < bits; ++i)
            text[static_cast<std::size_t>(bits - 1 - i)] = (value >> i & 1U) != 0 ? '1' : '0';
        return text;
    };
    std::string text = "$timescale 1ns $end\n$scope module tb $end\n$var wire 1 ! clk $end\n$scope module dut $end\n";
    const std::string valid_code = code(kSignals), data_code = code(kSignals + 1);
    for (int i = 0; i < kSignals; ++i) {
        text += "$var wire " + std::to_string(width(i)) + " " + code(i) + " s" + std::to_string(i) + " $end\n";
    }
    text += "$var wire 1 " + valid_code + " valid $end\n$var wire 16 " + data_code + " data [15:0] $end\n";
    text += "$upscope $end\n$upscope $end\n$enddefinitions $end\n#0\n0!\n";
    BigVcd big;
    std::uint64_t data = 0;
    bool valid = false;
    while (big.bytes + text.size() < bytes) {
        const std::uint64_t time = 10 * big.clocks++;
        text += "#" + std::to_string(time + 5) + "\n1!\n";
        if (valid) {
            ++big.beats;
            big.sum += data;
        }
        for (int i = 0; i < 24; ++i) {
            const int number = static_cast<int>(random() % kSignals);
            const int bits = width(number);
            text += bits == 1 ? std::string(1, random() % 2 != 0 ? '1' : '0') : "b" + digits(random(), bits) + " ";
            text += code(number) + "\n";
        }
        valid = random() % 4 == 0;
        data = random() & 0xffffU;
        text += (valid ? "1" : "0") + valid_code + "\n";
        if (valid) text += "b" + digits(data, 16) + " " + data_code + "\n";
        text += "#" + std::to_string(time + 10) + "\n0!\n";
        if (text.size() > (1U << 20)) {
            big.bytes += std::fwrite(text.data(), 1, text.size(), file);
            text.clear();
        }
    }
    big.bytes += std::fwrite(text.data(), 1, text.size(), file);
    if (std::fclose(file) != 0 || big.bytes < bytes) throw std::runtime_error("cannot write " + path);
    return big;
}

}  // namespace bittrue::test
