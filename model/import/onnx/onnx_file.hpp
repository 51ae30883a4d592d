// An ONNX file as plain data: what the importer needs of it, without protobuf.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bittrue/model/fixed_type.hpp"
#include "bittrue/model/tensor.hpp"

namespace bittrue::onnx_import {

// What the elements of an ONNX tensor are; all floating-point types count as Real.
enum class ElementType : std::uint8_t { Real, Int8, UInt8, Int16, UInt16, Int32, UInt32, Int64, UInt64, Bool };

[[nodiscard]] inline bool is_integer(ElementType t) {
    return t != ElementType::Real;
}

// Where the numbers of a constant come from, when they were quantised: number = integer * scale of its place along
// `axis`. Zero points are in the integers already.
struct Grid {
    std::vector<double> integers{};  // as many as the constant has numbers
    std::vector<double> scale{1};    // one, or one per index along `axis`
    std::size_t axis = 0;
    std::optional<FixedType> integer_type{};  // of the integers; empty where no fixed-point type rounds like it
};

// A tensor known when the model is read, in C order.
struct Constant {
    ElementType type = ElementType::Real;
    Dims dims{};
    std::vector<double> values{};  // integers beyond 2^53 are rounded
    std::shared_ptr<const Grid> grid{};
    std::string source{};  // name of the initializer, as long as these are its numbers
};
using ConstantPtr = std::shared_ptr<const Constant>;

enum class AttributeKind : std::uint8_t { Int, Float, Text, Ints, Floats, Tensor, Other };

struct Attribute {
    AttributeKind kind = AttributeKind::Other;
    std::vector<std::int64_t> ints{};  // one for Int
    std::vector<double> floats{};      // one for Float
    std::string text{};
    ConstantPtr tensor{};
};

struct Node {
    std::string name{};
    std::string op{};
    std::string domain{};
    std::vector<std::string> inputs{};  // an empty name is an input left out
    std::vector<std::string> outputs{};
    std::map<std::string, Attribute> attributes{};
    std::string where{};  // "model.onnx: node 'conv1' (Conv)"

    [[nodiscard]] bool has(const char* attribute) const { return attributes.contains(attribute); }
    [[nodiscard]] bool has_input(std::size_t i) const { return i < inputs.size() && !inputs[i].empty(); }
    // The attribute's value, or `otherwise` where it is absent. InputError when it is of another kind.
    [[nodiscard]] std::int64_t integer(const char* attribute, std::int64_t otherwise) const;
    [[nodiscard]] double real(const char* attribute, double otherwise) const;
    [[nodiscard]] std::string text(const char* attribute, const std::string& otherwise) const;
    [[nodiscard]] std::vector<std::int64_t> integers(const char* attribute,
                                                     const std::vector<std::int64_t>& otherwise) const;
};

struct GraphInput {
    std::string name{};
    ElementType type = ElementType::Real;
    std::vector<std::int64_t> dims{};  // -1 where symbolic or unknown
    bool has_shape = false;
};

struct OnnxFile {
    std::string path{};
    std::string producer{};  // "pytorch 1.13.0"
    int opset = 1;           // of the standard operators
    std::vector<Node> nodes{};
    std::vector<GraphInput> inputs{};  // without initializers
    std::vector<std::string> outputs{};
    std::vector<ConstantPtr> initializers{};  // `source` is the name
    std::size_t bytes = 0;
};

// InputError: the bytes are no ONNX model, or one with external data, sparse tensors or another thing it names.
[[nodiscard]] OnnxFile parse_onnx(std::string_view bytes, const std::string& path);

// True for bytes that can be an ONNX model: a protobuf whose fields are those of a model, with a graph among them.
// Looks at the outermost fields only.
[[nodiscard]] bool looks_like_onnx(std::string_view bytes);

}  // namespace bittrue::onnx_import
