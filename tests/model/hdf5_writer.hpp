// Makes HDF5 files as Keras writes them, through the HDF5 library itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bittrue::test {

class Hdf5Writer {
public:
    explicit Hdf5Writer(const std::string& path);
    Hdf5Writer(const Hdf5Writer&) = delete;
    Hdf5Writer& operator=(const Hdf5Writer&) = delete;
    ~Hdf5Writer();

    void group(const std::string& name);
    void text(const std::string& group, const std::string& name, const std::string& value, bool variable);
    void texts(const std::string& group, const std::string& name, const std::vector<std::string>& values,
               bool variable);
    // float32, groups in between are made.
    void array(const std::string& name, const std::vector<std::uint64_t>& dims, const std::vector<double>& values);
    // Nothing is written: reading would give the fill value.
    void unwritten(const std::string& name, const std::vector<std::uint64_t>& dims);
    void number(const std::string& group, const std::string& name, double value);

private:
    std::int64_t file_ = -1;
};

struct KerasArray {
    std::string name;  // "dense/kernel:0"
    std::vector<std::uint64_t> dims;
    std::vector<double> values;
};
struct KerasWeights {
    std::string layer;
    std::vector<KerasArray> arrays;
};
struct KerasStyle {
    bool whole = true;     // groups below model_weights and the configuration in the file
    bool variable = true;  // variable-length strings
    bool chunked = false;  // layer_names0, layer_names1, ...
    std::string version = "2.4.0";
};
void write_keras(const std::string& path, const std::string& config, const std::vector<KerasWeights>& weights,
                 const KerasStyle& style = {});

}  // namespace bittrue::test
