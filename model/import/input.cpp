#include "bittrue/model/input.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bittrue/model/error.hpp"
#include "bittrue/model/idx.hpp"
#include "bittrue/model/npz.hpp"
#include "import/file_kind.hpp"
#include "import/real_arrays.hpp"

namespace bittrue {

namespace {

constexpr std::size_t kListed = 8;  // names in a message

struct Source {
    std::string where{};
    NpyArray array{};
};

Source read_npz_source(std::string_view bytes, const std::string& path, const std::string& key,
                       const std::vector<std::string>& usual_keys) {
    const std::vector<std::string> names = parse_npz_names(bytes, path);
    std::string name = key;
    if (name.empty()) {
        const auto it = std::find_if(usual_keys.begin(), usual_keys.end(), [&](const std::string& k) {
            return std::find(names.begin(), names.end(), k) != names.end();
        });
        if (it != usual_keys.end())
            name = *it;
        else if (names.size() == 1)
            name = names[0];
        else
            throw InputError(
                path, fmt::format(
                          "has {} arrays and none is named {}; write {}:NAME with one of {}{}", names.size(),
                          fmt::join(usual_keys, " or "), path,
                          fmt::join(names.begin(),
                                    names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kListed)), ", "),
                          names.size() > kListed ? ", ..." : ""));
    }
    return {.where = fmt::format("{}: array '{}'", path, name), .array = parse_npz_array(bytes, path, name)};
}

Source read_source(const std::string& source, const std::vector<std::string>& usual_keys) {
    std::string path = source;
    std::string key;
    std::error_code ignored;
    const std::size_t colon = source.rfind(':');
    if (!std::filesystem::exists(source, ignored) && colon != std::string::npos) {
        const std::string front = source.substr(0, colon);
        if (std::filesystem::exists(front, ignored) || front.ends_with(".npz")) {
            path = front;
            key = source.substr(colon + 1);
        }
    }
    const detail::FileContent content = detail::read_content(path);
    if (!key.empty() && content.kind != detail::FileKind::Npz)
        throw InputError(path, fmt::format("is not an .npz, so ':{}' selects nothing", key));
    switch (content.kind) {
        case detail::FileKind::Npz: return read_npz_source(content.bytes, path, key, usual_keys);
        case detail::FileKind::Npy: return {.where = path, .array = parse_npy(content.bytes, path)};
        case detail::FileKind::Idx: return {.where = path, .array = parse_idx(content.bytes, path)};
        case detail::FileKind::Hdf5:
        case detail::FileKind::KerasArchive:
        case detail::FileKind::Onnx:
        case detail::FileKind::Unknown: break;
    }
    throw InputError(path, "is neither .npy nor .npz nor an idx file (plain or gzipped)");
}

Dims squeezed(const Dims& dims) {
    Dims result;
    std::copy_if(dims.begin(), dims.end(), std::back_inserter(result), [](std::int64_t d) { return d != 1; });
    return result;
}

// Number of images when the array can be read as images of the spec's shape, else 0.
std::size_t count_images(const Dims& dims, const Shape& shape) {
    const Dims want = squeezed(shape.dims);
    if (squeezed(dims) == want) return 1;
    if (dims.empty() || dims[0] < 1) return 0;
    const Dims rest(dims.begin() + 1, dims.end());
    const auto images = static_cast<std::size_t>(dims[0]);
    if (squeezed(rest) == want) return images;
    const bool flat_is_clear = shape.layout == Layout::Vector || (rest.size() == 1 && shape.channels() == 1);
    return flat_is_clear && element_count(rest) == shape.count() ? images : 0;
}

std::size_t choose_first(const std::string& where, std::size_t count, std::size_t first, const char* what) {
    if (first > count)
        throw InputError(where, fmt::format("has {} {}, fewer than the first {} that are wanted", count, what, first));
    return first == 0 ? count : first;
}

}  // namespace

double pixel_value(std::int64_t pixel, const InputSpec& spec) {
    if (!spec.float32) return static_cast<double>(pixel) / spec.divide;
    return static_cast<double>(static_cast<float>(pixel) / static_cast<float>(spec.divide));
}

namespace {

// The array and how many of its images are wanted.
std::size_t read_images(const std::string& source, const InputSpec& spec, std::size_t first, Source& in) {
    in = read_source(source, {"input", "x", "images"});
    if (in.array.count() == 0) throw InputError(in.where, "holds no images");
    const std::size_t images = count_images(in.array.dims, spec.shape);
    if (images == 0) {
        throw InputError(in.where,
                         fmt::format("has the shape {}; the network's input '{}' needs images of {}, that is Nx{}",
                                     print_dims(in.array.dims), spec.name, print_dims(spec.shape.dims),
                                     print_dims(spec.shape.dims)));
    }
    return choose_first(in.where, images, first, "images");
}

}  // namespace

PixelBatch load_pixels(const std::string& source, const InputSpec& spec, std::size_t first) {
    Source in;
    PixelBatch batch;
    batch.images = read_images(source, spec, first, in);
    batch.pixels.resize(batch.images * static_cast<std::size_t>(spec.shape.count()));
    for (std::size_t i = 0; i < batch.pixels.size(); ++i) {
        const double pixel = in.array.number(i);
        if (!(pixel >= 0 && pixel <= 255) || std::floor(pixel) != pixel) {
            throw InputError(in.where, fmt::format("holds {} at index {}; pixels are whole numbers from 0 to 255",
                                                   pixel, detail::print_index(in.array.dims, i)));
        }
        batch.pixels[i] = static_cast<std::uint8_t>(pixel);
    }
    return batch;
}

InputBatch load_input(const std::string& source, const InputSpec& spec, std::size_t first) {
    Source in;
    InputBatch batch;
    batch.images = read_images(source, spec, first, in);
    batch.dims = spec.shape.dims;
    const std::size_t count = batch.images * static_cast<std::size_t>(spec.shape.count());
    if (!in.array.is_real()) {
        const bool wide =
            in.array.type == NpyType::UInt64 &&
            std::any_of(in.array.integers.begin(), in.array.integers.end(), [](std::int64_t p) { return p < 0; });
        if (wide) throw InputError(in.where, "holds pixels of 2^63 or more");
        batch.values.reserve(count);
        for (std::size_t i = 0; i < count; ++i) batch.values.push_back(pixel_value(in.array.integers[i], spec));
        return batch;
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (std::isfinite(in.array.reals[i])) continue;
        throw InputError(in.where, fmt::format("holds {} at index {}; input values must be finite", in.array.reals[i],
                                               detail::print_index(in.array.dims, i)));
    }
    batch.values.assign(in.array.reals.begin(), in.array.reals.begin() + static_cast<std::ptrdiff_t>(count));
    return batch;
}

std::vector<int> load_labels(const std::string& source, std::size_t first) {
    const Source in = read_source(source, {"labels", "y", "label"});
    constexpr double kMost = 1 << 30;
    if (in.array.count() == 0) throw InputError(in.where, "holds no labels");
    Dims dims = in.array.dims;
    while (dims.size() > 1 && dims.back() == 1) dims.pop_back();
    if (dims.empty()) dims = {1};
    if (dims.size() > 2)
        throw InputError(in.where, fmt::format("has the shape {}; labels are [N], or one-hot [N, classes]",
                                               print_dims(in.array.dims)));
    const auto rows = static_cast<std::size_t>(dims[0]);
    const std::size_t columns = dims.size() == 2 ? static_cast<std::size_t>(dims[1]) : 1;
    const std::size_t wanted = choose_first(in.where, rows, first, "labels");
    std::vector<int> labels;
    for (std::size_t r = 0; r < wanted; ++r) {
        if (columns == 1) {
            const double value = in.array.number(r);
            if (!(value >= 0 && value <= kMost) || std::floor(value) != value)
                throw InputError(in.where,
                                 fmt::format("holds {} at index {}; labels are whole numbers of at least 0", value, r));
            labels.push_back(static_cast<int>(value));
            continue;
        }
        int hot = -1;
        bool valid = true;
        for (std::size_t c = 0; c < columns; ++c) {
            const double value = in.array.number(r * columns + c);
            if (value == 1 && hot < 0)
                hot = static_cast<int>(c);
            else
                valid = valid && value == 0;
        }
        if (!valid || hot < 0)
            throw InputError(in.where, fmt::format("row {} is not one-hot (exactly one 1, else 0)", r));
        labels.push_back(hot);
    }
    return labels;
}

}  // namespace bittrue
