#include "import/real_arrays.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/float_model.hpp"
#include "bittrue/model/npz.hpp"
#include "bittrue/model/onnx.hpp"
#include "import/file_kind.hpp"
#include "import/hdf5_file.hpp"
#include "import/keras_archive.hpp"
#include "import/keras_import.hpp"
#include "import/onnx/arrays.hpp"

namespace bittrue {

namespace detail {

FileKind kind_of(std::string_view head) {
    if (head.starts_with("\x89HDF")) return FileKind::Hdf5;
    if (head.starts_with("PK")) return FileKind::Npz;
    if (head.starts_with("\x93NUMPY")) return FileKind::Npy;
    if (head.starts_with("\x1f\x8b") || (head.size() >= 4 && head[0] == '\0' && head[1] == '\0')) return FileKind::Idx;
    return FileKind::Unknown;
}

FileContent read_content(const std::string& path) {
    if (kind_of(read_head(path, 8)) == FileKind::Hdf5) return {.kind = FileKind::Hdf5, .bytes = {}};
    FileContent content{.kind = FileKind::Unknown, .bytes = read_file(path)};
    content.kind = kind_of(content.bytes);
    if (content.kind == FileKind::Npz && (is_keras_archive(content.bytes) || path.ends_with(".keras")))
        content.kind = FileKind::KerasArchive;
    if (content.kind == FileKind::Unknown && (path.ends_with(".onnx") || onnx_import::looks_like_onnx(content.bytes)))
        content.kind = FileKind::Onnx;
    if (content.kind == FileKind::Hdf5)
        throw InputError(path, "is HDF5, which cannot be read from a pipe or device; save it to a file first");
    return content;
}

std::string plain_array_name(std::string name) {
    const std::size_t colon = name.rfind(':');
    if (colon != std::string::npos && colon + 1 < name.size() &&
        name.find_first_not_of("0123456789", colon + 1) == std::string::npos)
        name.erase(colon);
    std::string result;
    std::string last;
    std::size_t at = 0;
    while (at <= name.size()) {
        const std::size_t end = std::min(name.find('/', at), name.size());
        const std::string part = name.substr(at, end - at);
        if (!part.empty() && part != last) result += (result.empty() ? "" : "/") + part;
        last = part;
        at = end + 1;
    }
    return result;
}

RealTensor to_reals(const std::string& where, const NpyArray& array) {
    RealTensor tensor{.dims = array.dims, .values = {}};
    tensor.values.reserve(array.count());
    constexpr std::int64_t kExact = std::int64_t{1} << 53;
    for (std::size_t i = 0; i < array.count(); ++i) {
        const bool exact = array.is_real() || (array.integers[i] >= -kExact && array.integers[i] <= kExact &&
                                               (array.type != NpyType::UInt64 || array.integers[i] >= 0));
        if (!exact)
            throw InputError(
                where,
                fmt::format("holds an integer beyond 2^53 at flat index {}; give it as raw words (raw = true)", i));
        tensor.values.push_back(array.number(i));
    }
    return tensor;
}

void check_finite(const std::string& where, const RealTensor& tensor) {
    for (std::size_t i = 0; i < tensor.values.size(); ++i) {
        if (std::isfinite(tensor.values[i])) continue;
        throw InputError(
            where, fmt::format("holds {} at index {} (flat index {}); only finite numbers have a fixed-point word",
                               tensor.values[i], print_index(tensor.dims, i), i));
    }
}

std::string print_index(const Dims& dims, std::size_t flat) {
    std::string text;
    for (std::size_t a = dims.size(); a-- > 0;) {
        const auto d = static_cast<std::size_t>(dims[a]);
        text = fmt::format("{}{}{}", flat % d, text.empty() ? "" : ",", text);
        flat /= d;
    }
    return "[" + text + "]";
}

}  // namespace detail

bool same_array_name(const std::string& wanted, const std::string& stored) {
    return wanted == stored || detail::plain_array_name(wanted) == detail::plain_array_name(stored);
}

namespace {

std::vector<NamedReals> real_arrays(const detail::FileContent& content, const std::string& path) {
    std::vector<NamedReals> arrays;
    const auto where = [&](const std::string& name) { return fmt::format("{}: array '{}'", path, name); };
    switch (content.kind) {
        case detail::FileKind::Hdf5: {
            const detail::Hdf5File file(path);
            arrays = file.arrays(file.has_group("model_weights") ? "model_weights" : "/");
            break;
        }
        case detail::FileKind::KerasArchive: arrays = detail::archive_arrays(content.bytes, path); break;
        case detail::FileKind::Onnx: return onnx_import::arrays_of(onnx_import::parse_onnx(content.bytes, path));
        case detail::FileKind::Npz:
            for (const NamedArray& a : parse_npz(content.bytes, path))
                arrays.push_back({.name = a.name, .tensor = detail::to_reals(where(a.name), a.array)});
            break;
        case detail::FileKind::Npy:
            arrays.push_back({.name = std::filesystem::path(path).stem().string(),
                              .tensor = detail::to_reals(path, parse_npy(content.bytes, path))});
            break;
        case detail::FileKind::Idx:
        case detail::FileKind::Unknown: throw InputError(path, detail::kNoWeightsFile);
    }
    std::erase_if(arrays, [](const NamedReals& a) {
        return a.name.starts_with("optimizer_weights/") || a.name.starts_with("/optimizer_weights/");
    });
    for (const NamedReals& a : arrays) detail::check_finite(where(a.name), a.tensor);
    return arrays;
}

}  // namespace

std::vector<NamedReals> read_real_arrays(const std::string& path) {
    return real_arrays(detail::read_content(path), path);
}

FloatModel import_model(const std::string& path, const std::string& config) {
    const detail::FileContent content = detail::read_content(path);
    if (content.kind == detail::FileKind::Hdf5 || content.kind == detail::FileKind::KerasArchive)
        return detail::import_keras_content(content, path, config);
    if (content.kind == detail::FileKind::Onnx) return import_onnx(content.bytes, path);
    FloatModel model;
    model.file = path;
    model.name = std::filesystem::path(path).stem().string();
    model.arrays = real_arrays(content, path);
    return model;
}

}  // namespace bittrue
