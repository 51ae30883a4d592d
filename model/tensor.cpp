#include "bittrue/model/tensor.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bittrue {

std::int64_t element_count(const Dims& dims) {
    std::int64_t count = 1;
    for (const std::int64_t d : dims) count *= d;
    return count;
}

std::string print_dims(const Dims& dims) {
    return fmt::format("{}", fmt::join(dims, "x"));
}

std::int64_t Shape::channels() const {
    switch (layout) {
        case Layout::Vector: return count();
        case Layout::Hwc: return dims[2];
        case Layout::Chw: return dims[0];
    }
    return 0;
}

std::int64_t Shape::height() const {
    switch (layout) {
        case Layout::Vector: return 1;
        case Layout::Hwc: return dims[0];
        case Layout::Chw: return dims[1];
    }
    return 0;
}

std::int64_t Shape::width() const {
    switch (layout) {
        case Layout::Vector: return 1;
        case Layout::Hwc: return dims[1];
        case Layout::Chw: return dims[2];
    }
    return 0;
}

std::int64_t Shape::channel_of(std::int64_t element) const {
    switch (layout) {
        case Layout::Vector: return element;
        case Layout::Hwc: return element % dims[2];
        case Layout::Chw: return element / (dims[1] * dims[2]);
    }
    return 0;
}

std::int64_t Shape::index(std::int64_t c, std::int64_t y, std::int64_t x) const {
    switch (layout) {
        case Layout::Vector: return c;
        case Layout::Hwc: return (y * dims[1] + x) * dims[2] + c;
        case Layout::Chw: return (c * dims[1] + y) * dims[2] + x;
    }
    return 0;
}

Shape make_map(Layout layout, std::int64_t channels, std::int64_t height, std::int64_t width) {
    switch (layout) {
        case Layout::Vector: return {.layout = layout, .dims = {channels * height * width}};
        case Layout::Hwc: return {.layout = layout, .dims = {height, width, channels}};
        case Layout::Chw: return {.layout = layout, .dims = {channels, height, width}};
    }
    return {};
}

}  // namespace bittrue
