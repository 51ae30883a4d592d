// A C++ main that calls the function to be synthesised, image by image. Only what it returns can be seen.
#include <fmt/core.h>

#include "bittrue/model/error.hpp"
#include "cpp.hpp"
#include "templates.hpp"

namespace bittrue::testbench {
namespace {

void refuse_what_a_function_has_not(const Plan& plan) {
    for (const Boundary& b : plan.boundaries) {
        if (b.is_checked && !b.is_output) {
            throw InputError(b.where, "cannot be checked: a function shows only its result, that is layer '" +
                                          plan.output().name + "'; leave this one out of `layers`");
        }
        if (b.packing.axis) {
            throw InputError(b.where, "packing axis is for streams; an array has no TKEEP and TLAST");
        }
    }
    if (!plan.output().is_checked) {
        throw InputError("testbench", "the result of the function is not checked: nothing would be");
    }
    const std::string& module = plan.options.module;
    if (module.find_first_of("$.[]") != std::string::npos) {
        throw InputError("testbench", "'" + module + "' is no name of a function");
    }
}

}  // namespace

std::vector<SetFile> hls_files(const Plan& plan) {
    refuse_what_a_function_has_not(plan);
    Fields fields;
    fields.texts = {{"module", plan.options.module},
                    {"network", cpp_comment(plan.network)},
                    {"images", std::to_string(plan.images)},
                    {"input_words", std::to_string(plan.input().plan.words)},
                    {"input_bits", std::to_string(plan.input().plan.total_bits)},
                    {"output_words", std::to_string(plan.output().plan.words)},
                    {"output_bits", std::to_string(plan.output().plan.total_bits)}};
    fields.lists["input"] = {cpp_boundary(plan.input())};
    fields.lists["output"] = {cpp_boundary(plan.output())};
    std::vector<SetFile> files = cpp_common_files();
    const auto add = [&](const std::string& path, const char* name) {
        files.push_back({.path = "tb/" + path, .bytes = fill_in(template_text(name), fields)});
    };
    add("README.md", "hls_readme.md");
    add("bittrue_bits.hpp", "hls_bits.hpp");
    add(plan.options.module + "_tb.cpp", "hls_main.cpp");
    return files;
}

}  // namespace bittrue::testbench
