// Gives libFuzzer the target's own seeds and dictionary: both are written beside the program, and the folder of seeds
// becomes its corpus, in which it also keeps what it finds.
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "fuzz/target.hpp"

namespace {

using namespace bittrue::fuzz;

std::string escaped(const std::string& word) {
    std::string text;
    for (const char c : word) {
        char code[8];
        std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        text += code;
    }
    return '"' + text + '"';
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
    bool plain = true;
    for (int i = 1; i < *argc; ++i) plain = plain && (*argv)[i][0] == '-';
    if (!plain) return 0;  // the caller has a corpus, or replays a file
    const std::string program = (*argv)[0];
    static const std::string corpus = program + ".corpus";
    static const std::string words = program + ".dict";
    static const std::string option = "-dict=" + words;
    std::filesystem::create_directories(corpus);
    int number = 0;
    for (const std::string& seed : seeds()) {
        std::ofstream(corpus + "/seed" + std::to_string(number++), std::ios::binary) << seed;
    }
    std::ofstream list(words);
    for (const std::string& word : dictionary()) list << escaped(word) << '\n';
    static std::vector<char*> arguments(*argv, *argv + *argc);
    if (!dictionary().empty()) arguments.push_back(const_cast<char*>(option.c_str()));
    arguments.push_back(const_cast<char*>(corpus.c_str()));
    *argc = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    *argv = arguments.data();
    return 0;
}
