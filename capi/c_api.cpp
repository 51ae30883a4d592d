// The functions of bittrue.h: null pointers, statuses and sentences. Nothing may be thrown out of here.
#include <exception>
#include <new>
#include <string>

// Everything else in this library is hidden.
#pragma GCC visibility push(default)
#include "bittrue.h"
#pragma GCC visibility pop
#include "bittrue/model/error.hpp"
#include "live_network.hpp"

using bittrue::InputError;
using bittrue::capi::LiveNetwork;
using bittrue::capi::Outcome;

struct bittrue_network {
    explicit bittrue_network(const char* file) : live(file) {}
    LiveNetwork live;
    mutable std::string message{};
};

namespace {

thread_local std::string no_network_message;

// Text may need memory that is not there any more.
void say(std::string& message, const char* text) noexcept {
    try {
        message = text;
    } catch (...) {
        message.clear();
    }
}

// Inside of a catch block: the sentence of what was caught.
void say_caught(std::string& message) noexcept {
    try {
        throw;
    } catch (const InputError& error) {
        say(message, error.what());
    } catch (const std::bad_alloc&) {
        say(message, "out of memory");
    } catch (const std::exception& error) {
        try {
            message = std::string("a bug in bittrue: ") + error.what();
        } catch (...) {
            say(message, error.what());
        }
    } catch (...) {
        say(message, "a bug in bittrue: unknown exception");
    }
}

// work(network) with every failure as a sentence and a status.
template <typename Network, typename Work>
auto guarded(Network* network, Work work) noexcept -> decltype(work(*network)) {
    if (network == nullptr) {
        say(no_network_message, "the network is a null pointer; bittrue_open returns one");
        return BITTRUE_UNUSABLE;
    }
    try {
        return work(*network);
    } catch (...) {
        say_caught(network->message);
        return BITTRUE_UNUSABLE;
    }
}

int status_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::Equal: return BITTRUE_EQUAL;
        case Outcome::Different: return BITTRUE_DIFFERENT;
        case Outcome::Pending: return BITTRUE_PENDING;
    }
    return BITTRUE_UNUSABLE;
}

// A refused check must not be forgotten by the verdict.
template <typename Check>
int checked(bittrue_network* network, Check check) noexcept {
    return guarded(network, [&](bittrue_network& n) -> int {
        try {
            return status_of(check(n));
        } catch (const std::exception& error) {
            n.live.note_refused(error.what());
            throw;
        }
    });
}

}  // namespace

int bittrue_abi_version(void) {
    return BITTRUE_ABI_VERSION;
}

const char* bittrue_version(void) {
    return BITTRUE_VERSION;
}

bittrue_network* bittrue_open(const char* network_file) {
    try {
        if (network_file == nullptr) throw InputError("the name of the network file is a null pointer");
        return new bittrue_network(network_file);
    } catch (...) {
        say_caught(no_network_message);
        return nullptr;
    }
}

void bittrue_close(bittrue_network* network) {
    delete network;
}

const char* bittrue_message(const bittrue_network* network) {
    return network == nullptr ? no_network_message.c_str() : network->message.c_str();
}

int bittrue_layer_count(const bittrue_network* network) {
    return guarded(network, [](const bittrue_network& n) { return n.live.layer_count(); });
}

int bittrue_layer_index(const bittrue_network* network, const char* name) {
    return guarded(network, [name](const bittrue_network& n) {
        if (name == nullptr) throw InputError("the name of the layer is a null pointer");
        return n.live.layer_index(name);
    });
}

const char* bittrue_layer_name(const bittrue_network* network, int layer) {
    const char* name = nullptr;
    guarded(network, [&name, layer](const bittrue_network& n) -> int {
        name = n.live.layer_name(layer).c_str();
        return BITTRUE_EQUAL;
    });
    return name;
}

int64_t bittrue_layer_words(const bittrue_network* network, int layer) {
    return guarded(network, [layer](const bittrue_network& n) { return n.live.layer_words(layer); });
}

int bittrue_layer_width(const bittrue_network* network, int layer) {
    return guarded(network, [layer](const bittrue_network& n) { return n.live.layer_format(layer).width; });
}

int bittrue_layer_frac(const bittrue_network* network, int layer, int* frac) {
    return guarded(network, [layer, frac](const bittrue_network& n) -> int {
        if (frac == nullptr) throw InputError("the place for the fraction bits is a null pointer");
        *frac = n.live.layer_format(layer).frac();
        return BITTRUE_EQUAL;
    });
}

int bittrue_layer_signed(const bittrue_network* network, int layer) {
    return guarded(network, [layer](const bittrue_network& n) { return n.live.layer_format(layer).is_signed ? 1 : 0; });
}

int bittrue_push(bittrue_network* network, int64_t word) {
    return guarded(network, [word](bittrue_network& n) { return n.live.push(word) ? 1 : 0; });
}

int bittrue_push_values(bittrue_network* network, const double* values, int64_t count) {
    return guarded(network, [values, count](bittrue_network& n) {
        n.live.push_values(values, count);
        return 1;
    });
}

int64_t bittrue_images(const bittrue_network* network) {
    return guarded(network, [](const bittrue_network& n) { return n.live.images(); });
}

int bittrue_expected(bittrue_network* network, int layer, int64_t image, int64_t index, int64_t* word) {
    return guarded(network, [=](bittrue_network& n) -> int {
        if (word == nullptr) throw InputError("the place for the word is a null pointer");
        const std::int64_t* found = n.live.expected(layer, image, index);
        if (found == nullptr) {
            n.message = "image " + std::to_string(image) + " is pending: " + std::to_string(n.live.images()) +
                        " were pushed whole so far";
            return BITTRUE_PENDING;
        }
        *word = *found;
        return BITTRUE_EQUAL;
    });
}

int bittrue_keep(bittrue_network* network, int64_t images) {
    return guarded(network, [images](bittrue_network& n) -> int {
        n.live.keep(images);
        return BITTRUE_EQUAL;
    });
}

int bittrue_check(bittrue_network* network, int layer, int64_t word, int defined) {
    return checked(network, [=](bittrue_network& n) { return n.live.check(layer, word, defined != 0, n.message); });
}

int bittrue_check_bits(bittrue_network* network, int layer, const char* bits) {
    return checked(network, [=](bittrue_network& n) {
        if (bits == nullptr) throw InputError("the bits are a null pointer");
        return n.live.check_bits(layer, bits, n.message);
    });
}

int64_t bittrue_checked(const bittrue_network* network, int layer) {
    return guarded(network, [layer](const bittrue_network& n) { return n.live.checked(layer); });
}

int64_t bittrue_mismatches(const bittrue_network* network, int layer) {
    return guarded(network, [layer](const bittrue_network& n) { return n.live.mismatches(layer); });
}

int bittrue_reset(bittrue_network* network) {
    return guarded(network, [](bittrue_network& n) -> int {
        n.live.reset();
        n.message.clear();
        return BITTRUE_EQUAL;
    });
}

int bittrue_verdict(bittrue_network* network) {
    return guarded(network, [](bittrue_network& n) { return n.live.verdict(n.message) ? 0 : 1; });
}
