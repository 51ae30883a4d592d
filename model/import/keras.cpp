#include "bittrue/model/keras.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "bittrue/model/atomic_file.hpp"
#include "bittrue/model/error.hpp"
#include "import/keras_archive.hpp"
#include "import/keras_builder.hpp"
#include "import/keras_import.hpp"
#include "import/keras_weights.hpp"
#include "import/real_arrays.hpp"

namespace bittrue {

namespace {

constexpr std::uint64_t kMaxConfigBytes = std::uint64_t{64} << 20;

// Where a model's configuration comes from.
struct Configuration {
    std::optional<std::string> text{};
    std::string where{};
    std::string version{};  // of the Keras that wrote the weights, where the file says so
};

std::string find_config(const std::string& path) {
    namespace fs = std::filesystem;
    const fs::path file(path);
    std::vector<std::string> stems{file.stem().string()};
    for (const std::string_view suffix : {"_weights", ".weights"}) {
        if (stems[0].ends_with(suffix)) stems.push_back(stems[0].substr(0, stems[0].size() - suffix.size()));
    }
    for (const std::string& stem : stems) {
        const fs::path candidate = file.parent_path() / (stem + ".json");
        std::error_code ignored;
        if (fs::is_regular_file(candidate, ignored)) return candidate.string();
    }
    return "";
}

FloatModel import_file(const detail::Hdf5File& file, Configuration configuration, const std::string& path) {
    FloatModel model;
    model.file = path;
    model.name = std::filesystem::path(path).stem().string();
    model.arrays = detail::keras_arrays(file);
    for (const NamedReals& a : model.arrays)
        detail::check_finite(fmt::format("{}: array '{}'", path, a.name), a.tensor);
    std::string version = std::move(configuration.version);
    if (version.starts_with("1."))
        throw InputError(path, "was saved by Keras " + version + "; load it with Keras 2 and save it again");
    std::optional<detail::KerasConfig> parsed;
    if (configuration.text) {
        parsed = detail::parse_keras_config(*configuration.text, configuration.where);
        if (version.empty()) version = parsed->version;
        model.name = parsed->name;
    }
    model.framework = "Keras " + (version.empty() ? "of unknown version" : version);
    if (!parsed) return model;
    const auto find_arrays = [&](const detail::KerasLayer& layer) {
        return detail::arrays_of_layer(layer, file, model.arrays);
    };
    detail::build_keras_layers(model, *parsed, find_arrays, version);
    return model;
}

// The configuration that was asked for, or one beside the file.
void use_config_file(Configuration& configuration, const std::string& config) {
    if (config.empty()) return;
    configuration.text = read_file(config, kMaxConfigBytes);
    configuration.where = config;
}

}  // namespace

FloatModel detail::import_keras_content(const FileContent& content, const std::string& path,
                                        const std::string& config) {
    Configuration configuration;
    configuration.where = path;
    if (content.kind == FileKind::KerasArchive) {
        KerasArchive archive = read_keras_archive(content.bytes, path);
        configuration.text = std::move(archive.config);
        configuration.version = std::move(archive.version);
        use_config_file(configuration, config);
        return import_file(Hdf5File(path, archive.weights), std::move(configuration), path);
    }
    const Hdf5File file(path);
    std::optional<std::string> version = file.text("/", "keras_version");
    if (!version && file.has_group("model_weights")) version = file.text("model_weights", "keras_version");
    configuration.version = version.value_or("");
    if (config.empty()) configuration.text = file.text("/", "model_config");
    if (!configuration.text) use_config_file(configuration, config.empty() ? find_config(path) : config);
    return import_file(file, std::move(configuration), path);
}

std::vector<NamedReals> detail::archive_arrays(const std::string& bytes, const std::string& path) {
    return keras_arrays(Hdf5File(path, read_keras_archive(bytes, path).weights));
}

FloatModel import_keras(const std::string& path, const std::string& config) {
    const detail::FileContent content = detail::read_content(path);
    if (content.kind != detail::FileKind::Hdf5 && content.kind != detail::FileKind::KerasArchive)
        throw InputError(path, "is not a weights file of Keras (.keras or .h5)");
    return detail::import_keras_content(content, path, config);
}

}  // namespace bittrue
