// The parts of reading a network file, shared by its sources.
#pragma once

#include <optional>
#include <string>

#include "bittrue/model/graph.hpp"
#include "import/array_store.hpp"
#include "import/toml_section.hpp"

namespace bittrue::detail {

// What a layer says about its arithmetic, or [defaults] for all layers; every key is optional in both.
struct Arithmetic {
    std::optional<FixedType> weight_type{};
    std::optional<FixedType> bias_type{};
    std::optional<FixedType> accumulator{};
    std::optional<FixedType> result{};
    std::optional<FixedType> table_type{};
    std::optional<std::string> product{};  // "exact", "accumulator" or a type
    std::optional<std::string> schedule{};
    std::optional<std::size_t> terms{};
    std::optional<std::size_t> quantize{};
    std::optional<std::size_t> bias_position{};
    std::optional<FixedType> bias_cast{};
    bool no_bias_cast = false;  // bias_cast = false
    std::optional<std::size_t> quantizer{};
};

struct NetworkContext {
    std::string path{};
    Dialect dialect = Dialect::Ap;
    Arithmetic defaults{};
    ArrayStore arrays{};
    // A file named in the network file, relative to its folder; to the working folder when it comes through a pipe.
    [[nodiscard]] std::string resolve(const std::string& file) const;
};

enum class ArithmeticKeys : std::uint8_t { Result, Accumulating, All };  // All: those of [defaults]

// Reads the keys that make sense for the layer.
[[nodiscard]] Arithmetic read_arithmetic(TomlSection& section, Dialect dialect, ArithmeticKeys keys);

// The layer's choice, else the default, else InputError.
[[nodiscard]] FixedType choose_type(const TomlSection& section, const char* key, const std::optional<FixedType>& own,
                                    const std::optional<FixedType>& otherwise);
[[nodiscard]] AccumulatorSpec choose_accumulator(const TomlSection& section, const Arithmetic& own,
                                                 const NetworkContext& context);

// An array of a key: a name in the weights files, { raw = [...] }, { real = [...] }, { file = ... } or { array = ... }.
// `axes` are the letters of the canonical layout ("hwio"), `layout` those of the stored one.
struct ParameterWish {
    std::string key{};
    FixedType type{};
    WeightQuantizer quantizer = WeightQuantizer::Cast;
    std::string axes{};  // empty: a list of numbers, whatever the shape
    std::string layout{};
    bool keep_shape = false;        // with empty axes: the shape as stored
    bool infinity_allowed = false;  // among real numbers (T2)
};
[[nodiscard]] Parameter read_parameter(TomlSection& section, const NetworkContext& context, const ParameterWish& wish);
// The same, or a single number; `meaning` is for the message when the key is absent.
[[nodiscard]] Parameter read_numbers(TomlSection& section, const NetworkContext& context, const std::string& key,
                                     const FixedType& type, const std::string& meaning);

// The operation of a layer; `in` are its inputs. Reads every key of it but name, op, inputs and result.
struct LayerInput {
    Shape shape{};
    FixedType type{};
};
[[nodiscard]] Operation read_operation(TomlSection& section, const std::string& op, const NetworkContext& context,
                                       const Arithmetic& own, const std::vector<LayerInput>& in);
// Weights, bias and batch normalisation of conv2d and dense.
[[nodiscard]] Dense read_dense(TomlSection& section, const NetworkContext& context, const Arithmetic& own);
[[nodiscard]] Conv2d read_conv2d(TomlSection& section, const NetworkContext& context, const Arithmetic& own,
                                 const Shape& in);
// What has numbers for every channel.
[[nodiscard]] Affine read_affine(TomlSection& section, const NetworkContext& context);
[[nodiscard]] Threshold read_threshold(TomlSection& section, const NetworkContext& context);
[[nodiscard]] Requantize read_requantize(TomlSection& section, const NetworkContext& context);
// Activation tables.
[[nodiscard]] Lookup read_lookup(TomlSection& section, const std::string& op, const NetworkContext& context);
[[nodiscard]] Softmax read_softmax(TomlSection& section, const NetworkContext& context, const FixedType& in);

[[nodiscard]] std::array<int, 2> read_pair(TomlSection& section, const std::string& key, std::array<int, 2> otherwise);
[[nodiscard]] Padding read_padding(TomlSection& section, const Shape& in, std::array<std::int64_t, 2> kernel,
                                   std::array<int, 2> stride, std::array<int, 2> dilation);
[[nodiscard]] Shape read_shape(TomlSection& section);

// What all operations are called in a network file.
[[nodiscard]] const std::vector<std::string>& operation_names();
[[nodiscard]] ArithmeticKeys keys_of(const std::string& op);

}  // namespace bittrue::detail
