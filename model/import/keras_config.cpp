#include "import/keras_config.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "bittrue/model/error.hpp"

namespace bittrue::detail {

namespace {

using nlohmann::json;

constexpr int kMaxInteger = 1 << 20;
constexpr int kMaxDepth = 200;

const json* find(const json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto it = object.find(key);
    return it == object.end() || it->is_null() ? nullptr : &*it;
}

std::string need_text(const json& object, const char* key, const std::string& where) {
    const json* value = find(object, key);
    if (value == nullptr || !value->is_string())
        throw InputError(where, fmt::format("the model configuration lacks the text '{}'; save the model again", key));
    return value->get<std::string>();
}

// Keras 2: [[["conv", 0, 0, {}], ...], ...]; Keras 3: objects with "keras_history": ["conv", 0, 0] somewhere inside.
void collect_history(const json& value, std::vector<std::string>& names, int depth) {
    if (depth > 32) return;
    if (value.is_object()) {
        for (const auto& [key, inner] : value.items()) {
            if (key == "keras_history" && inner.is_array() && !inner.empty() && inner[0].is_string())
                names.push_back(inner[0].get<std::string>());
            else
                collect_history(inner, names, depth + 1);
        }
    } else if (value.is_array()) {
        for (const json& inner : value) collect_history(inner, names, depth + 1);
    }
}

std::vector<std::string> inbound(const json& layer, const std::string& where) {
    const json* nodes = find(layer, "inbound_nodes");
    if (nodes == nullptr || !nodes->is_array() || nodes->empty()) return {};
    if (nodes->size() > 1)
        throw InputError(where, "is used at several places; shared layers are not supported, copy the layer");
    const json& node = (*nodes)[0];
    std::vector<std::string> names;
    collect_history(node, names, 0);
    if (!names.empty()) return names;
    if (!node.is_array()) throw InputError(where, "has inbound_nodes that cannot be understood");
    for (const json& entry : node) {
        if (!entry.is_array() || entry.empty() || !entry[0].is_string())
            throw InputError(where, "has inbound_nodes that cannot be understood");
        names.push_back(entry[0].get<std::string>());
    }
    return names;
}

KerasLayer make_layer(const json& entry, const std::string& where) {
    KerasLayer layer;
    layer.class_name = need_text(entry, "class_name", where);
    const json* config = find(entry, "config");
    if (config == nullptr || !config->is_object()) {
        throw InputError(where,
                         fmt::format("a layer of class {} has no configuration (nested models are not supported)",
                                     layer.class_name));
    }
    layer.config = *config;
    layer.name =
        find(entry, "name") != nullptr ? need_text(entry, "name", where) : need_text(layer.config, "name", where);
    layer.where = fmt::format("{}: layer '{}' ({})", where, layer.name, layer.class_name);
    layer.inputs = inbound(entry, layer.where);
    return layer;
}

void read_sequential(const json& body, const json& list, KerasConfig& config, const std::string& where) {
    for (const json& entry : list) {
        KerasLayer layer = make_layer(entry, where);
        if (config.layers.empty() && layer.class_name != "InputLayer") {
            const json* shape = find(layer.config, "batch_input_shape");
            if (shape == nullptr) shape = find(layer.config, "batch_shape");
            if (shape == nullptr) shape = find(body, "build_input_shape");
            if (shape == nullptr)
                throw InputError(layer.where,
                                 "is the first layer of a Sequential model but has no batch_input_shape; build the "
                                 "model before saving it");
            KerasLayer input;
            input.name = layer.name + "_input";
            input.class_name = "InputLayer";
            input.config = {{"batch_input_shape", *shape}};
            input.where = layer.where;
            config.layers.push_back(std::move(input));
        }
        if (!config.layers.empty()) layer.inputs = {config.layers.back().name};
        config.layers.push_back(std::move(layer));
    }
    if (!config.layers.empty()) config.output = config.layers.back().name;
}

std::string only_end(const json& config, const char* key, const std::string& where) {
    const json* ends = find(config, key);
    if (ends == nullptr || !ends->is_array() || ends->empty())
        throw InputError(where, fmt::format("the model configuration lacks '{}'", key));
    if ((*ends)[0].is_string()) return (*ends)[0].get<std::string>();
    if (ends->size() != 1 || !(*ends)[0].is_array() || (*ends)[0].empty() || !(*ends)[0][0].is_string()) {
        throw InputError(where, fmt::format("the model has {} {}; networks with one input and one output are supported",
                                            ends->size(), key));
    }
    return (*ends)[0][0].get<std::string>();
}

// Keras 3 numbers the layers of a class in the order of the file, whatever their names.
void name_groups(std::vector<KerasLayer>& layers) {
    std::map<std::string, int> used;
    for (KerasLayer& l : layers) {
        l.group = snake_case(l.class_name);
        const int number = used[l.group]++;
        if (number > 0) l.group += fmt::format("_{}", number);
    }
}

// Inputs in front, otherwise in the order of the file.
void sort_layers(std::vector<KerasLayer>& layers, const std::string& where) {
    std::set<std::string> names;
    for (const KerasLayer& l : layers) {
        if (!names.insert(l.name).second) throw InputError(l.where, "has the same name as another layer");
    }
    for (const KerasLayer& l : layers) {
        for (const std::string& i : l.inputs) {
            if (!names.contains(i))
                throw InputError(l.where, fmt::format("reads '{}', which is not a layer of the model", i));
        }
    }
    std::set<std::string> done;
    std::vector<KerasLayer> sorted;
    while (sorted.size() < layers.size()) {
        const std::size_t before = sorted.size();
        for (KerasLayer& l : layers) {
            if (done.contains(l.name)) continue;
            if (!std::all_of(l.inputs.begin(), l.inputs.end(), [&](const std::string& i) { return done.contains(i); }))
                continue;
            done.insert(l.name);
            sorted.push_back(l);
        }
        if (sorted.size() == before) throw InputError(where, "the layers of the model read each other in a circle");
    }
    layers = std::move(sorted);
}

int checked_int(const KerasLayer& layer, const char* key, const json& value, int least) {
    const bool whole = value.is_number_integer() ||
                       (value.is_number_float() && std::floor(value.get<double>()) == value.get<double>());
    const double number = whole ? value.get<double>() : -1e9;
    if (!whole || number < least || number > kMaxInteger)
        throw InputError(layer.where,
                         fmt::format("'{}' must be an integer of at least {}, not {}", key, least, value.dump()));
    return static_cast<int>(number);
}

// The JSON library copies values recursively, so the depth must be limited before it sees them.
bool nests_too_deeply(const std::string& text) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '\\')
            ++i;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '[' || c == '{') && ++depth > kMaxDepth)
            return true;
        else if (!quoted && (c == ']' || c == '}'))
            --depth;
    }
    return false;
}

json parse_json(const std::string& text, const std::string& where) {
    if (nests_too_deeply(text))
        throw InputError(
            where,
            fmt::format("the model configuration nests more than {} levels deep, as no Keras model does", kMaxDepth));
    return json::parse(text, nullptr, false);
}

}  // namespace

KerasConfig parse_keras_config(const std::string& text, const std::string& where) {
    json root = parse_json(text, where);
    if (root.is_string()) root = parse_json(root.get<std::string>(), where);
    if (root.is_discarded())
        throw InputError(where, "the model configuration is not valid JSON, perhaps cut off; save the model again");
    const json* nested = find(root, "model_config");
    if (nested != nullptr && nested->is_string())
        root = parse_json(nested->get<std::string>(), where);
    else if (nested != nullptr)
        root = json(*nested);
    if (root.is_discarded())
        throw InputError(where, "the model configuration is not valid JSON, perhaps cut off; save the model again");
    KerasConfig config;
    const json* version = find(root, "keras_version");
    if (version != nullptr && version->is_string()) config.version = version->get<std::string>();
    if (config.version.starts_with("1."))
        throw InputError(where, "was saved by Keras 1; load it with Keras 2 and save it again");
    const std::string kind = need_text(root, "class_name", where);
    const json* body = find(root, "config");
    if (body == nullptr) throw InputError(where, "the model configuration lacks 'config'");
    const json* layers = body->is_array() ? body : find(*body, "layers");
    if (layers == nullptr || !layers->is_array())
        throw InputError(where, "the model configuration lacks its list of layers");
    config.name = find(*body, "name") != nullptr ? need_text(*body, "name", where) : "network";
    if (kind == "Sequential") {
        read_sequential(*body, *layers, config, where);
    } else if (kind == "Functional" || kind == "Model") {
        for (const json& entry : *layers) config.layers.push_back(make_layer(entry, where));
        only_end(*body, "input_layers", where);
        config.output = only_end(*body, "output_layers", where);
    } else {
        throw InputError(where,
                         fmt::format("the model is of class {}; Sequential and Functional models are supported", kind));
    }
    name_groups(config.layers);
    sort_layers(config.layers, where);
    const auto inputs = std::count_if(config.layers.begin(), config.layers.end(),
                                      [](const KerasLayer& l) { return l.class_name == "InputLayer"; });
    if (inputs != 1)
        throw InputError(
            where,
            fmt::format("the model has {} input layers; networks with one input and one output are supported", inputs));
    const auto input = std::find_if(config.layers.begin(), config.layers.end(),
                                    [](const KerasLayer& l) { return l.class_name == "InputLayer"; });
    std::rotate(config.layers.begin(), input, input + 1);
    for (const KerasLayer& l : config.layers) {
        if (l.class_name != "InputLayer" && l.inputs.empty()) throw InputError(l.where, "has no input");
    }
    const bool known = std::any_of(config.layers.begin(), config.layers.end(),
                                   [&](const KerasLayer& l) { return l.name == config.output; });
    if (!known) throw InputError(where, fmt::format("the model's output '{}' is not one of its layers", config.output));
    return config;
}

bool is_null(const KerasLayer& layer, const char* key) {
    return find(layer.config, key) == nullptr;
}

std::string text_field(const KerasLayer& layer, const char* key, const std::string& otherwise) {
    const json* value = find(layer.config, key);
    if (value == nullptr) return otherwise;
    if (!value->is_string())
        throw InputError(layer.where, fmt::format("'{}' must be a text, not {}", key, value->dump()));
    return value->get<std::string>();
}

bool bool_field(const KerasLayer& layer, const char* key, bool otherwise) {
    const json* value = find(layer.config, key);
    if (value == nullptr) return otherwise;
    if (!value->is_boolean())
        throw InputError(layer.where, fmt::format("'{}' must be true or false, not {}", key, value->dump()));
    return value->get<bool>();
}

double number_field(const KerasLayer& layer, const char* key, double otherwise) {
    const json* value = find(layer.config, key);
    if (value != nullptr && value->is_object()) value = find(*value, "value");  // {"type": "ndarray", "value": 0.3}
    if (value == nullptr) return otherwise;
    if (!value->is_number() || !std::isfinite(value->get<double>()))
        throw InputError(layer.where, fmt::format("'{}' must be a number, not {}", key, value->dump()));
    return value->get<double>();
}

int int_field(const KerasLayer& layer, const char* key, int otherwise) {
    const json* value = find(layer.config, key);
    return value == nullptr ? otherwise : checked_int(layer, key, *value, 0);
}

std::vector<double> numbers_field(const KerasLayer& layer, const char* key, double otherwise) {
    const json* value = find(layer.config, key);
    if (value == nullptr || !value->is_array()) return {number_field(layer, key, otherwise)};
    std::vector<double> numbers;
    for (const json& n : *value) {
        if (!n.is_number() || !std::isfinite(n.get<double>()))
            throw InputError(layer.where, fmt::format("'{}' must be numbers, not {}", key, value->dump()));
        numbers.push_back(n.get<double>());
    }
    if (numbers.empty()) throw InputError(layer.where, fmt::format("'{}' has no numbers", key));
    return numbers;
}

bool has_one_axis(const KerasLayer& layer) {
    return layer.class_name.ends_with("1D");
}

std::array<int, 2> pair_field(const KerasLayer& layer, const char* key, std::array<int, 2> otherwise) {
    const json* value = find(layer.config, key);
    if (has_one_axis(layer)) {
        if (value == nullptr) return {1, otherwise[1]};
        if (!value->is_array()) return {1, checked_int(layer, key, *value, 1)};
        if (value->size() != 1)
            throw InputError(layer.where, fmt::format("'{}' must have one number, not {}", key, value->dump()));
        return {1, checked_int(layer, key, (*value)[0], 1)};
    }
    if (value == nullptr) return otherwise;
    if (!value->is_array()) return {checked_int(layer, key, *value, 1), checked_int(layer, key, *value, 1)};
    if (value->size() != 2)
        throw InputError(layer.where, fmt::format("'{}' must have two numbers, not {}", key, value->dump()));
    return {checked_int(layer, key, (*value)[0], 1), checked_int(layer, key, (*value)[1], 1)};
}

Shape shape_field(const KerasLayer& layer, const json& value, bool batch_axis, const MapStyle& style) {
    const auto fail = [&] {
        return InputError(
            layer.where, fmt::format("has the shape {}; vectors and maps of up to three axes, all known, are supported",
                                     value.dump()));
    };
    if (!value.is_array() || value.size() < (batch_axis ? 2U : 1U) || value.size() > (batch_axis ? 4U : 3U))
        throw fail();
    Dims dims;
    for (std::size_t a = batch_axis ? 1 : 0; a < value.size(); ++a) {
        if (!value[a].is_number_integer() || value[a] < 1 || value[a] > (1 << 30)) throw fail();
        dims.push_back(value[a].get<std::int64_t>());
    }
    if (dims.size() == 1) return {.layout = Layout::Vector, .dims = dims};
    if (dims.size() == 2) dims.insert(dims.begin() + missing_axis(style), 1);
    return {.layout = style.layout, .dims = dims};
}

int missing_axis(const MapStyle& style) {
    const bool first = style.layout == Layout::Chw;
    if (style.rows) return first ? 1 : 0;
    return first ? 0 : 2;
}

std::string snake_case(const std::string& class_name) {
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    std::string words;  // a capital followed by small letters begins a word
    for (std::size_t i = 0; i < class_name.size();) {
        words += class_name[i++];
        if (i + 1 >= class_name.size() || !upper(class_name[i]) || !lower(class_name[i + 1])) continue;
        words += '_';
        words += class_name[i++];
        while (i < class_name.size() && lower(class_name[i])) words += class_name[i++];
    }
    std::string result;  // and so does a capital behind a small letter
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0 && lower(words[i - 1]) && upper(words[i])) result += '_';
        result += upper(words[i]) ? static_cast<char>(words[i] - 'A' + 'a') : words[i];
    }
    return result;
}

}  // namespace bittrue::detail
