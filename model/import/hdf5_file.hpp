// What the Keras reader needs of HDF5: attributes that are strings, and numeric arrays. Not for other files.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/float_model.hpp"

namespace bittrue::detail {

inline constexpr std::int64_t kMaxHdf5Elements = std::int64_t{1} << 28;  // of all arrays of one file: 2 GiB as doubles

// An open file; every failure is an InputError naming it. libhdf5 crashes, or never ends, on some damaged files, so a
// process of its own (a fork, which lives as long as the object) uses it and sends what it reads.
class Hdf5File {
public:
    explicit Hdf5File(const std::string& path);
    // A file that is in memory; `path` names it in messages.
    Hdf5File(std::string path, const std::string& bytes);
    Hdf5File(const Hdf5File&) = delete;
    Hdf5File& operator=(const Hdf5File&) = delete;
    ~Hdf5File();

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] bool has_group(const std::string& group) const;

    // A string attribute of a group ("/" is the root), of fixed or variable length; empty when there is none.
    [[nodiscard]] std::optional<std::string> text(const std::string& group, const std::string& attribute) const;
    // A list of strings, also when Keras split it into attribute0, attribute1, ... because it was long.
    [[nodiscard]] std::optional<std::vector<std::string>> texts(const std::string& group,
                                                                const std::string& attribute) const;

    // All numeric datasets below `group`, named relative to it, sorted by name. Dimensions are checked before
    // allocating.
    [[nodiscard]] std::vector<NamedReals> arrays(const std::string& group) const;

private:
    void start(const std::string* bytes);
    void stop();
    void ask(char question, const std::string& group, const std::string& attribute = "") const;
    template <class Receive>
    auto whole(const Receive& receive) const;  // what it receives, if the other process lives to send it
    void hear() const;                         // that there is an answer, or the exception that the other process met

    std::string path_;
    int socket_ = -1;
    int reader_ = -1;  // the other process
};

}  // namespace bittrue::detail
