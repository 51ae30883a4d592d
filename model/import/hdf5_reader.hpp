// Hdf5File's work, done in the process that asks: libhdf5 crashes on some damaged files, so only Hdf5File's own process
// uses it.
#pragma once

#include "import/hdf5_file.hpp"

namespace bittrue::detail {

// HDF5's own messages are silenced while it lives. Not for several threads at once: the library has one global state.
class Hdf5Reader {
public:
    explicit Hdf5Reader(const std::string& path);
    // A file that is in memory; `path` names it in messages.
    Hdf5Reader(std::string path, const std::string& bytes);
    Hdf5Reader(const Hdf5Reader&) = delete;
    Hdf5Reader& operator=(const Hdf5Reader&) = delete;
    ~Hdf5Reader();

    [[nodiscard]] bool has_group(const std::string& group) const;

    [[nodiscard]] std::optional<std::string> text(const std::string& group, const std::string& attribute) const;
    [[nodiscard]] std::optional<std::vector<std::string>> texts(const std::string& group,
                                                                const std::string& attribute) const;
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
