#include "import/keras_archive.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <zip.h>

#include "bittrue/model/error.hpp"

namespace bittrue::detail {

namespace {

struct DiscardZip {
    void operator()(zip_t* z) const { zip_discard(z); }
};
struct CloseEntry {
    void operator()(zip_file_t* f) const { zip_fclose(f); }
};
using Zip = std::unique_ptr<zip_t, DiscardZip>;

constexpr const char* kConfig = "config.json";
constexpr const char* kMetadata = "metadata.json";
constexpr const char* kWeights = "model.weights.h5";

// Unpacked, against zip bombs.
constexpr std::uint64_t kMaxText = std::uint64_t{64} << 20;
constexpr std::uint64_t kMaxWeights = std::uint64_t{1} << 30;
constexpr std::size_t kChunk = std::size_t{1} << 20;

// `bytes` must outlive the archive. Empty when they are no archive.
Zip open(std::string_view bytes) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    Zip zip(source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error));
    if (!zip && source != nullptr) zip_source_free(source);
    zip_error_fini(&error);
    return zip;
}

std::optional<std::string> read_entry(zip_t& zip, const char* name, std::uint64_t most, const std::string& where) {
    const zip_int64_t index = zip_name_locate(&zip, name, 0);
    if (index < 0) return std::nullopt;
    const auto fail = [&](const std::string& why) {
        return InputError(fmt::format("{}: entry '{}'", where, name), why);
    };
    zip_stat_t info;
    zip_stat_init(&info);
    if (zip_stat_index(&zip, static_cast<zip_uint64_t>(index), 0, &info) != 0 || (info.valid & ZIP_STAT_SIZE) == 0)
        throw fail("is damaged");
    if (info.size > most) throw fail(fmt::format("declares {} bytes; at most {} are read", info.size, most));
    const std::unique_ptr<zip_file_t, CloseEntry> file(zip_fopen_index(&zip, static_cast<zip_uint64_t>(index), 0));
    if (!file) throw fail(fmt::format("cannot be unpacked: {}", zip_error_strerror(zip_get_error(&zip))));
    // Grows with what really comes out, so that a false declaration costs nothing.
    std::string text;
    for (;;) {
        const std::size_t had = text.size();
        text.resize(had + static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, info.size - had + 1)));
        const zip_int64_t got = zip_fread(file.get(), text.data() + had, text.size() - had);
        if (got < 0)
            throw fail(fmt::format("cannot be unpacked, the file is damaged: {}",
                                   zip_error_strerror(zip_file_get_error(file.get()))));
        text.resize(had + static_cast<std::size_t>(got));
        if (text.size() > info.size) throw fail("unpacks to more bytes than it declares; the file is damaged");
        if (got == 0) break;
    }
    if (text.size() != info.size) throw fail("unpacks to fewer bytes than it declares; the file is damaged");
    return text;
}

std::string version_of(const std::string& metadata) {
    const nlohmann::json root = nlohmann::json::parse(metadata, nullptr, false);
    if (!root.is_object()) return "";
    const auto version = root.find("keras_version");
    return version == root.end() || !version->is_string() ? "" : version->get<std::string>();
}

}  // namespace

bool is_keras_archive(std::string_view bytes) {
    if (!bytes.starts_with("PK")) return false;
    const Zip zip = open(bytes);
    return zip && (zip_name_locate(zip.get(), kConfig, 0) >= 0 || zip_name_locate(zip.get(), kWeights, 0) >= 0);
}

KerasArchive read_keras_archive(std::string_view bytes, const std::string& where) {
    const Zip zip = open(bytes);
    if (!zip) throw InputError(where, "cannot be opened as a .keras file (a zip archive); it is truncated or damaged");
    const auto need = [&](const char* name, std::uint64_t most) {
        std::optional<std::string> text = read_entry(*zip, name, most, where);
        if (!text)
            throw InputError(where, fmt::format("is a zip archive without {}, which every .keras file has; save the "
                                                "model again with Keras 3 (model.save(\"name.keras\"))",
                                                name));
        return std::move(*text);
    };
    KerasArchive archive;
    archive.config = need(kConfig, kMaxText);
    archive.version = version_of(read_entry(*zip, kMetadata, kMaxText, where).value_or(""));
    archive.weights = need(kWeights, kMaxWeights);
    return archive;
}

}  // namespace bittrue::detail
