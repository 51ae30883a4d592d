#include "bittrue/model/npz.hpp"

#include <algorithm>
#include <memory>
#include <set>

#include <fmt/format.h>
#include <zip.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"

namespace bittrue {

namespace {

struct DiscardZip {
    void operator()(zip_t* z) const { zip_discard(z); }
};
struct CloseEntry {
    void operator()(zip_file_t* f) const { zip_fclose(f); }
};
using Zip = std::unique_ptr<zip_t, DiscardZip>;
using Entry = std::unique_ptr<zip_file_t, CloseEntry>;

constexpr std::size_t kHeaderBytes = std::size_t{128} << 10;
constexpr std::size_t kChunk = std::size_t{1} << 20;
constexpr std::string_view kSuffix = ".npy";

std::string message(zip_error_t& error) {
    std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    return text;
}

struct EntryInfo {
    zip_uint64_t index = 0;
    std::string name{};
    std::uint64_t bytes = 0;  // declared, unpacked
};

class Archive {
public:
    // `bytes` must outlive the archive.
    Archive(std::string_view bytes, const std::string& path, const NpzLimits& limits) : path_(path) {
        if (bytes.substr(0, 2) != "PK") throw InputError(path, "is not an .npz file (a zip archive of .npy arrays)");
        zip_error_t error;
        zip_error_init(&error);
        zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
        if (source == nullptr) throw InputError(path, "cannot be opened as a zip archive: " + message(error));
        zip_.reset(zip_open_from_source(source, ZIP_RDONLY, &error));
        if (!zip_) {
            zip_source_free(source);
            throw InputError(path, "cannot be opened as a zip archive, it is truncated or damaged: " + message(error));
        }
        list(limits);
    }

    [[nodiscard]] const std::vector<EntryInfo>& entries() const { return entries_; }

    [[nodiscard]] NpyArray read(const EntryInfo& entry, std::uint64_t& budget) const {
        const std::string where = fmt::format("{}: array '{}'", path_, entry.name);
        Entry file(zip_fopen_index(zip_.get(), entry.index, 0));
        if (!file)
            throw InputError(where,
                             fmt::format("cannot be unpacked: {}", zip_error_strerror(zip_get_error(zip_.get()))));
        std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(kHeaderBytes, entry.bytes)), '\0');
        bytes.resize(fill(*file, bytes.data(), bytes.size(), where));
        const NpyHeader header = parse_npy_header(bytes, where);
        if (header.header_bytes + header.data_bytes() != entry.bytes) {
            throw InputError(where, fmt::format("declares {} bytes but its shape {} of {} needs {}", entry.bytes,
                                                print_dims(header.dims), print_npy_type(header.type),
                                                header.header_bytes + header.data_bytes()));
        }
        const auto elements = static_cast<std::uint64_t>(header.elements);
        if (elements > budget)
            throw InputError(where,
                             "the arrays of the file have more elements than are allowed in all; split the file");
        budget -= elements;
        // Grows with what really comes out, so that a false declaration costs nothing.
        while (bytes.size() < entry.bytes) {
            const std::size_t had = bytes.size();
            const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, entry.bytes - had));
            bytes.resize(had + want);
            const std::size_t got = fill(*file, bytes.data() + had, want, where);
            bytes.resize(had + got);
            if (got == 0) break;
        }
        char more = 0;
        if (fill(*file, &more, 1, where) != 0)
            throw InputError(where, "unpacks to more bytes than it declares; the file is damaged");
        return parse_npy(bytes, where);
    }

private:
    void list(const NpzLimits& limits) {
        const zip_int64_t count = zip_get_num_entries(zip_.get(), 0);
        if (count < 0 || static_cast<std::uint64_t>(count) > limits.entries) {
            throw InputError(path_, fmt::format("has {} entries; at most {} are read", count, limits.entries));
        }
        std::set<std::string> names;
        for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
            zip_stat_t info;
            zip_stat_init(&info);
            if (zip_stat_index(zip_.get(), i, 0, &info) != 0 || info.name == nullptr ||
                (info.valid & ZIP_STAT_SIZE) == 0) {
                throw InputError(path_, fmt::format("its entry {} is damaged", i));
            }
            std::string name = info.name;
            if (!name.ends_with(kSuffix) || name.size() == kSuffix.size()) {
                throw InputError(path_, fmt::format("its entry '{}' is not an array (NAME.npy)", name));
            }
            if (info.encryption_method != ZIP_EM_NONE)
                throw InputError(path_, fmt::format("its entry '{}' is encrypted", name));
            if (info.comp_method != ZIP_CM_STORE && info.comp_method != ZIP_CM_DEFLATE) {
                throw InputError(
                    path_,
                    fmt::format("its entry '{}' has compression method {}; stored and deflated entries are supported",
                                name, info.comp_method));
            }
            name.erase(name.size() - kSuffix.size());
            if (!names.insert(name).second) throw InputError(path_, fmt::format("has two arrays named '{}'", name));
            entries_.push_back({.index = i, .name = std::move(name), .bytes = info.size});
        }
    }

    // Reads until `size` bytes or the end; the checksum is verified when the end is met.
    static std::size_t fill(zip_file_t& file, char* to, std::size_t size, const std::string& where) {
        std::size_t done = 0;
        while (done < size) {
            const zip_int64_t got = zip_fread(&file, to + done, size - done);
            if (got < 0)
                throw InputError(where, fmt::format("cannot be unpacked, the file is damaged: {}",
                                                    zip_error_strerror(zip_file_get_error(&file))));
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

    std::string path_;
    Zip zip_{};
    std::vector<EntryInfo> entries_{};
};

[[noreturn]] void write_failed(const char* text) {
    throw InputError(fmt::format("an .npz archive cannot be made: {}", text));
}

void add_entry(zip_t& zip, const std::string& name, const std::string& bytes) {
    zip_source_t* source = zip_source_buffer(&zip, bytes.data(), bytes.size(), 0);
    if (source == nullptr) write_failed(zip_strerror(&zip));
    const zip_int64_t index = zip_file_add(&zip, (name + std::string(kSuffix)).c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        write_failed(zip_strerror(&zip));
    }
    const auto i = static_cast<zip_uint64_t>(index);
    constexpr zip_uint16_t kFirstOfJanuary1980 = (0U << 9U) | (1U << 5U) | 1U;
    constexpr zip_uint32_t kLevel = 4;
    if (zip_file_set_dostime(&zip, i, 0, kFirstOfJanuary1980, 0) != 0 ||
        zip_set_file_compression(&zip, i, ZIP_CM_DEFLATE, kLevel) != 0) {
        write_failed(zip_strerror(&zip));
    }
}

}  // namespace

std::vector<NamedArray> parse_npz(std::string_view bytes, const std::string& where, const NpzLimits& limits) {
    const Archive archive(bytes, where, limits);
    std::uint64_t budget = limits.total_elements;
    std::vector<NamedArray> arrays;
    for (const EntryInfo& entry : archive.entries())
        arrays.push_back({.name = entry.name, .array = archive.read(entry, budget)});
    return arrays;
}

NpyArray parse_npz_array(std::string_view bytes, const std::string& where, const std::string& name) {
    const Archive archive(bytes, where, {});
    std::string names;
    for (const EntryInfo& entry : archive.entries()) {
        std::uint64_t budget = NpzLimits{}.total_elements;
        if (entry.name == name) return archive.read(entry, budget);
        names += (names.empty() ? "'" : ", '") + entry.name + "'";
    }
    throw InputError(where, fmt::format("has no array '{}'; it has {}", name, names.empty() ? "none at all" : names));
}

std::vector<std::string> parse_npz_names(std::string_view bytes, const std::string& where) {
    const Archive archive(bytes, where, {});
    std::vector<std::string> names;
    for (const EntryInfo& entry : archive.entries()) names.push_back(entry.name);
    return names;
}

std::vector<NamedArray> read_npz(const std::string& path, const NpzLimits& limits) {
    return parse_npz(read_file(path), path, limits);
}
NpyArray read_npz_array(const std::string& path, const std::string& name) {
    return parse_npz_array(read_file(path), path, name);
}
std::vector<std::string> npz_names(const std::string& path) {
    return parse_npz_names(read_file(path), path);
}

std::string npz_bytes(const std::vector<NamedArray>& arrays) {
    if (arrays.empty()) return std::string("PK\x05\x06", 4) + std::string(18, '\0');  // libzip writes no empty archive
    std::set<std::string> names;
    for (const NamedArray& a : arrays) {
        if (a.name.empty() || !names.insert(a.name).second)
            write_failed(fmt::format("the name '{}' is empty or doubled", a.name).c_str());
    }
    std::vector<std::string> contents;
    contents.reserve(arrays.size());
    for (const NamedArray& a : arrays) contents.push_back(npy_bytes(a.array));

    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
    if (target == nullptr) write_failed(message(error).c_str());
    zip_source_keep(target);
    const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> kept(target, zip_source_free);
    Zip zip(zip_open_from_source(target, ZIP_TRUNCATE, &error));
    if (!zip) {
        zip_source_free(target);
        write_failed(message(error).c_str());
    }
    for (std::size_t i = 0; i < arrays.size(); ++i) add_entry(*zip, arrays[i].name, contents[i]);
    if (zip_close(zip.get()) != 0) write_failed(zip_strerror(zip.get()));
    static_cast<void>(zip.release());

    zip_stat_t info;
    zip_stat_init(&info);
    if (zip_source_stat(target, &info) != 0 || zip_source_open(target) != 0)
        write_failed("the archive cannot be read back");
    std::string bytes(static_cast<std::size_t>(info.size), '\0');
    const zip_int64_t got = zip_source_read(target, bytes.data(), bytes.size());
    zip_source_close(target);
    if (got != static_cast<zip_int64_t>(bytes.size())) write_failed("the archive cannot be read back");
    return bytes;
}

void write_npz(const std::string& path, const std::vector<NamedArray>& arrays) {
    write_file(path, npz_bytes(arrays));
}

}  // namespace bittrue
