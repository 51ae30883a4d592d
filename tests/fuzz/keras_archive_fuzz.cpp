// import_model: damaged .keras archives. A damaged entry does not pass its checksum, so that the HDF5 library is left
// alone.
#include <hdf5.h>
#include <zip.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/float_model.hpp"
#include "fuzz/hdf5_array.hpp"
#include "fuzz/scratch.hpp"
#include "fuzz/target.hpp"

namespace bittrue::fuzz {

namespace {

std::string weights(const Scratch& scratch) {
    const std::string path = scratch.file("w.h5");
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    require(file >= 0, "HDF5 makes a file");
    add_array(file, "/layers/dense/vars/0", {3, 2});
    add_array(file, "/layers/dense/vars/1", {2});
    require(H5Fclose(file) >= 0, "HDF5 closes a file");
    return read_file(path);
}

std::string archive(const Scratch& scratch, int compression) {
    const std::string config =
        R"({"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "Dense", "config": )"
        R"({"name": "d", "units": 2}}], "build_input_shape": [null, 3]}})";
    const std::string metadata = R"({"keras_version": "3.1.1"})";
    const std::string arrays = weights(scratch);
    const std::string path = scratch.file("seed.keras");
    int error = 0;
    zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
    require(zip != nullptr, "libzip makes an archive");
    const auto add = [&](const char* name, const std::string& bytes) {
        zip_source_t* source = zip_source_buffer(zip, bytes.data(), bytes.size(), 0);
        const zip_int64_t index = zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8);
        require(index >= 0 && zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), compression, 6) == 0,
                "libzip takes an entry");
    };
    add("metadata.json", metadata);
    add("config.json", config);
    add("model.weights.h5", arrays);
    require(zip_close(zip) == 0, "libzip writes an archive");
    return read_file(path);
}

}  // namespace

std::vector<std::string> seeds() {
    const Scratch scratch;
    return {archive(scratch, ZIP_CM_STORE), archive(scratch, ZIP_CM_DEFLATE)};
}

std::vector<std::string> dictionary() {
    return {"PK\x03\x04",    "PK\x01\x02",       "PK\x05\x06", "\xff\xff\xff\xff", "\xff\xff", "config.json",
            "metadata.json", "model.weights.h5", ".npy"};
}

}  // namespace bittrue::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace bittrue;
    using namespace bittrue::fuzz;
    static const Scratch scratch;
    const std::string path = scratch.write("input.keras", text_of(data, size));
    FloatModel model;
    if (!takes([&] { model = import_model(path); })) return 0;
    for (const FloatLayer& layer : model.layers) require(layer.shape.count() >= 1, "a result has elements");
    must_take("the arrays of an imported model can be read alone",
              [&] { require(read_real_arrays(path).size() == model.arrays.size(), "there are as many arrays"); });
    return 0;
}
