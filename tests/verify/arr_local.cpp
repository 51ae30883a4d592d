#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wconversion"
#include <bit>
#include <stdexcept>
#include <map>
#include "evidence.hpp"
#include "variant.hpp"
namespace bittrue::diagnose_detail {
const TensorWords& Subject::tensor(const std::string& name) const {
    for (const auto& g : chain.given) if (g.name == name) return g;
    for (const auto& g : answers) if (g.name == name) return g;
    throw std::logic_error("no tensor " + name);
}
Evidence evidence_of(const Subject& s) {
    Evidence e; const Shape& sh = s.last().shape; e.by_channel.resize(sh.channels()); e.by_image.resize(s.images);
    for (size_t i = 0; i < s.actual.size(); ++i) { ++e.words; if (s.actual[i]==s.expected()[i]) continue; ++e.different;
      auto x = pattern_from_word(s.actual[i], s.last().result.format), y = pattern_from_word(s.expected()[i], s.last().result.format);
      for (int b=0;b<64;++b) if ((x^y)>>b&1) { ++e.bit[b]; if (x>>b&1) ++e.bit_set[b]; }
      if (std::popcount(x^y)==1) ++e.one_bit;
      ++e.by_channel[sh.channel_of(i % sh.count())]; ++e.by_image[i / sh.count()]; }
    return e;
}
std::vector<std::int64_t> run(const Variant& v, const Datapath& d) {
    Chain c; c.given = v.chain.given; std::vector<std::int64_t> words;
    for (size_t k = 0; k < v.chain.nodes.size(); ++k) {
        c.nodes = {v.chain.nodes[k]}; TensorWords out;
        if ((int)k == v.instead_node) { std::vector<const TensorWords*> in; for (auto& n : c.nodes[0].inputs) for (auto& g : c.given) if (g.name == n) in.push_back(&g);
            out.name = c.nodes[0].name; out.shape = c.nodes[0].shape; out.images = c.given[0].images; out.words = v.instead(c.nodes[0], in); }
        else if ((int)k == v.fault_node) out = d.run_faulty(c, 0, v.fault, nullptr).back();
        else out = d.run(c).back();
        out.type = {.format = c.nodes[0].result.format}; words = out.words; c.given.push_back(out);
    }
    for (auto& f : v.after) f(words);
    return words;
}
}
