// make_wage_weights OUT.npz: writes the generated weights of this folder.
#include <iostream>

#include "wage_weights.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: make_wage_weights OUT.npz\n";
        return 2;
    }
    try {
        bittrue::write_npz(argv[1], bittrue::example::wage_weights(bittrue::example::kWageSeed));
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
    return 0;
}
