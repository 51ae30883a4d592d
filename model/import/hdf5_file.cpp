#include "import/hdf5_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <exception>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bittrue/model/error.hpp"
#include "import/hdf5_reader.hpp"
#include "import/hdf5_wire.hpp"

namespace bittrue::detail {

namespace {

constexpr char kGroup = 'g', kText = 't', kTexts = 's', kArrays = 'a';                // questions
constexpr char kAnswer = 'v', kInputError = 'e', kNoMemory = 'm', kOtherError = 'x';  // what comes back
constexpr std::uint64_t kSeconds = 5, kBytesPerSecond = std::uint64_t{5} << 20;       // of computing, then it hangs

void send_strings(const Wire& wire, const std::vector<std::string>& all) {
    wire.send_number(all.size());
    for (const std::string& one : all) wire.send_text(one);
}

void answer(const Wire& wire, const Hdf5Reader& file, char question, const std::string& group,
            const std::string& attribute) {
    const auto begin = [&] { wire.send(&kAnswer, 1); };
    switch (question) {
        case kGroup: {
            const bool has = file.has_group(group);
            begin();
            wire.send_number(has ? 1 : 0);
            return;
        }
        case kText: {
            const std::optional<std::string> text = file.text(group, attribute);
            begin();
            wire.send_number(text ? 1 : 0);
            if (text) wire.send_text(*text);
            return;
        }
        case kTexts: {
            const std::optional<std::vector<std::string>> texts = file.texts(group, attribute);
            begin();
            wire.send_number(texts ? 1 : 0);
            if (texts) send_strings(wire, *texts);
            return;
        }
        case kArrays: {
            const std::vector<NamedReals> arrays = file.arrays(group);
            begin();
            wire.send_number(arrays.size());
            for (const NamedReals& a : arrays) {
                wire.send_text(a.name);
                wire.send_elements(a.tensor.dims);
                wire.send_elements(a.tensor.values);
            }
            return;
        }
        default: throw std::logic_error("no such question to an HDF5 file");
    }
}

// Sends what was thrown, where `work` throws.
template <class Work>
bool passes_on(const Wire& wire, const Work& work) {
    try {
        work();
        return true;
    } catch (const InputError& e) {
        wire.send(&kInputError, 1);
        wire.send_text(e.what());
    } catch (const std::bad_alloc&) {
        wire.send(&kNoMemory, 1);
    } catch (const std::exception& e) {
        wire.send(&kOtherError, 1);
        wire.send_text(e.what());
    }
    return false;
}

void read_for(const Wire& wire, const std::string& path, const std::string* bytes) {
    std::optional<Hdf5Reader> file;
    const bool open = passes_on(wire, [&] { bytes != nullptr ? file.emplace(path, *bytes) : file.emplace(path); });
    if (!open) return;
    wire.send(&kAnswer, 1);
    for (;;) {
        char question = 0;
        wire.receive(&question, 1);
        const std::string group = wire.text(), attribute = wire.text();
        passes_on(wire, [&] { answer(wire, *file, question, group, attribute); });
    }
}

// Of the new process: a crash is silent, leaves no core and calls no handler of the program; endless work ends.
void expect_crashes(std::uint64_t size) {
    for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGINT, SIGTERM, SIGXCPU})
        std::signal(signal, SIG_DFL);
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    const rlimit seconds{kSeconds + size / kBytesPerSecond, kSeconds + 1 + size / kBytesPerSecond};
    setrlimit(RLIMIT_CPU, &seconds);
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) dup2(nowhere, STDOUT_FILENO), dup2(nowhere, STDERR_FILENO);
}

}  // namespace

Hdf5File::Hdf5File(const std::string& path) : path_(path) {
    start(nullptr);
}

Hdf5File::Hdf5File(std::string path, const std::string& bytes) : path_(std::move(path)) {
    start(&bytes);
}

void Hdf5File::start(const std::string* bytes) {
    std::error_code unknown;
    std::uint64_t size = bytes != nullptr ? bytes->size() : std::filesystem::file_size(path_, unknown);
    if (unknown) size = 0;
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw InputError(path_, "cannot be read, there are too many open files");
    reader_ = ::fork();
    if (reader_ == 0) {
        expect_crashes(size);
        ::close(ends[0]);
        try {
            read_for(Wire(ends[1]), path_, bytes);
        } catch (...) {  // nobody asks any more
        }
        ::_exit(0);
    }
    ::close(ends[1]);
    socket_ = ends[0];
    if (reader_ < 0) {
        ::close(socket_);
        throw InputError(path_, "cannot be read, the system allows no further process");
    }
    try {
        hear();
    } catch (...) {
        stop();
        throw;
    }
}

// It has nothing to put in order, and may be busy for ever.
void Hdf5File::stop() {
    ::close(socket_);
    ::kill(reader_, SIGKILL);
    while (::waitpid(reader_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

Hdf5File::~Hdf5File() {
    stop();
}

template <class Receive>
auto Hdf5File::whole(const Receive& receive) const {
    try {
        return receive(Wire(socket_));
    } catch (const WireCut&) {
        throw InputError(path_, "is damaged so badly that the HDF5 library fails on it; copy or save it again");
    }
}

void Hdf5File::ask(char question, const std::string& group, const std::string& attribute) const {
    const Wire wire(socket_);
    try {
        wire.send(&question, 1);
        wire.send_text(group);
        wire.send_text(attribute);
    } catch (const WireCut&) {  // hear() says so
    }
    hear();
}

void Hdf5File::hear() const {
    std::string error;
    const char kind = whole([&](const Wire& wire) {
        char first = 0;
        wire.receive(&first, 1);
        if (first != kAnswer && first != kNoMemory) error = wire.text();
        return first;
    });
    if (kind == kAnswer) return;
    if (kind == kNoMemory) throw std::bad_alloc();
    if (kind == kInputError) throw InputError(error);
    throw std::runtime_error(error);
}

bool Hdf5File::has_group(const std::string& group) const {
    ask(kGroup, group);
    return whole([](const Wire& wire) { return wire.number() != 0; });
}

std::optional<std::string> Hdf5File::text(const std::string& group, const std::string& attribute) const {
    ask(kText, group, attribute);
    return whole([](const Wire& wire) {
        std::optional<std::string> text;
        if (wire.number() != 0) text = wire.text();
        return text;
    });
}

std::optional<std::vector<std::string>> Hdf5File::texts(const std::string& group, const std::string& attribute) const {
    ask(kTexts, group, attribute);
    return whole([](const Wire& wire) {
        std::optional<std::vector<std::string>> all;
        if (wire.number() == 0) return all;
        all.emplace(wire.size());
        for (std::string& one : *all) one = wire.text();
        return all;
    });
}

std::vector<NamedReals> Hdf5File::arrays(const std::string& group) const {
    ask(kArrays, group);
    return whole([](const Wire& wire) {
        std::vector<NamedReals> arrays(wire.size());
        for (NamedReals& a : arrays) {
            a.name = wire.text();
            wire.receive_elements(a.tensor.dims);
            wire.receive_elements(a.tensor.values);
        }
        return arrays;
    });
}

}  // namespace bittrue::detail
