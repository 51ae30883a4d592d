// One encoder and one decoder per kind of file; word_file.cpp picks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "word_parts.hpp"

namespace bittrue {

// Encoders write the whole file. WordSource::refuse where the kind cannot hold the words.
void encode_npy(const WordSource& source, const ByteSink& sink);
void encode_npz(const WordSource& source, const ByteSink& sink);
void encode_readmem(const WordSource& source, int radix, TextOut& out);
void encode_coe(const WordSource& source, TextOut& out);
void encode_mif(const WordSource& source, TextOut& out);
void encode_intel_hex(const WordSource& source, TextOut& out);
void encode_raw(const WordSource& source, bool big_endian, TextOut& out);
void encode_csv(const WordSource& source, TextOut& out);
void encode_hls4ml(const WordSource& source, TextOut& out);
void encode_vitis_tv(const WordSource& source, TextOut& out);
void encode_c_header(const WordSource& source, TextOut& out);
void encode_finn(const WordSource& source, TextOut& out);

// Empty where the kind can hold words of this context, otherwise the reason; what check_encodable and the encoders ask.
[[nodiscard]] std::string hls4ml_reason(const WordFileContext& context, const PackingPlan& plan);
[[nodiscard]] std::string intel_hex_reason(const WordFileContext& context, const PackingPlan& plan);
[[nodiscard]] std::string c_header_reason(const WordFileContext& context, const PackingPlan& plan);

[[nodiscard]] FileWords decode_npy(std::string_view bytes, const std::string& where);
[[nodiscard]] FileWords decode_npz(std::string_view bytes, const std::string& where);
[[nodiscard]] FileWords decode_readmem(std::string_view bytes, const std::string& where, int radix);
[[nodiscard]] FileWords decode_coe(std::string_view bytes, const std::string& where);
[[nodiscard]] FileWords decode_mif(std::string_view bytes, const std::string& where);
[[nodiscard]] FileWords decode_intel_hex(std::string_view bytes, const std::string& where,
                                         std::optional<int> word_bits);
[[nodiscard]] FileWords decode_raw(std::string_view bytes, const std::string& where, bool big_endian,
                                   std::optional<int> word_bits);
[[nodiscard]] FileWords decode_csv(std::string_view bytes, const std::string& where);
[[nodiscard]] FileWords decode_hls4ml(std::string_view bytes, const std::string& where);
[[nodiscard]] FileWords decode_vitis_tv(std::string_view bytes, const std::string& where);
[[nodiscard]] FileWords decode_c_header(std::string_view bytes, const std::string& where);
[[nodiscard]] FileWords decode_finn(std::string_view bytes, const std::string& where, std::optional<int> word_bits);

// The bytes of one array as the writer streams them.
void encode_to(FileKind kind, const WordSource& source, const ByteSink& sink);
// InputError (`where` in front) when the kind cannot hold words of this format, shape and packing.
void check_encodable(FileKind kind, const WordFileContext& context, const std::string& where);

}  // namespace bittrue
