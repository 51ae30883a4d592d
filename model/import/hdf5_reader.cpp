#include "import/hdf5_reader.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <hdf5.h>

#include "bittrue/model/error.hpp"
#include "import/file_kind.hpp"

namespace bittrue::detail {

namespace {

static_assert(std::is_same_v<hid_t, std::int64_t> && std::is_same_v<herr_t, int>);

constexpr hssize_t kMaxStrings = 1 << 20;
constexpr std::size_t kMaxStringBytes = std::size_t{64} << 20;

// An HDF5 handle with the function that closes it.
class Handle {
public:
    Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() {
        if (id_ >= 0) close_(id_);
    }
    [[nodiscard]] hid_t get() const { return id_; }
    [[nodiscard]] bool ok() const { return id_ >= 0; }

private:
    hid_t id_;
    herr_t (*close_)(hid_t);
};

std::string without_padding(const char* text, std::size_t size) {
    std::string s(text, size);
    const std::size_t end = s.find('\0');
    if (end != std::string::npos) s.erase(end);
    return s;
}

struct Visit {
    std::vector<std::string> datasets{};
};

herr_t collect(hid_t, const char* name, const H5O_info_t* info, void* data) {
    auto& visit = *static_cast<Visit*>(data);
    if (info->type == H5O_TYPE_DATASET) visit.datasets.emplace_back(name);
    return visit.datasets.size() > 100000 ? -1 : 0;
}

}  // namespace

Hdf5Reader::Hdf5Reader(const std::string& path) : path_(path) {
    if (read_content(path).kind != FileKind::Hdf5)
        throw InputError(path, "is not an HDF5 file (its first bytes are not \\x89HDF)");
    open(path, nullptr);
}

Hdf5Reader::Hdf5Reader(std::string path, const std::string& bytes) : path_(std::move(path)) {
    open("memory", &bytes);
}

void Hdf5Reader::open(const std::string& name, const std::string* bytes) {
    H5Eget_auto2(H5E_DEFAULT, &old_handler_, &old_data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    H5Pset_file_locking(access.get(), false, true);  // reading needs no lock, and read-only file systems have none
    if (bytes != nullptr) {
        constexpr std::size_t kGrowth = std::size_t{1} << 16;
        H5Pset_fapl_core(access.get(), kGrowth, false);
        // The library copies the bytes.
        H5Pset_file_image(access.get(), const_cast<char*>(bytes->data()), bytes->size());
    }
    file_ = H5Fopen(name.c_str(), H5F_ACC_RDONLY, access.get());
    if (file_ < 0) {
        H5Eset_auto2(H5E_DEFAULT, old_handler_, old_data_);
        throw InputError(
            path_,
            bytes == nullptr
                ? "cannot be opened as an HDF5 file, it is truncated or damaged; copy or save it again"
                : "its weights (model.weights.h5) are no HDF5 file, or truncated or damaged; save the model again");
    }
}

Hdf5Reader::~Hdf5Reader() {
    H5Fclose(file_);
    H5Eset_auto2(H5E_DEFAULT, old_handler_, old_data_);
}

bool Hdf5Reader::has_group(const std::string& group) const {
    if (H5Lexists(file_, group.c_str(), H5P_DEFAULT) <= 0) return false;
    return Handle(H5Gopen2(file_, group.c_str(), H5P_DEFAULT), H5Gclose).ok();
}

bool Hdf5Reader::has_attribute(const std::string& group, const std::string& attribute) const {
    return H5Aexists_by_name(file_, group.c_str(), attribute.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> Hdf5Reader::attribute_strings(const std::string& group, const std::string& name) const {
    const auto fail = [&](const std::string& why) {
        return InputError(path_, fmt::format("the attribute '{}' of '{}' {}", name, group, why));
    };
    const Handle attribute(H5Aopen_by_name(file_, group.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    if (!attribute.ok()) throw fail("cannot be opened; the file is damaged");
    const Handle type(H5Aget_type(attribute.get()), H5Tclose);
    const Handle space(H5Aget_space(attribute.get()), H5Sclose);
    if (!type.ok() || !space.ok()) throw fail("is damaged");
    const hssize_t count = H5Sget_simple_extent_npoints(space.get());
    if (count == 0 || H5Sget_simple_extent_type(space.get()) == H5S_NULL) return {};
    if (count < 0 || count > kMaxStrings) throw fail("has an impossible number of elements");
    if (H5Tget_class(type.get()) != H5T_STRING) throw fail("is not text");
    const auto n = static_cast<std::size_t>(count);
    std::vector<std::string> result;
    if (H5Tis_variable_str(type.get()) > 0) {
        const Handle memory(H5Tcopy(H5T_C_S1), H5Tclose);
        H5Tset_size(memory.get(), H5T_VARIABLE);
        H5Tset_cset(memory.get(), H5Tget_cset(type.get()));
        std::vector<char*> texts(n, nullptr);
        if (H5Aread(attribute.get(), memory.get(), texts.data()) < 0) throw fail("cannot be read; the file is damaged");
        for (const char* t : texts) result.emplace_back(t != nullptr ? t : "");
        H5Dvlen_reclaim(memory.get(), space.get(), H5P_DEFAULT, texts.data());
        return result;
    }
    const std::size_t size = H5Tget_size(type.get());
    if (size == 0 || size > kMaxStringBytes || n > kMaxStringBytes / size) throw fail("is impossibly long");
    std::string bytes(n * size, '\0');
    if (H5Aread(attribute.get(), type.get(), bytes.data()) < 0) throw fail("cannot be read; the file is damaged");
    for (std::size_t i = 0; i < n; ++i) result.push_back(without_padding(bytes.data() + i * size, size));
    return result;
}

std::optional<std::string> Hdf5Reader::text(const std::string& group, const std::string& attribute) const {
    if (!has_attribute(group, attribute)) return std::nullopt;
    std::vector<std::string> all = attribute_strings(group, attribute);
    if (all.size() != 1)
        throw InputError(path_, fmt::format("the attribute '{}' of '{}' is not one text", attribute, group));
    return std::move(all[0]);
}

std::optional<std::vector<std::string>> Hdf5Reader::texts(const std::string& group,
                                                          const std::string& attribute) const {
    if (has_attribute(group, attribute)) {
        // An empty list is stored as an array of floats without elements.
        return attribute_strings(group, attribute);
    }
    if (!has_attribute(group, attribute + "0")) return std::nullopt;
    std::vector<std::string> all;
    for (int chunk = 0; has_attribute(group, fmt::format("{}{}", attribute, chunk)); ++chunk) {
        for (std::string& t : attribute_strings(group, fmt::format("{}{}", attribute, chunk)))
            all.push_back(std::move(t));
    }
    return all;
}

RealTensor Hdf5Reader::read_dataset(const std::string& name, std::int64_t& budget) const {
    const std::string where = fmt::format("{}: array '{}'", path_, name);
    const Handle data(H5Dopen2(file_, name.c_str(), H5P_DEFAULT), H5Dclose);
    if (!data.ok()) throw InputError(where, "cannot be opened; the file is damaged");
    const Handle space(H5Dget_space(data.get()), H5Sclose);
    const int axes = space.ok() ? H5Sget_simple_extent_ndims(space.get()) : -1;
    if (axes < 0 || axes > H5S_MAX_RANK || H5Sget_simple_extent_type(space.get()) == H5S_NULL)
        throw InputError(where, "has no shape");
    std::vector<hsize_t> extent(static_cast<std::size_t>(axes));
    if (axes > 0 && H5Sget_simple_extent_dims(space.get(), extent.data(), nullptr) < 0)
        throw InputError(where, "has a damaged shape");
    RealTensor tensor;
    std::int64_t count = 1;
    for (const hsize_t d : extent) {
        if (d > static_cast<hsize_t>(kMaxHdf5Elements) || static_cast<std::int64_t>(d) * count > budget) {
            throw InputError(where,
                             fmt::format("has the shape {}; the arrays of a weights file may have {} elements in all",
                                         fmt::join(extent, "x"), kMaxHdf5Elements));
        }
        count *= static_cast<std::int64_t>(d);
        tensor.dims.push_back(static_cast<std::int64_t>(d));
    }
    budget -= count;
    if (count == 0) return tensor;
    tensor.values.resize(static_cast<std::size_t>(count));
    if (H5Dread(data.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor.values.data()) < 0) {
        throw InputError(where, "cannot be read; the file is truncated or damaged");
    }
    return tensor;
}

std::vector<NamedReals> Hdf5Reader::arrays(const std::string& group) const {
    Visit visit;
    const Handle root(H5Gopen2(file_, group.c_str(), H5P_DEFAULT), H5Gclose);
    if (!root.ok() || H5Ovisit2(root.get(), H5_INDEX_NAME, H5_ITER_INC, collect, &visit, H5O_INFO_BASIC) < 0) {
        throw InputError(path_, fmt::format("its group '{}' cannot be listed; the file is damaged", group));
    }
    std::sort(visit.datasets.begin(), visit.datasets.end());
    std::vector<NamedReals> arrays;
    std::int64_t budget = kMaxHdf5Elements;
    for (const std::string& name : visit.datasets) {
        const std::string full = group == "/" ? "/" + name : group + "/" + name;
        const Handle data(H5Dopen2(file_, full.c_str(), H5P_DEFAULT), H5Dclose);
        const Handle type(data.ok() ? H5Dget_type(data.get()) : -1, H5Tclose);
        if (!type.ok())
            throw InputError(path_, fmt::format("its array '{}' cannot be opened; the file is damaged", name));
        const H5T_class_t kind = H5Tget_class(type.get());
        if (kind != H5T_FLOAT && kind != H5T_INTEGER) continue;
        arrays.push_back({.name = name, .tensor = read_dataset(full, budget)});
    }
    return arrays;
}

}  // namespace bittrue::detail
