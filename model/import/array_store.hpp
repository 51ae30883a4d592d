// The arrays of a network's weights files, found by name.
#pragma once

#include <string>
#include <vector>

#include "bittrue/model/float_model.hpp"
#include "bittrue/model/npz.hpp"
#include "import/file_kind.hpp"

namespace bittrue::detail {

class ArrayStore {
public:
    // .keras, .h5, .npz or .npy; a .npy is named by its file name without the extension.
    // Returns which of them it was.
    FileKind add_file(const std::string& path);

    struct Found {
        std::string where{};  // "weights.npz: array 'conv/kernel'"
        const NpyArray* array = nullptr;
    };
    // By equal name, else by same_array_name; InputError when there is none or more than one.
    [[nodiscard]] Found find(const std::string& name) const;

private:
    void add_reals(const std::string& path, std::vector<NamedReals> arrays);

    struct Stored {
        std::string file{};
        NamedArray named{};
    };
    std::vector<Stored> arrays_{};
};

}  // namespace bittrue::detail
