#include <bit>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"
#include "import/onnx/onnx_proto.hpp"

namespace bittrue::onnx_import {

namespace {

using Proto = onnx::TensorProto;

constexpr int kMostAxes = 16;
constexpr std::int64_t kMaxElements = (std::int64_t{1} << 31) - 1;

double half_to_double(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 0x1f;
    const int fraction = bits & 0x3ff;
    double x = exponent == 0    ? std::ldexp(fraction, -24)
               : exponent == 31 ? (fraction == 0 ? HUGE_VAL : std::nan(""))
                                : std::ldexp(1024 + fraction, exponent - 25);
    return (bits & 0x8000) != 0 ? -x : x;
}

double bfloat_to_double(std::uint16_t bits) {
    return std::bit_cast<float>(std::uint32_t{bits} << 16U);
}

// Little-endian, as ONNX stores it on every machine.
template <typename Stored>
Stored load(const char* at) {
    using Bits =
        std::conditional_t<sizeof(Stored) == 1, std::uint8_t,
                           std::conditional_t<sizeof(Stored) == 2, std::uint16_t,
                                              std::conditional_t<sizeof(Stored) == 4, std::uint32_t, std::uint64_t>>>;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(Stored); ++i)
        bits |= std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
    return std::bit_cast<Stored>(static_cast<Bits>(bits));
}

struct Reader {
    const Proto& proto;
    const std::string& where;
    std::size_t count;
    std::vector<double> values{};

    template <typename Stored, typename Convert>
    void raw(Convert convert) {
        const std::string& bytes = proto.raw_data();
        if (bytes.size() != count * sizeof(Stored))
            throw InputError(
                where, fmt::format("has {} bytes of data, its shape needs {}", bytes.size(), count * sizeof(Stored)));
        values.reserve(count);
        for (std::size_t i = 0; i < count; ++i)
            values.push_back(convert(load<Stored>(bytes.data() + i * sizeof(Stored))));
    }
    template <typename Field, typename Convert>
    void field(const Field& numbers, Convert convert) {
        if (static_cast<std::size_t>(numbers.size()) != count)
            throw InputError(where, fmt::format("has {} numbers, its shape needs {}", numbers.size(), count));
        values.reserve(count);
        for (const auto x : numbers) values.push_back(convert(x));
    }
    template <typename Stored, typename Field>
    void read(const Field& numbers) {
        const auto plain = [](auto x) { return static_cast<double>(static_cast<Stored>(x)); };
        if (proto.has_raw_data())
            raw<Stored>(plain);
        else
            field(numbers, plain);
    }
    template <typename Field>
    void read_16(const Field& numbers, double (*convert)(std::uint16_t)) {
        if (proto.has_raw_data())
            raw<std::uint16_t>(convert);
        else
            field(numbers, [&](auto x) { return convert(static_cast<std::uint16_t>(x)); });
    }

    void read_all() {
        switch (proto.data_type()) {
            case Proto::FLOAT: return read<float>(proto.float_data());
            case Proto::DOUBLE: return read<double>(proto.double_data());
            case Proto::FLOAT16: return read_16(proto.int32_data(), half_to_double);
            case Proto::BFLOAT16: return read_16(proto.int32_data(), bfloat_to_double);
            case Proto::INT8: return read<std::int8_t>(proto.int32_data());
            case Proto::UINT8: return read<std::uint8_t>(proto.int32_data());
            case Proto::INT16: return read<std::int16_t>(proto.int32_data());
            case Proto::UINT16: return read<std::uint16_t>(proto.int32_data());
            case Proto::INT32: return read<std::int32_t>(proto.int32_data());
            case Proto::BOOL: return read<std::uint8_t>(proto.int32_data());
            case Proto::INT64: return read<std::int64_t>(proto.int64_data());
            case Proto::UINT32: return read<std::uint32_t>(proto.uint64_data());
            case Proto::UINT64: return read<std::uint64_t>(proto.uint64_data());
            default: break;
        }
    }
};

}  // namespace

ElementType element_type(int data_type, const std::string& where) {
    switch (data_type) {
        case Proto::FLOAT:
        case Proto::DOUBLE:
        case Proto::FLOAT16:
        case Proto::BFLOAT16: return ElementType::Real;
        case Proto::INT8: return ElementType::Int8;
        case Proto::UINT8: return ElementType::UInt8;
        case Proto::INT16: return ElementType::Int16;
        case Proto::UINT16: return ElementType::UInt16;
        case Proto::INT32: return ElementType::Int32;
        case Proto::UINT32: return ElementType::UInt32;
        case Proto::INT64: return ElementType::Int64;
        case Proto::UINT64: return ElementType::UInt64;
        case Proto::BOOL: return ElementType::Bool;
        default: break;
    }
    const std::string name = Proto::DataType_IsValid(data_type)
                                 ? Proto::DataType_Name(static_cast<Proto::DataType>(data_type))
                                 : fmt::format("number {}", data_type);
    throw InputError(where,
                     fmt::format("is of the element type {}; real and integer types of 8 to 64 bits are read", name));
}

std::shared_ptr<Constant> read_tensor(const Proto& proto, const std::string& where) {
    if (proto.data_location() == Proto::EXTERNAL || proto.external_data_size() > 0)
        throw InputError(
            where,
            "is stored in a file of its own; save the model in one file (onnx.save with save_as_external_data=False)");
    if (proto.has_segment()) throw InputError(where, "is stored in segments; save the model again");
    auto constant = std::make_shared<Constant>();
    constant->type = element_type(proto.data_type(), where);
    if (proto.dims_size() > kMostAxes)
        throw InputError(where, fmt::format("has {} axes; up to {} are read", proto.dims_size(), kMostAxes));
    std::int64_t count = 1;
    for (const std::int64_t d : proto.dims()) {
        if (d < 0 || (d > 0 && count > kMaxElements / d))
            throw InputError(where,
                             fmt::format("has the impossible shape {}; the file is damaged, so export the model again",
                                         print_dims({proto.dims().begin(), proto.dims().end()})));
        constant->dims.push_back(d);
        count *= d;
    }
    Reader reader{.proto = proto, .where = where, .count = static_cast<std::size_t>(count)};
    reader.read_all();
    constant->values = std::move(reader.values);
    return constant;
}

}  // namespace bittrue::onnx_import
