// ONNX files for tests, put together from tensors and nodes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace onnx {
class ModelProto;
}

namespace bittrue::test {

enum class OnnxType {
    Float = 1,
    UInt8 = 2,
    Int8 = 3,
    Int16 = 5,
    Int32 = 6,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
    Double = 11,
    UInt32 = 12,
    UInt64 = 13,
    BFloat16 = 16
};

using OnnxValue = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>>;
struct OnnxAttribute {
    std::string name;
    OnnxValue value;
};

struct OnnxNode {
    std::string op;
    std::vector<std::string> inputs;
    std::vector<std::string> outputs;
    std::vector<OnnxAttribute> attributes{};
    std::string name{};
    std::string domain{};
};

class OnnxWriter {
public:
    explicit OnnxWriter(int opset = 13);
    OnnxWriter(const OnnxWriter&) = delete;
    OnnxWriter& operator=(const OnnxWriter&) = delete;
    ~OnnxWriter();

    // A length of -1 is the symbol "N".
    OnnxWriter& input(const std::string& name, const std::vector<std::int64_t>& dims, OnnxType type = OnnxType::Float);
    OnnxWriter& output(const std::string& name);
    // An initializer; `raw` chooses raw_data instead of the typed field.
    OnnxWriter& constant(const std::string& name, const std::vector<std::int64_t>& dims,
                         const std::vector<double>& values, OnnxType type = OnnxType::Float, bool raw = true);
    OnnxWriter& node(const OnnxNode& node);

    [[nodiscard]] onnx::ModelProto& proto() { return *model_; }
    [[nodiscard]] std::string bytes() const;

private:
    std::unique_ptr<onnx::ModelProto> model_;
};

}  // namespace bittrue::test
