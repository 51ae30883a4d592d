// The one exception for unusable input of the user: says where, what is wrong, and what would be right.
#pragma once

#include <stdexcept>
#include <string>

namespace bittrue {

// `where` is a file, a file with line or key, or a layer ("net.toml:12", "layer 'dense'"); may be empty.
// what() is "<where>: <message>" as one sentence; the CLI prints it and exits with status 2.
class InputError : public std::runtime_error {
public:
    InputError(const std::string& where, const std::string& message)
        : std::runtime_error(where.empty() ? message : where + ": " + message) {}
    explicit InputError(const std::string& message) : std::runtime_error(message) {}
};

// Thrown by long work after RunOptions::cancel became true.
class Interrupted : public std::runtime_error {
public:
    Interrupted() : std::runtime_error("interrupted") {}
};

}  // namespace bittrue
