#include "import/keras_quantizers.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"

namespace bittrue::detail {

namespace {

using nlohmann::json;
using Kind = KerasQuantizer::Kind;

constexpr const char* kSupported = "quantized_bits, quantized_relu, binary and ternary are supported";
constexpr int kMaxBits = 32;
constexpr int kMaxInteger = 64;

const json* find(const json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto it = object.find(key);
    return it == object.end() || it->is_null() ? nullptr : &*it;
}

// Parameters in the order of QKeras' constructors.
std::vector<std::string> parameter_names(const std::string& name) {
    if (name == "quantized_bits")
        return {"bits",       "integer",      "symmetric", "keep_negative", "alpha", "use_stochastic_rounding",
                "scale_axis", "qnoise_factor"};
    if (name == "quantized_relu")
        return {"bits",
                "integer",
                "use_sigmoid",
                "negative_slope",
                "use_stochastic_rounding",
                "relu_upper_bound",
                "is_quantized_clip",
                "qnoise_factor"};
    if (name == "binary") return {"use_01", "alpha", "use_stochastic_rounding"};
    if (name == "ternary") return {"alpha", "threshold", "use_stochastic_rounding", "number_of_unrolls"};
    return {};
}

std::string trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\n");
    if (first == std::string_view::npos) return "";
    return std::string(text.substr(first, text.find_last_not_of(" \t\n") - first + 1));
}

json literal(const std::string& text) {
    if (text == "None") return nullptr;
    if (text == "True" || text == "False") return text == "True";
    if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') && text.back() == text.front())
        return text.substr(1, text.size() - 2);
    json number = json::parse(text.ends_with('.') ? text + "0" : text, nullptr, false);
    return number.is_number() ? number : json(text);
}

// "quantized_bits(6, 0, alpha=1)" as the object that a newer QKeras would have written.
json object_of(const std::string& text, const std::string& where) {
    const auto fail = [&] {
        return InputError(where, fmt::format("has the quantizer '{}', which cannot be understood", text));
    };
    const std::size_t open = text.find('(');
    const std::string name = trimmed(std::string_view(text).substr(0, open));
    json config = json::object();
    if (open != std::string::npos) {
        const std::size_t close = text.find(')', open);
        if (close == std::string::npos || !trimmed(std::string_view(text).substr(close + 1)).empty()) throw fail();
        const std::vector<std::string> names = parameter_names(name);
        std::size_t position = 0;
        for (std::size_t at = open + 1; at < close;) {
            const std::size_t end = std::min(text.find(',', at), close);
            const std::string argument = text.substr(at, end - at);
            const std::size_t equal = argument.find('=');
            const std::string key = equal == std::string::npos ? (position < names.size() ? names[position] : "")
                                                               : trimmed(std::string_view(argument).substr(0, equal));
            const std::string value =
                trimmed(std::string_view(argument).substr(equal == std::string::npos ? 0 : equal + 1));
            if (value.empty() || (key.empty() && !names.empty())) throw fail();
            config[key] = literal(value);
            ++position;
            at = end + 1;
        }
    }
    return {{"class_name", name}, {"config", config}};
}

// Class and configuration of a quantiser field, as a layer whose fields can be read.
std::optional<KerasLayer> serialised(const KerasLayer& layer, const char* key) {
    const json* value = find(layer.config, key);
    if (value == nullptr) return std::nullopt;
    const json object = value->is_string() ? object_of(value->get<std::string>(), layer.where) : *value;
    const json* name = find(object, "class_name");
    if (name == nullptr || !name->is_string())
        throw InputError(layer.where, fmt::format("has a {} that cannot be understood; {}", key, kSupported));
    KerasLayer inner;
    inner.class_name = name->get<std::string>();
    if (const std::size_t dot = inner.class_name.rfind('.'); dot != std::string::npos)
        inner.class_name.erase(0, dot + 1);  // "qkeras.quantizers.quantized_bits"
    inner.where = fmt::format("{}: {} {}", layer.where, key, inner.class_name);
    const json* config = find(object, "config");
    inner.config = config == nullptr || !config->is_object() ? json::object() : *config;
    return inner;
}

// QKeras' flags are true, 1 or 1.0.
bool flag(const KerasLayer& q, const char* key, bool otherwise) {
    const json* value = find(q.config, key);
    if (value != nullptr && value->is_number()) return value->get<double>() != 0;
    return bool_field(q, key, otherwise);
}

int small_int(const KerasLayer& q, const char* key, int otherwise, int least, int most) {
    const double n = number_field(q, key, otherwise);
    if (n != std::floor(n) || n < least || n > most)
        throw InputError(q.where, fmt::format("'{}' must be an integer from {} to {}, not {}", key, least, most, n));
    return static_cast<int>(n);
}

void read_alpha(const KerasLayer& q, KerasQuantizer& result, bool trainable) {
    const json* alpha = find(q.config, "alpha");
    if (alpha == nullptr) {
        result.scaled = trainable;
        if (trainable) result.symmetric = true;
        return;
    }
    if (alpha->is_string()) {
        const auto text = alpha->get<std::string>();
        if (text == "auto")
            throw InputError(q.where,
                             "has alpha 'auto', a real scale per channel that is no fixed point; train with "
                             "'auto_po2' or 1");
        if (text != "auto_po2")
            throw InputError(q.where, fmt::format("has alpha '{}'; a number and 'auto_po2' are supported", text));
        result.scaled = result.symmetric = true;
        return;
    }
    result.alpha = number_field(q, "alpha", 1);
    if (!(result.alpha > 0) || result.alpha > 1e9 || result.alpha < 1e-9)
        throw InputError(q.where, fmt::format("has alpha {}, which must be positive", result.alpha));
}

KerasQuantizer read_bits(const KerasLayer& q, bool trainable) {
    KerasQuantizer result;
    result.bits = small_int(q, "bits", 8, 1, kMaxBits);
    result.integer = small_int(q, "integer", 0, -kMaxInteger, kMaxInteger);
    result.symmetric = flag(q, "symmetric", false);
    result.keep_negative = flag(q, "keep_negative", true);
    read_alpha(q, result, trainable);
    if (result.bits > (result.keep_negative ? 1 : 0)) return result;
    if (result.scaled)
        throw InputError(q.where, "has 1 bit and a scale of its own, of which QKeras makes zeros; use binary instead");
    result.kind = Kind::Binary;
    return result;
}

KerasQuantizer read_relu(const KerasLayer& q) {
    KerasQuantizer result;
    result.kind = Kind::Relu;
    result.keep_negative = false;
    result.bits = small_int(q, "bits", 8, 1, kMaxBits);
    result.integer = small_int(q, "integer", 0, -kMaxInteger, kMaxInteger);
    if (flag(q, "use_sigmoid", false)) throw InputError(q.where, "uses a sigmoid, which is not supported");
    if (number_field(q, "negative_slope", 0) != 0)
        throw InputError(q.where, "has a negative slope, which is not supported; use a LeakyReLU and quantized_bits");
    return result;
}

KerasQuantizer read_ternary(const KerasLayer& q, bool trainable) {
    KerasQuantizer result;
    result.kind = Kind::Ternary;
    read_alpha(q, result, trainable);
    if (result.scaled && find(q.config, "threshold") != nullptr)
        throw InputError(q.where, "has a threshold beside alpha 'auto_po2', of which QKeras allows one");
    result.threshold = static_cast<float>(number_field(q, "threshold", 0.33));
    if (!(result.threshold > 0) || !std::isfinite(result.threshold))
        throw InputError(q.where, "has a threshold that is not positive");
    return result;
}

}  // namespace

std::optional<KerasQuantizer> quantizer_field(const KerasLayer& layer, const char* key, bool trainable) {
    const std::optional<KerasLayer> q = serialised(layer, key);
    if (!q) return std::nullopt;
    if (number_field(*q, "qnoise_factor", 1) != 1)
        throw InputError(q->where,
                         "has a qnoise_factor other than 1, which leaves the numbers between real and "
                         "quantised; finish the training at 1");
    if (q->class_name == "quantized_bits") return read_bits(*q, trainable);
    if (q->class_name == "quantized_relu") return read_relu(*q);
    if (q->class_name == "ternary") return read_ternary(*q, trainable);
    if (q->class_name == "binary") {
        KerasQuantizer result;
        result.kind = Kind::Binary;
        result.zero_one = flag(*q, "use_01", false);
        read_alpha(*q, result, trainable);
        return result;
    }
    throw InputError(layer.where, fmt::format("has the {} '{}'; {}", key, q->class_name, kSupported));
}

bool holds_quantizer(const KerasLayer& layer, const char* key) {
    const json* value = find(layer.config, key);
    if (value == nullptr) return false;
    const auto known = [](const std::string& name) {
        return name.find("quantized_") != std::string::npos || name.starts_with("stochastic_") ||
               !parameter_names(name.substr(0, name.find('('))).empty() || name == "bernoulli";
    };
    if (value->is_string()) return known(value->get<std::string>());
    const json* name = find(*value, "class_name");
    return name != nullptr && name->is_string() && known(name->get<std::string>());
}

}  // namespace bittrue::detail
