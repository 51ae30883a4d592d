// Small arrays in HDF5 files, for the seeds of importers.
#pragma once

#include <vector>

#include <hdf5.h>

#include "fuzz/target.hpp"

namespace bittrue::fuzz {

// float32, every element 0.25; groups on the way are made.
inline void add_array(hid_t file, const char* name, const std::vector<hsize_t>& dims) {
    std::vector<double> values(1);
    for (const hsize_t dim : dims) values.resize(values.size() * dim, 0.25);
    const hid_t space = H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr);
    const hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    const hid_t set = H5Dcreate2(file, name, H5T_IEEE_F32LE, space, links, H5P_DEFAULT, H5P_DEFAULT);
    require(set >= 0 && H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0,
            "HDF5 writes a small array");
    H5Dclose(set);
    H5Pclose(links);
    H5Sclose(space);
}

}  // namespace bittrue::fuzz
