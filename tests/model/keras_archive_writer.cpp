#include "model/keras_archive_writer.hpp"

#include <catch2/catch.hpp>
#include <zip.h>

#include "model/files.hpp"

namespace bittrue::test {

void write_zip(const std::string& path, const std::vector<std::pair<std::string, std::string>>& entries, bool deflate) {
    int error = 0;
    zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &error);
    REQUIRE(zip != nullptr);
    for (const auto& [name, bytes] : entries) {
        zip_source_t* source = zip_source_buffer(zip, bytes.data(), bytes.size(), 0);
        const zip_int64_t index = zip_file_add(zip, name.c_str(), source, ZIP_FL_ENC_UTF_8);
        REQUIRE(index >= 0);
        REQUIRE(zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE,
                                         9) == 0);
    }
    REQUIRE(zip_close(zip) == 0);
}

std::string hdf5_bytes(const std::vector<KerasArray>& arrays) {
    const TemporaryFolder folder;
    {
        Hdf5Writer file(folder.file("w.h5"));
        for (const KerasArray& a : arrays) file.array("/" + a.name, a.dims, a.values);
    }
    return read_file(folder.file("w.h5"));
}

void write_keras_archive(const std::string& path, const std::string& config, const std::vector<KerasArray>& arrays,
                         const std::string& version) {
    write_zip(path, {{"metadata.json", R"({"keras_version": ")" + version + R"(", "date_saved": "2026-01-01"})"},
                     {"config.json", config},
                     {"model.weights.h5", hdf5_bytes(arrays)}});
}

}  // namespace bittrue::test
