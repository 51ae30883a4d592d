#include "model/hdf5_writer.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <hdf5.h>

namespace bittrue::test {

namespace {

std::vector<hsize_t> extents(const std::vector<std::uint64_t>& dims) {
    return {dims.begin(), dims.end()};
}

hid_t space_of(const std::vector<std::uint64_t>& dims) {
    const std::vector<hsize_t> e = extents(dims);
    return e.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(static_cast<int>(e.size()), e.data(), nullptr);
}

hid_t making_groups() {
    const hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    return links;
}

void write_strings(hid_t file, const std::string& group, const std::string& name,
                   const std::vector<std::string>& values, hid_t space, bool variable) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    std::size_t longest = 1;
    for (const std::string& v : values) longest = std::max(longest, v.size());
    H5Tset_size(type, variable ? H5T_VARIABLE : longest);
    if (variable)
        H5Tset_cset(type, H5T_CSET_UTF8);
    else
        H5Tset_strpad(type, H5T_STR_NULLPAD);
    const hid_t attribute =
        H5Acreate_by_name(file, group.c_str(), name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    REQUIRE(attribute >= 0);
    if (variable) {
        std::vector<const char*> texts;
        for (const std::string& v : values) texts.push_back(v.c_str());
        REQUIRE(H5Awrite(attribute, type, texts.data()) >= 0);
    } else {
        std::string bytes;
        for (const std::string& v : values) bytes += v + std::string(longest - v.size(), '\0');
        REQUIRE(H5Awrite(attribute, type, bytes.data()) >= 0);
    }
    H5Aclose(attribute);
    H5Tclose(type);
    H5Sclose(space);
}

}  // namespace

Hdf5Writer::Hdf5Writer(const std::string& path)
    : file_(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {
    REQUIRE(file_ >= 0);
}
Hdf5Writer::~Hdf5Writer() {
    H5Fclose(file_);
}

void Hdf5Writer::group(const std::string& name) {
    const hid_t links = making_groups();
    const hid_t g = H5Gcreate2(file_, name.c_str(), links, H5P_DEFAULT, H5P_DEFAULT);
    REQUIRE(g >= 0);
    H5Gclose(g);
    H5Pclose(links);
}

void Hdf5Writer::text(const std::string& group, const std::string& name, const std::string& value, bool variable) {
    write_strings(file_, group, name, {value}, H5Screate(H5S_SCALAR), variable);
}

void Hdf5Writer::texts(const std::string& group, const std::string& name, const std::vector<std::string>& values,
                       bool variable) {
    if (values.empty()) {  // as h5py stores an empty list
        const hsize_t none = 0;
        const hid_t space = H5Screate_simple(1, &none, nullptr);
        const hid_t attribute = H5Acreate_by_name(file_, group.c_str(), name.c_str(), H5T_NATIVE_DOUBLE, space,
                                                  H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        REQUIRE(attribute >= 0);
        H5Aclose(attribute);
        H5Sclose(space);
        return;
    }
    write_strings(file_, group, name, values, space_of({values.size()}), variable);
}

void Hdf5Writer::number(const std::string& group, const std::string& name, double value) {
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate_by_name(file_, group.c_str(), name.c_str(), H5T_NATIVE_DOUBLE, space, H5P_DEFAULT,
                                              H5P_DEFAULT, H5P_DEFAULT);
    REQUIRE(H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value) >= 0);
    H5Aclose(attribute);
    H5Sclose(space);
}

void Hdf5Writer::array(const std::string& name, const std::vector<std::uint64_t>& dims,
                       const std::vector<double>& values) {
    const hid_t space = space_of(dims);
    const hid_t links = making_groups();
    const hid_t data = H5Dcreate2(file_, name.c_str(), H5T_IEEE_F32LE, space, links, H5P_DEFAULT, H5P_DEFAULT);
    REQUIRE(data >= 0);
    REQUIRE(H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    H5Dclose(data);
    H5Pclose(links);
    H5Sclose(space);
}

void Hdf5Writer::unwritten(const std::string& name, const std::vector<std::uint64_t>& dims) {
    const hid_t space = space_of(dims);
    const hid_t links = making_groups();
    const hid_t create = H5Pcreate(H5P_DATASET_CREATE);
    std::vector<hsize_t> chunk(dims.size(), 1);
    H5Pset_chunk(create, static_cast<int>(chunk.size()), chunk.data());
    const hid_t data = H5Dcreate2(file_, name.c_str(), H5T_IEEE_F32LE, space, links, create, H5P_DEFAULT);
    REQUIRE(data >= 0);
    H5Dclose(data);
    H5Pclose(create);
    H5Pclose(links);
    H5Sclose(space);
}

void write_keras(const std::string& path, const std::string& config, const std::vector<KerasWeights>& weights,
                 const KerasStyle& style) {
    Hdf5Writer file(path);
    const std::string root = style.whole ? "/model_weights" : "/";
    const std::string prefix = style.whole ? root + "/" : "/";
    if (style.whole) file.group(root);
    if (style.whole) file.text("/", "model_config", config, style.variable);
    file.text("/", "keras_version", style.version, style.variable);
    std::vector<std::string> layers;
    for (const KerasWeights& w : weights) {
        layers.push_back(w.layer);
        file.group(prefix + w.layer);
        std::vector<std::string> names;
        for (const KerasArray& a : w.arrays) {
            names.push_back(a.name);
            file.array(prefix + w.layer + "/" + a.name, a.dims, a.values);
        }
        file.texts(prefix + w.layer, "weight_names", names, style.variable);
    }
    if (!style.chunked) return file.texts(root, "layer_names", layers, style.variable);
    for (std::size_t i = 0; i < layers.size(); ++i)
        file.texts(root, "layer_names" + std::to_string(i), {layers[i]}, style.variable);
}

}  // namespace bittrue::test
