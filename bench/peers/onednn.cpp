// oneDNN: u8 words, s8 weights, sums of 32 bits, casts by a scale in float, all of which are exact here. It has no
// model of an accumulator. A relu and what is clamped are its post-operations; pools come behind the cast, which gives
// the same words (the cast is monotone) and is faster.
#include <cmath>
#include <stdexcept>

#include <omp.h>
#include <oneapi/dnnl/dnnl.hpp>

#include "peers.hpp"

namespace bench::peers {

namespace {

using dnnl::algorithm;
using dnnl::memory;
using Tag = memory::format_tag;
using Type = memory::data_type;

// The casts between one linear step and the next, as one: drop bits, clamp, and what of it is a shift to the left that
// need not be done, because it is exact (`up`: the words are 2^up times what is stored).
struct Behind {
    int drop = 0, up = 0;
    bool any = false, relu = false;
    std::int32_t low = 0, high = 0;

    void add(const Cast& cast) {
        if (!any) {
            *this = {.drop = cast.drop, .any = true, .relu = cast.relu, .low = cast.low, .high = cast.high};
            return;
        }
        if (cast.drop > 0) throw std::logic_error("two roundings in a row");
        up -= cast.drop;
        relu = relu || cast.relu;
        high = std::min(high, cast.high >> up);
        low = std::max(low, cast.low >> up);
    }
};

class OneDnn final : public Peer {
public:
    OneDnn(const Network& network, std::size_t batch) : network_(network), batch_(batch) {
        omp_set_num_threads(1);
        int up = 0;
        memory words(memory::desc(network_dims(), Type::u8, Tag::nhwc), engine_);
        input_ = words;
        for (std::size_t i = 0; i < network.steps.size(); ++i) {
            if (const auto* linear = std::get_if<Linear>(&network.steps[i])) {
                Behind behind;
                std::size_t next = i + 1;
                for (; next < network.steps.size() && !std::holds_alternative<Linear>(network.steps[next]); ++next)
                    if (const auto* cast = std::get_if<Cast>(&network.steps[next])) behind.add(*cast);
                if (!behind.any) throw std::logic_error("no cast behind the sum");
                words = add_linear(*linear, behind, up, words, next == network.steps.size());
                up = behind.up;
            } else if (const auto* pool = std::get_if<Pool>(&network.steps[i])) {
                words = add_pool(*pool, words);
            }
        }
        output_ = words;
        if (up != 0) throw std::logic_error("the output is shifted");
    }

    void run(const std::uint8_t* images, std::size_t count, std::int32_t* out) override {
        const auto inputs = static_cast<std::size_t>(network_.inputs);
        const auto outputs = static_cast<std::size_t>(network_.outputs);
        auto* to = static_cast<std::uint8_t*>(input_.get_data_handle());
        const auto* from = static_cast<const std::int8_t*>(output_.get_data_handle());
        for (std::size_t done = 0; done < count; done += batch_) {
            const std::size_t n = std::min(batch_, count - done);
            std::copy_n(images + done * inputs, n * inputs, to);
            for (auto& [primitive, arguments] : calls_) primitive.execute(stream_, arguments);
            stream_.wait();
            out = std::copy_n(from, n * outputs, out);
        }
    }

private:
    using Arguments = std::unordered_map<int, memory>;

    [[nodiscard]] memory::dims network_dims() const {
        const bittrue::Shape& shape = network_.graph.input.shape;
        return {static_cast<memory::dim>(batch_), shape.channels(), shape.height(), shape.width()};
    }

    // The weights as the primitive wants them.
    memory arranged(memory plain, const memory::desc& wanted) {
        if (plain.get_desc() == wanted) return plain;
        memory result(wanted, engine_);
        dnnl::reorder(plain, result).execute(stream_, plain, result);
        stream_.wait();
        return result;
    }
    template <class T>
    memory filled(const memory::desc& desc, const std::vector<T>& values) {
        memory result(desc, engine_);
        std::copy(values.begin(), values.end(), static_cast<T*>(result.get_data_handle()));
        return result;
    }

    memory add_linear(const Linear& l, const Behind& behind, int up, const memory& in, bool last) {
        // Words are 2^up times what is stored; so are sums, and the bias must be.
        std::vector<std::int32_t> bias = l.bias;
        for (auto& b : bias) {
            if (b % (1 << up) != 0) throw std::logic_error("a bias with too many bits");
            b /= 1 << up;
        }
        dnnl::primitive_attr attributes;
        attributes.set_output_scales(0, {std::ldexp(1.0F, up - behind.drop)});
        dnnl::post_ops post;
        const bool clipped = behind.relu || behind.low == 0;
        const std::int32_t low = clipped ? 0 : behind.low;
        post.append_eltwise(1.0F, algorithm::eltwise_clip, static_cast<float>(low), static_cast<float>(behind.high));
        attributes.set_post_ops(post);
        if (last == clipped) throw std::logic_error("signed words are for the output alone");
        const Type type = last ? Type::s8 : Type::u8;

        const memory::dim n = static_cast<memory::dim>(batch_);
        const memory::desc bias_desc({l.outputs}, Type::s32, Tag::x);
        const memory bias_memory = filled(bias_desc, bias);
        const auto call = [&](const auto& descriptor, const memory& plain_weights, const memory::desc& out_desc) {
            memory result(out_desc, engine_);
            const memory weights = arranged(plain_weights, descriptor.weights_desc());
            const memory source(descriptor.src_desc(), engine_, in.get_data_handle());
            sources_.push_back(in);
            add(descriptor, {{DNNL_ARG_SRC, source},
                             {DNNL_ARG_WEIGHTS, weights},
                             {DNNL_ARG_BIAS, bias_memory},
                             {DNNL_ARG_DST, result}});
            return result;
        };
        if (l.height == 1 && l.width == 1) {  // a map in storage order is a vector
            const memory::dims weight_dims{l.outputs, l.channels};
            const memory::desc out({n, l.outputs}, type, Tag::nc);
            const dnnl::inner_product_forward::desc op(dnnl::prop_kind::forward_inference,
                                                       memory::desc({n, l.channels}, Type::u8, Tag::nc),
                                                       memory::desc(weight_dims, Type::s8, Tag::any), bias_desc, out);
            const dnnl::inner_product_forward::primitive_desc d(op, attributes, engine_);
            return call(d, filled(memory::desc(weight_dims, Type::s8, Tag::io), l.weights), out);
        }
        const memory::dims weight_dims{l.outputs, l.channels, l.kernel_rows, l.kernel_columns};
        const memory::desc out({n, l.outputs, l.out_height, l.out_width}, type, Tag::nhwc);
        const dnnl::convolution_forward::desc op(dnnl::prop_kind::forward_inference, algorithm::convolution_direct,
                                                 memory::desc({n, l.channels, l.height, l.width}, Type::u8, Tag::nhwc),
                                                 memory::desc(weight_dims, Type::s8, Tag::any), bias_desc, out, {1, 1},
                                                 {l.pad, l.pad}, {l.pad, l.pad});
        const dnnl::convolution_forward::primitive_desc d(op, attributes, engine_);
        return call(d, filled(memory::desc(weight_dims, Type::s8, Tag::hwio), l.weights), out);
    }

    memory add_pool(const Pool& pool, const memory& in) {
        const memory::dim n = static_cast<memory::dim>(batch_);
        const memory::desc source({n, pool.channels, pool.height, pool.width}, Type::u8, Tag::nhwc);
        const memory::desc out({n, pool.channels, pool.height / 2, pool.width / 2}, Type::u8, Tag::nhwc);
        const dnnl::pooling_forward::desc op(dnnl::prop_kind::forward_inference, algorithm::pooling_max, source, out,
                                             {2, 2}, {2, 2}, {0, 0}, {0, 0});
        memory result(out, engine_);
        add(dnnl::pooling_forward::primitive_desc(op, engine_), {{DNNL_ARG_SRC, in}, {DNNL_ARG_DST, result}});
        return result;
    }

    template <class Descriptor>
    void add(const Descriptor& descriptor, Arguments arguments) {
        calls_.emplace_back(dnnl::primitive(descriptor.get()), std::move(arguments));
    }

    const Network& network_;
    std::size_t batch_;
    dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream_{engine_};
    std::vector<memory> sources_{};  // own what views of another shape read
    std::vector<std::pair<dnnl::primitive, Arguments>> calls_{};
    memory input_{}, output_{};
};

}  // namespace

std::unique_ptr<Peer> make_onednn(const Network& network, std::size_t batch) {
    return std::make_unique<OneDnn>(network, batch);
}

}  // namespace bench::peers
