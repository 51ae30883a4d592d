#include <filesystem>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/checksum.hpp"
#include "bittrue/model/error.hpp"
#include "bittrue/model/npz.hpp"
#include "bittrue/vectors/vector_files.hpp"
#include "codecs.hpp"
#include "manifest.hpp"
#include "npy_words.hpp"
#include "set_items.hpp"
#include "set_target.hpp"
#include "staged_directory.hpp"

namespace bittrue {
namespace {

namespace fs = std::filesystem;

// The folder that is being filled, under the name that messages give it.
class Output {
public:
    Output(const std::string& where, const fs::path& staged, const std::atomic<bool>* cancel)
        : where_(where), staged_(staged), cancel_(cancel) {}

    void check_cancel() const {
        if (cancel_ != nullptr && cancel_->load(std::memory_order_relaxed)) throw Interrupted();
    }

    // The entry of the manifest, for a file whose bytes `produce` puts into a sink.
    template <class Produce>
    Json write(const std::string& file, Produce&& produce) const {
        check_cancel();
        const std::string path = (staged_ / file).string();
        Sha256 hash;
        try {
            AtomicFile out(path);
            produce([&](std::string_view bytes) {
                check_cancel();
                hash.add(bytes);
                out.write(bytes);
            });
            out.commit();
        } catch (const InputError& error) {
            std::string reason = error.what();
            if (reason.rfind(path + ": ", 0) == 0) reason.erase(0, path.size() + 2);
            if (reason.find("; ") == std::string::npos) reason += "; choose another folder";
            throw InputError((fs::path(where_) / file).string(), reason);
        }
        return Json{{"file", file}, {"sha256", hash.hex()}};
    }
    Json write_bytes(const std::string& file, std::string_view bytes) const {
        return write(file, [&](const ByteSink& sink) { sink(bytes); });
    }

    void make_folders(const std::string& file) const {
        const fs::path folder = (staged_ / file).parent_path();
        if (folder != staged_) fs::create_directories(folder);
    }
    void make_executable(const std::string& file) const {
        const fs::perms read = fs::status(staged_ / file).permissions();
        // Whoever may read it may run it.
        auto run = fs::perms::owner_exec;
        if ((read & fs::perms::group_read) != fs::perms::none) run |= fs::perms::group_exec;
        if ((read & fs::perms::others_read) != fs::perms::none) run |= fs::perms::others_exec;
        fs::permissions(staged_ / file, run, fs::perm_options::add);
    }

private:
    const std::string& where_;
    const fs::path& staged_;
    const std::atomic<bool>* cancel_;
};

void put_packing(Json& file, const WordFileContext& context) {
    const PackingPlan plan = plan_packing(context.packing, context.shape, context.name);
    file["packing"] = print_packing(context.packing);
    file["word_bits"] = plan.total_bits;
    file["packed_words"] = plan.images * plan.words;
}

// One file with an array for each item.
Json write_npz(const Output& output, const std::string& file, const std::vector<SetItem>& items) {
    std::vector<NamedArray> arrays;
    for (const SetItem& item : items) {
        output.check_cancel();
        const WordFileContext context = item.context_of(FileKind::Npz);
        arrays.push_back({.name = context.name, .array = npy_array(WordSource(item.words, context))});
    }
    return output.write_bytes(file, npz_bytes(arrays));
}

Json write_items(const Output& output, const std::vector<SetItem>& items, const std::string& npz,
                 const std::vector<FileKind>& kinds, SetPaths& paths) {
    Json list = Json::array();
    if (items.empty()) return list;
    Json npz_entry;
    for (const SetItem& item : items) {
        output.make_folders(item.stem);
        Json entry = item.entry;
        for (const FileKind kind : kinds) {
            const WordFileContext context = item.context_of(kind);
            Json& file = entry[file_kind_name(kind)];
            if (kind == FileKind::Npz) {
                if (npz_entry.is_null()) npz_entry = write_npz(output, paths.take(npz, ".npz"), items);
                file = npz_entry;
                file["array"] = context.name;
            } else {
                const WordSource source(item.words, context);
                file = output.write(paths.take(item.stem, file_kind_extension(kind)),
                                    [&](const ByteSink& sink) { encode_to(kind, source, sink); });
            }
            put_packing(file, context);
        }
        list.push_back(std::move(entry));
    }
    return list;
}

Json write_extra(const Output& output, const std::string& where, const std::vector<SetFile>& files, SetPaths& paths) {
    Json list = Json::array();
    for (const SetFile& file : files) {
        if (!paths.claim(file.path)) throw InputError(where, "two files of the set would be '" + file.path + "'");
        output.make_folders(file.path);
        list.push_back(output.write_bytes(file.path, file.bytes));
        if (file.executable) output.make_executable(file.path);
    }
    return list;
}

}  // namespace

void write_vector_set(const std::string& directory, const VectorSet& set, const VectorOptions& options,
                      const std::atomic<bool>* cancel) {
    const SetItems items = items_of(directory, set, options);
    StagedDirectory staged(directory);
    check_replaceable(directory, staged.target());
    const Output output(directory, staged.path(), cancel);
    Json manifest{
        {"format", kManifestFormat},
        {"format_version", kManifestVersion},
        {"tool", set.tool.empty() ? std::string("bittrue ") + BITTRUE_VERSION : set.tool},
        {"network",
         {{"name", set.network},
          {"sha256", set.network_sha256.empty() ? Json() : Json(set.network_sha256)},
          {"file", set.network_file.empty() ? Json() : Json(set.network_file)}}},
        {"input", set.input},
        {"images", set.images()},
        {"labels", set.labels.empty() ? Json() : Json(set.labels)},
        {"bit_order",
         "a word is the two's complement (signed) or binary (unsigned) pattern of width bits; bit 0 is the least "
         "significant bit and the rightmost bit of a hexadecimal word"},
        {"word_order",
         "C order of shape: the last axis is fastest; a file with a packing holds packed words of word_bits bits in "
         "the "
         "order that the packing says, every image beginning a new word"},
        {"value", "value = integer * 2^-frac"},
    };
    SetPaths paths;
    (void)paths.claim(kManifestName);
    try {
        manifest["layers"] = write_items(output, items.layers, "layers", options.kinds, paths);
        manifest["parameters"] = write_items(output, items.parameters, "parameters", options.kinds, paths);
        manifest["extra"] = write_extra(output, directory, options.extra, paths);
    } catch (const fs::filesystem_error& error) {
        throw InputError(directory, "cannot be written: " + error.code().message() + "; choose another folder");
    }
    (void)output.write_bytes(kManifestName, manifest_text(manifest));
    output.check_cancel();
    staged.commit();
}

}  // namespace bittrue
