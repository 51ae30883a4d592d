#include "model/onnx_writer.hpp"

#include <bit>
#include <stdexcept>

#include <onnx/onnx_pb.h>

namespace bittrue::test {

namespace {

void append(std::string& bytes, std::uint64_t bits, int count) {
    for (int i = 0; i < count; ++i) bytes += static_cast<char>((bits >> (8 * i)) & 0xffU);
}

void add_raw(std::string& bytes, double x, OnnxType type) {
    const auto integer = static_cast<std::uint64_t>(static_cast<std::int64_t>(x));
    switch (type) {
        case OnnxType::Float: return append(bytes, std::bit_cast<std::uint32_t>(static_cast<float>(x)), 4);
        case OnnxType::Double: return append(bytes, std::bit_cast<std::uint64_t>(x), 8);
        case OnnxType::UInt8:
        case OnnxType::Int8:
        case OnnxType::Bool: return append(bytes, integer, 1);
        case OnnxType::Int16:
        case OnnxType::Float16:
        case OnnxType::BFloat16: return append(bytes, integer, 2);  // of the 16-bit types the pattern is given
        case OnnxType::Int32:
        case OnnxType::UInt32: return append(bytes, integer, 4);
        case OnnxType::Int64:
        case OnnxType::UInt64: return append(bytes, integer, 8);
    }
}

void add_typed(onnx::TensorProto& tensor, double x, OnnxType type) {
    switch (type) {
        case OnnxType::Float: return tensor.add_float_data(static_cast<float>(x));
        case OnnxType::Double: return tensor.add_double_data(x);
        case OnnxType::UInt8:
        case OnnxType::Int8:
        case OnnxType::Bool:
        case OnnxType::Int16:
        case OnnxType::Float16:
        case OnnxType::BFloat16:
        case OnnxType::Int32: return tensor.add_int32_data(static_cast<int>(x));
        case OnnxType::Int64: return tensor.add_int64_data(static_cast<std::int64_t>(x));
        case OnnxType::UInt32:
        case OnnxType::UInt64: return tensor.add_uint64_data(static_cast<std::uint64_t>(x));
    }
}

void set(onnx::AttributeProto& a, const OnnxValue& value) {
    using Proto = onnx::AttributeProto;
    if (const auto* i = std::get_if<std::int64_t>(&value)) {
        a.set_type(Proto::INT);
        a.set_i(*i);
    } else if (const auto* f = std::get_if<double>(&value)) {
        a.set_type(Proto::FLOAT);
        a.set_f(static_cast<float>(*f));
    } else if (const auto* s = std::get_if<std::string>(&value)) {
        a.set_type(Proto::STRING);
        a.set_s(*s);
    } else if (const auto* is = std::get_if<std::vector<std::int64_t>>(&value)) {
        a.set_type(Proto::INTS);
        for (const std::int64_t x : *is) a.add_ints(x);
    } else if (const auto* fs = std::get_if<std::vector<double>>(&value)) {
        a.set_type(Proto::FLOATS);
        for (const double x : *fs) a.add_floats(static_cast<float>(x));
    }
}

void fill(onnx::TensorProto& tensor, const std::vector<std::int64_t>& dims, const std::vector<double>& values,
          OnnxType type, bool raw) {
    tensor.set_data_type(static_cast<int>(type));
    for (const std::int64_t d : dims) tensor.add_dims(d);
    std::string bytes;
    for (const double x : values) raw ? add_raw(bytes, x, type) : add_typed(tensor, x, type);
    if (raw) tensor.set_raw_data(bytes);
}

}  // namespace

OnnxWriter::OnnxWriter(int opset) : model_(std::make_unique<onnx::ModelProto>()) {
    model_->set_ir_version(8);
    model_->set_producer_name("test");
    model_->add_opset_import()->set_version(opset);
    model_->mutable_graph()->set_name("graph");
}

OnnxWriter::~OnnxWriter() = default;

OnnxWriter& OnnxWriter::input(const std::string& name, const std::vector<std::int64_t>& dims, OnnxType type) {
    auto* info = model_->mutable_graph()->add_input();
    info->set_name(name);
    auto* tensor = info->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(static_cast<int>(type));
    tensor->mutable_shape();
    for (const std::int64_t d : dims) {
        auto* dim = tensor->mutable_shape()->add_dim();
        if (d == -1)
            dim->set_dim_param("N");
        else
            dim->set_dim_value(d);
    }
    return *this;
}

OnnxWriter& OnnxWriter::output(const std::string& name) {
    model_->mutable_graph()->add_output()->set_name(name);
    return *this;
}

OnnxWriter& OnnxWriter::constant(const std::string& name, const std::vector<std::int64_t>& dims,
                                 const std::vector<double>& values, OnnxType type, bool raw) {
    auto* tensor = model_->mutable_graph()->add_initializer();
    tensor->set_name(name);
    fill(*tensor, dims, values, type, raw);
    return *this;
}

OnnxWriter& OnnxWriter::node(const OnnxNode& node) {
    auto* proto = model_->mutable_graph()->add_node();
    proto->set_op_type(node.op);
    proto->set_name(node.name);
    proto->set_domain(node.domain);
    for (const std::string& i : node.inputs) proto->add_input(i);
    for (const std::string& o : node.outputs) proto->add_output(o);
    for (const OnnxAttribute& a : node.attributes) {
        auto* attribute = proto->add_attribute();
        attribute->set_name(a.name);
        set(*attribute, a.value);
    }
    return *this;
}

std::string OnnxWriter::bytes() const {
    return model_->SerializeAsString();
}

}  // namespace bittrue::test
