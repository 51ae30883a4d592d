#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "bittrue/model/notation.hpp"
#include "import/network_parser.hpp"
#include "import/real_arrays.hpp"

namespace bittrue::detail {

namespace {

// Moves the axes of `values` from the order of the letters in `stored` to the order in `wanted`.
template <typename T>
std::vector<T> permuted(const std::vector<T>& values, const Dims& dims, const std::string& stored,
                        const std::string& wanted) {
    const std::size_t axes = dims.size();
    std::vector<std::size_t> stride(axes, 1);
    for (std::size_t a = axes - 1; a-- > 0;) stride[a] = stride[a + 1] * static_cast<std::size_t>(dims[a + 1]);
    std::vector<std::size_t> extent(axes);
    std::vector<std::size_t> step(axes);
    for (std::size_t a = 0; a < axes; ++a) {
        const std::size_t from = stored.find(wanted[a]);
        extent[a] = static_cast<std::size_t>(dims[from]);
        step[a] = stride[from];
    }
    std::vector<T> result;
    result.reserve(values.size());
    std::vector<std::size_t> index(axes, 0);
    std::size_t at = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        result.push_back(values[at]);
        for (std::size_t a = axes; a-- > 0;) {
            at += step[a];
            if (++index[a] < extent[a]) break;
            at -= step[a] * extent[a];
            index[a] = 0;
        }
    }
    return result;
}

bool multiplies_to(const Dims& dims, std::size_t count) {
    std::size_t product = 1;
    for (const std::int64_t d : dims) {
        if (d < 1 || static_cast<std::uint64_t>(d) > count) return false;
        product *= static_cast<std::size_t>(d);
        if (product > count) return false;
    }
    return product == count;
}

// Lists of numbers, nested or not, in the order of the text.
class NumberList {
public:
    // The shape is that of the first element of every list.
    explicit NumberList(const toml::array& list) {
        for (const toml::array* inner = &list; inner != nullptr;) {
            dims.push_back(static_cast<std::int64_t>(inner->size()));
            const toml::node* first = inner->get(0);
            inner = first == nullptr ? nullptr : first->as_array();
        }
        regular = collect(list, 0);
    }

    std::vector<const toml::node*> numbers{};
    Dims dims{};
    bool regular = false;  // every list is as long and as deep as its neighbours

private:
    bool collect(const toml::array& list, std::size_t axis) {
        if (static_cast<std::int64_t>(list.size()) != dims[axis]) return false;
        const bool innermost = axis + 1 == dims.size();
        for (const toml::node& element : list) {
            if (element.is_array() == innermost) return false;
            if (innermost)
                numbers.push_back(&element);
            else if (!collect(*element.as_array(), axis + 1))
                return false;
        }
        return true;
    }
};

class Reader {
public:
    Reader(TomlSection& section, const NetworkContext& context, const ParameterWish& wish)
        : section_(section), context_(context), wish_(wish) {
        result_.type = wish.type;
        result_.quantizer = wish.quantizer;
    }

    Parameter read() {
        const toml::node* value = section_.node(wish_.key);
        if (value == nullptr)
            section_.missing(wish_.key,
                             "name an array of the weights file, or give numbers as { raw = [...], shape = [...] }");
        if (value->is_string()) {
            from_store(section_, wish_.key, value->as_string()->get(), false);
        } else if (value->is_table()) {
            TomlSection inner = *section_.table(wish_.key);
            from_table(inner);
            inner.finish();
        } else {
            section_.fail(wish_.key,
                          "must be the name of an array or a table: { raw = [...] }, { real = [...] }, { file = "
                          "\"w.npy\" }, { array = \"name\" }");
        }
        check_range();
        transpose();
        return std::move(result_);
    }

private:
    void from_store(TomlSection& section, const std::string& key, const std::string& name, bool raw) {
        const ArrayStore::Found found = section.at(key, [&] { return context_.arrays.find(name); });
        section.at(key, [&] { take(*found.array, found.where, raw); });
    }

    void from_table(TomlSection& inner) {
        const toml::node* raw = inner.node("raw");
        const toml::node* real = inner.node("real");
        const auto file = inner.text("file");
        const auto array = inner.text("array");
        const auto shape = inner.integers("shape", 1, std::int64_t{1} << 31);
        constexpr WeightQuantizer quantizers[] = {WeightQuantizer::Cast, WeightQuantizer::Sign,
                                                  WeightQuantizer::Bipolar};
        if (const auto quantizer = inner.word("quantizer", {"cast", "sign", "bipolar"}))
            result_.quantizer = quantizers[*quantizer];
        const bool raw_words = raw != nullptr && raw->is_boolean() && raw->as_boolean()->get();
        if (raw != nullptr && raw->is_array() && !file && !array && real == nullptr) {
            from_raw_list(inner, *raw->as_array());
        } else if (real != nullptr && real->is_array() && raw == nullptr && !file && !array) {
            from_real_list(inner, *real->as_array());
        } else if (real == nullptr && (raw == nullptr || raw->is_boolean()) && (file || array)) {
            if (!file)
                from_store(inner, "array", *array, raw_words);
            else
                inner.at("file", [&] { from_file(context_.resolve(*file), array, raw_words); });
        } else {
            inner.fail(
                "must have either raw = [integers], real = [numbers], or file and/or array (with raw = true for "
                "words)");
        }
        if (shape) {
            const std::size_t count = result_.is_raw() ? result_.raw.size() : result_.real.size();
            if (!multiplies_to(*shape, count))
                inner.fail("shape", fmt::format("{} does not hold {} number{}", print_dims(*shape), count,
                                                count == 1 ? "" : "s"));
            result_.dims = *shape;
        }
    }

    // The numbers of a list; its nesting becomes the shape.
    std::vector<const toml::node*> numbers_of(const TomlSection& inner, const std::string& key,
                                              const toml::array& list) {
        NumberList found(list);
        if (!found.regular)
            inner.fail(key, "is ragged: all lists of one level must have the same number of elements of one kind");
        if (found.numbers.empty()) inner.fail(key, "has no numbers");
        result_.dims = std::move(found.dims);
        return std::move(found.numbers);
    }

    void from_raw_list(TomlSection& inner, const toml::array& list) {
        for (const toml::node* n : numbers_of(inner, "raw", list)) {
            if (n->is_integer())
                result_.raw.push_back(word_from_integer(inner, n->as_integer()->get()));
            else if (n->is_string())
                result_.raw.push_back(
                    inner.at("raw", [&] { return parse_raw(n->as_string()->get(), wish_.type.format); }));
            else
                inner.fail("raw", "must hold integers only (or texts like \"0x7f\")");
        }
    }

    std::int64_t word_from_integer(const TomlSection& inner, std::int64_t value) const {
        const Format f = wish_.type.format;
        if (value < raw_min(f) || value > raw_max(f)) {
            inner.fail("raw", fmt::format("{} is outside of {} ({} to {})", value, print_type(wish_.type),
                                          print_raw(raw_min(f)), print_raw(raw_max(f))));
        }
        return value;
    }

    void from_real_list(TomlSection& inner, const toml::array& list) {
        for (const toml::node* n : numbers_of(inner, "real", list)) {
            if (!n->is_number()) inner.fail("real", "must hold numbers only");
            const double x =
                n->is_integer() ? static_cast<double>(n->as_integer()->get()) : n->as_floating_point()->get();
            if (!std::isfinite(x) && !(wish_.infinity_allowed && std::isinf(x)))
                inner.fail("real", fmt::format("holds {}; only finite numbers have a fixed-point word", x));
            result_.real.push_back(x);
        }
    }

    void from_file(const std::string& path, const std::optional<std::string>& array, bool raw) {
        ArrayStore store;
        const FileKind kind = store.add_file(path);
        const std::string name =
            array.value_or(kind == FileKind::Npy ? std::filesystem::path(path).stem().string() : "");
        if (name.empty()) throw InputError(path, "holds several arrays; name one by array = \"...\"");
        const ArrayStore::Found found = store.find(name);
        take(*found.array, found.where, raw);
    }

    void take(const NpyArray& array, const std::string& where, bool raw) {
        if (array.count() == 0) throw InputError(where, "has no elements");
        result_.dims = array.dims;
        if (!raw) {
            RealTensor tensor = to_reals(where, array);
            if (!wish_.infinity_allowed) check_finite(where, tensor);
            result_.real = std::move(tensor.values);
            return;
        }
        if (array.is_real())
            throw InputError(where,
                             fmt::format("holds {} numbers; raw words must be integers", print_npy_type(array.type)));
        const Format f = wish_.type.format;
        for (std::size_t i = 0; i < array.count(); ++i) {
            const i128 value = array.type == NpyType::UInt64 ? i128{static_cast<std::uint64_t>(array.integers[i])}
                                                             : i128{array.integers[i]};
            if (value >= raw_min(f) && value <= raw_max(f)) continue;
            throw InputError(where, fmt::format("holds {} at index {}, outside of {} ({} to {})", print_raw(value),
                                                print_index(array.dims, i), print_type(wish_.type),
                                                print_raw(raw_min(f)), print_raw(raw_max(f))));
        }
        result_.raw = array.integers;
    }

    void check_range() const {
        if (result_.is_raw() && result_.quantizer != WeightQuantizer::Cast)
            section_.fail(wish_.key,
                          "raw words are taken as they are; the quantizers sign and bipolar need real numbers");
    }

    void transpose() {
        if (wish_.axes.empty()) {
            if (wish_.keep_shape) return;
            std::int64_t count = 1;
            for (const std::int64_t d : result_.dims) count *= d;
            result_.dims = {count};
            return;
        }
        if (result_.dims.size() != wish_.axes.size()) {
            section_.fail(wish_.key, fmt::format("has the shape {}, {} axes are needed ({})", print_dims(result_.dims),
                                                 wish_.axes.size(), wish_.layout));
        }
        if (wish_.layout == wish_.axes) return;
        if (result_.is_raw())
            result_.raw = permuted(result_.raw, result_.dims, wish_.layout, wish_.axes);
        else
            result_.real = permuted(result_.real, result_.dims, wish_.layout, wish_.axes);
        const Dims stored = result_.dims;
        for (std::size_t a = 0; a < stored.size(); ++a) result_.dims[a] = stored[wish_.layout.find(wish_.axes[a])];
    }

    TomlSection& section_;
    const NetworkContext& context_;
    const ParameterWish& wish_;
    Parameter result_{};
};

}  // namespace

Parameter read_parameter(TomlSection& section, const NetworkContext& context, const ParameterWish& wish) {
    return Reader(section, context, wish).read();
}

Parameter read_numbers(TomlSection& section, const NetworkContext& context, const std::string& key,
                       const FixedType& type, const std::string& meaning) {
    const toml::node* value = section.node(key);
    if (value == nullptr) section.missing(key, meaning);
    if (!value->is_number()) return read_parameter(section, context, {.key = key, .type = type});
    const double number = *section.number(key);
    if (!std::isfinite(number)) section.fail(key, fmt::format("is {}, a finite number is needed", number));
    return {.dims = {1}, .real = {number}, .raw = {}, .type = type};
}

}  // namespace bittrue::detail
