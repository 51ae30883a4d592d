#include "layer_files.hpp"

#include <algorithm>
#include <filesystem>

#include "bittrue/model/error.hpp"
#include "bittrue/model/notation.hpp"
#include "npy_words.hpp"
#include "settle.hpp"
#include "word_parts.hpp"

namespace bittrue {
namespace {

namespace fs = std::filesystem;

class Reading {
public:
    Reading(const std::string& path, const std::string& name, const VectorReadOptions& options,
            std::vector<std::string>& notes)
        : path_(path), name_(name), options_(options), notes_(notes), known_(schema_layer(options.schema, name)) {
        if (known_ != nullptr && !known_->type) known_ = nullptr;
    }

    VectorLayer read(const std::string& bytes) {
        const auto kind = options_.as ? options_.as : detect_file_kind(path_, bytes);
        if (!kind) {
            std::string names;
            for (const FileKind one : all_file_kinds()) names += ", " + file_kind_name(one);
            throw InputError(
                path_,
                "is no vector set: expected a vector directory, an .npz, or a file of words whose kind its "
                "name or its first bytes tell (" +
                    names.substr(2) + "); name the kind");
        }
        file_ = decode_words(*kind, bytes, path_, word_bits());
        notes_.insert(notes_.end(), file_.notes.begin(), file_.notes.end());
        if (file_.size() == 0) {
            if (known_ == nullptr) throw InputError(path_, "holds no words");
            // A design that never got so far: the comparison says what is missing.
            return {.name = name_, .type = known_->type, .dims = {0}, .stored = known_->type->format};
        }
        if (!options_.allow_undefined) refuse_undefined(file_, path_);
        VectorLayer layer = file_.type || file_.format ? by_file() : by_schema();
        layer.name = name_;
        return layer;
    }

private:
    // Of a packed word, where something says it.
    [[nodiscard]] std::optional<int> word_bits() const {
        if (known_ != nullptr) return packed_bits(options_.packing, shape_of(*known_));
        const Packing& packing = options_.packing;
        const int data = packing.word_bits != 0 ? packing.word_bits : packing.lanes * packing.lane_bits;
        if (data == 0) return {};
        const Format format{.width = 1, .integer = 1, .is_signed = false};
        return packed_bits(packing, {.format = format, .dims = {1, packing.lanes}, .layout = {}});
    }

    static PackedShape shape_of(const VectorLayer& layer) {
        return {.format = layer.type->format, .dims = layer.dims, .layout = layer.layout};
    }

    static void take(VectorLayer& layer, Settled settled, const PackedShape& shape) {
        layer.words = std::move(settled.words);
        layer.undefined = std::move(settled.undefined);
        layer.undefined_bits = std::move(settled.undefined_bits);
        layer.dims = shape.dims;
        layer.layout = shape.layout;
        layer.stored = shape.format;
    }
    void add(const std::vector<std::string>& notes) { notes_.insert(notes_.end(), notes.begin(), notes.end()); }

    // The file says the format of its elements, and perhaps shape and packing.
    VectorLayer by_file() {
        const FixedType type = file_.type ? *file_.type : FixedType{.format = *file_.format};
        std::string note = path_ + ": the format is that of its " + (file_.decimals.empty() ? "comments, " : "type, ") +
                           print_type(type);
        VectorLayer layer;
        const bool whole = file_.packing.has_value();
        PackedShape shape{.format = type.format, .dims = file_.dims, .layout = file_.layout};
        if (shape.dims.empty()) shape.dims = {static_cast<std::int64_t>(file_.size())};
        PackedShape packed = shape;
        if (file_.parameter) packed.dims.insert(packed.dims.begin(), 1);
        Settled settled;
        if (whole || !file_.decimals.empty()) settled = settle(file_, file_.packing.value_or(Packing{}), packed, path_);
        if ((whole || !file_.decimals.empty()) && settled.reason.empty()) {
            add(settled.notes);
            take(layer, std::move(settled), shape);
            if (whole) note += ", and so is the shape, " + print_dims(layer.dims);
        } else {
            layer = layer_alone(file_, options_.packing,
                                options_.packing == Packing{} ? std::nullopt : std::optional(type.format), path_);
        }
        layer.type = type;
        notes_.push_back(note);
        return layer;
    }

    VectorLayer by_schema() {
        if (known_ == nullptr) return layer_alone(file_, options_.packing, {}, path_);
        PackedShape shape = shape_of(*known_);
        Packing packing = options_.packing;
        if (!file_.decimals.empty()) {
            shape.dims = images_of(static_cast<std::int64_t>(file_.size()), packing, shape);
            if (shape.dims.empty()) return layer_alone(file_, {}, {}, path_);
            Settled settled = settle(file_, {}, shape, path_);
            if (!settled.reason.empty()) return layer_alone(file_, {}, {}, path_);
            VectorLayer layer;
            take(layer, std::move(settled), shape);
            return layer;
        }
        if (packing == Packing{}) {
            if (fits_alone(shape.format)) return layer_alone(file_, {}, {}, path_);
            const auto lanes = lanes_that_fit(file_, shape);
            if (!lanes) {
                notes_.push_back(path_ + ": words of " + std::to_string(file_.packed->bits) +
                                 " bits where the layer has " + std::to_string(shape.format.width) +
                                 "; if they are packed, say how with --pack");
                return layer_alone(file_, {}, {}, path_);
            }
            packing = *lanes;
            notes_.push_back(path_ + ": words of " + std::to_string(file_.packed->bits) + " bits are taken as " +
                             std::to_string(packing.lanes) + " lanes of " + std::to_string(shape.format.width) +
                             " bits, element 0 in the " + (packing.first_high ? "high" : "low") + " bits (" +
                             print_packing(packing) + ")");
        }
        shape.dims = images_of(static_cast<std::int64_t>(file_.size()), packing, shape);
        if (shape.dims.empty()) {
            notes_.push_back(path_ + ": " + std::to_string(file_.size()) +
                             " packed words are no whole number of images; lanes are taken in their order");
            return layer_alone(file_, packing, known_->type->format, path_);
        }
        Settled settled = settle(file_, packing, shape, path_);
        if (!settled.reason.empty()) {
            throw InputError(path_, "is not packed as '" + print_packing(packing) + "' says: " + settled.reason);
        }
        add(settled.notes);
        VectorLayer layer;
        take(layer, std::move(settled), shape);
        layer.lanes = packing.lanes;
        return layer;
    }

    // One word of the file for one of the format.
    [[nodiscard]] bool fits_alone(Format format) const {
        if (!file_.packed) return true;
        if (file_.packed->bits <= format.width) return true;
        if (file_.packed->bits > 64) return false;
        return std::all_of(file_.packed->limbs.begin(), file_.packed->limbs.end(), [&](std::uint64_t limb) {
            return limb == pattern_from_word(static_cast<std::int64_t>(limb), format);
        });
    }

    // The shape for the images that the file holds; empty where it holds no whole number of them.
    [[nodiscard]] static Dims images_of(std::int64_t words, const Packing& packing, PackedShape shape) {
        const std::int64_t per_image = packed_words_per_image(packing, shape);
        if (per_image == 0 || words % per_image != 0) return {};
        shape.dims[0] = words / per_image;
        return shape.dims;
    }

    const std::string& path_;
    const std::string& name_;
    const VectorReadOptions& options_;
    std::vector<std::string>& notes_;
    const VectorLayer* known_;
    FileWords file_{};
};

}  // namespace

void refuse_undefined(const FileWords& file, const std::string& where) {
    if (file.undefined.empty()) return;
    throw InputError(where + ":" + std::to_string(file.undefined_lines[0]),
                     "word " + std::to_string(file.undefined[0]) + ", " + file.undefined_bits[0].substr(0, 66) +
                         ", has unknown bits (x or z): the simulation did not drive this word");
}

VectorLayer layer_from_array(const std::string& name, NpyArray array, const std::string& where,
                             std::vector<std::string>& notes) {
    const FileWords words = words_of_array(std::move(array), where);
    notes.insert(notes.end(), words.notes.begin(), words.notes.end());
    VectorLayer layer = layer_alone(words, {}, {}, where);
    layer.dims = words.dims;
    layer.name = name;
    return layer;
}

VectorLayer layer_from_bytes(const std::string& bytes, const std::string& path, const std::string& name,
                             const VectorReadOptions& options, std::vector<std::string>& notes) {
    return Reading(path, name, options, notes).read(bytes);
}

std::string layer_name_of(const std::string& path, std::optional<FileKind> kind) {
    const std::string file = fs::path(path).filename().string();
    if (kind) {
        const std::string extension = file_kind_extension(*kind);
        if (file.size() > extension.size() && lower_case(file).ends_with(extension)) {
            return file.substr(0, file.size() - extension.size());
        }
    }
    return fs::path(path).stem().string();
}

const VectorLayer* schema_layer(const VectorSet* schema, const std::string& name) {
    if (schema == nullptr) return nullptr;
    if (const VectorLayer* layer = schema->find(name)) return layer;
    std::vector<std::string> names;
    for (const VectorLayer& layer : schema->layers) names.push_back(layer.name);
    const std::vector<std::string> stems = file_stems(names);
    const auto at = std::find(stems.begin(), stems.end(), name);
    return at == stems.end() ? nullptr : &schema->layers[static_cast<std::size_t>(at - stems.begin())];
}

}  // namespace bittrue
