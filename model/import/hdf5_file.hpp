// What the Keras reader needs of HDF5: attributes that are strings, and numeric arrays. Not for other files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bittrue/model/float_model.hpp"

namespace bittrue::detail {

inline constexpr std::int64_t kMaxHdf5Elements = std::int64_t{1} << 28;  // of all arrays of one file: 2 GiB as doubles

// An open file. HDF5's own messages are silenced while it lives; every failure is an InputError naming the file.
// Not for several threads at once: the library has one global state.
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
    void open(const std::string& name, const std::string* bytes);
    [[nodiscard]] std::vector<std::string> attribute_strings(const std::string& group,
                                                             const std::string& attribute) const;
    [[nodiscard]] bool has_attribute(const std::string& group, const std::string& attribute) const;
    [[nodiscard]] RealTensor read_dataset(const std::string& name, std::int64_t& budget) const;

    std::string path_;
    std::int64_t file_ = -1;
    int (*old_handler_)(std::int64_t, void*) = nullptr;
    void* old_data_ = nullptr;
};

}  // namespace bittrue::detail
