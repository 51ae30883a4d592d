// What kind of dump a file is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bittrue/vectors/dump.hpp"

namespace bittrue::dump {

struct KindOfDump {
    DumpKind kind = DumpKind::Words;
    std::optional<FileKind> file{};  // of Words, where it is known
};

// A name as in --as; InputError (`where` in front) lists the names.
[[nodiscard]] KindOfDump parse_kind(const std::string& name, const std::string& where);

// By name and first bytes. InputError when neither tells, or when they tell that it cannot be read (compressed, FST,
// GHW, WLF), with the remedy.
[[nodiscard]] KindOfDump detect_kind(const std::string& path);

}  // namespace bittrue::dump
