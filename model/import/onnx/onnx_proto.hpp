// The only declarations that know protobuf; for the sources that read it.
#pragma once

#include <memory>
#include <string>

#include <onnx/onnx_pb.h>

#include "import/onnx/onnx_file.hpp"

namespace bittrue::onnx_import {

// InputError names `where` for strings, complex numbers and types newer than the file format this reads.
[[nodiscard]] ElementType element_type(int data_type, const std::string& where);

// InputError: external data, a shape that is negative or does not fit the data, an element type as above.
[[nodiscard]] std::shared_ptr<Constant> read_tensor(const onnx::TensorProto& proto, const std::string& where);

}  // namespace bittrue::onnx_import
