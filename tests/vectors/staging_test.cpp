// What a vector set leaves on disk when writing it is refused, fails or is interrupted.
#include <atomic>
#include <thread>

#include <catch2/catch.hpp>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bittrue/vectors/vector_files.hpp"
#include "support.hpp"

using namespace bittrue;
using namespace bittrue::test;
namespace fs = std::filesystem;

namespace {

// No file of this process grows beyond `bytes`: as a full disk, at a place of the test's choice.
class FileLimit {
public:
    explicit FileLimit(rlim_t bytes) : signal_(::signal(SIGXFSZ, SIG_IGN)) {
        if (::getrlimit(RLIMIT_FSIZE, &before_) != 0) throw std::runtime_error("getrlimit");
        const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error("setrlimit");
    }
    FileLimit(const FileLimit&) = delete;
    FileLimit& operator=(const FileLimit&) = delete;
    ~FileLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        ::signal(SIGXFSZ, signal_);
    }

private:
    void (*signal_)(int);
    rlimit before_{};
};

std::string write_error(const std::string& directory) {
    return error_of([&] { write_vector_set(directory, small_set()); });
}
std::string check_error(const std::string& directory) {
    return error_of([&] { check_vector_directory(directory); });
}

}  // namespace

TEST_CASE("Staging: a cancelled write throws Interrupted, leaves nothing new and keeps the set that was there") {
    const Folder folder;
    std::atomic<bool> cancel{true};
    CHECK_THROWS_AS(write_vector_set(folder / "v", small_set(), {}, &cancel), Interrupted);
    CHECK(folder.entries() == 0);
    cancel = false;
    write_vector_set(folder / "v", small_set(), {}, &cancel);
    const std::string before = slurp(folder / "v/manifest.json");
    VectorSet other = small_set();
    other.network = "other";
    cancel = true;
    CHECK_THROWS_AS(write_vector_set(folder / "v", other, {}, &cancel), Interrupted);
    CHECK(folder.entries() == 1);
    CHECK(slurp(folder / "v/manifest.json") == before);
}

TEST_CASE("Staging: a write cancelled between two files leaves no folder behind") {
    const Folder folder;
    VectorSet set;
    for (int i = 0; i < 2000; ++i) {
        set.layers.push_back(
            make_layer("layer" + std::to_string(i), type_of_bits(8, 3), Layout::Vector, {1, 4}, {}, 1));
    }
    std::atomic<bool> cancel{false};
    std::atomic<bool> done{false};
    std::thread watcher([&] {
        while (!done && folder.entries() == 0) std::this_thread::yield();
        cancel = true;
    });
    bool interrupted = false;
    try {
        write_vector_set(folder / "v", set, {}, &cancel);
    } catch (const Interrupted&) {
        interrupted = true;
    }
    done = true;
    watcher.join();
    // Where the watcher came too late the set is whole.
    CHECK(folder.entries() == (interrupted ? 0U : 1U));
    if (!interrupted) CHECK(read_vector_set(folder / "v").layers.size() == 2000);
}

TEST_CASE("Staging: a write that fails names the final file and a remedy, and leaves nothing") {
    const Folder folder;
    VectorSet set = small_set();
    set.layers[1] = make_layer("conv", type_of_bits(8, 3), Layout::Hwc, {2, 100, 100, 2}, {"input"}, 2);
    std::string message;
    {
        const FileLimit limit(30'000);
        message = error_of([&] { write_vector_set(folder / "v", set); });
    }
    CHECK_THAT(message, Catch::StartsWith(folder / "v/conv.npy: "));
    CHECK_THAT(message, Catch::Contains("; choose another folder"));
    CHECK_THAT(message, !Catch::Contains(".bittrue-"));
    CHECK(folder.entries() == 0);
    write_vector_set(folder / "v", set);
    CHECK(folder.entries() == 1);
}

TEST_CASE("Staging: a target may have the longest name there is, one more is refused at once") {
    const Folder folder;
    for (const std::size_t size : {248U, 249U, 255U}) {
        const std::string name(size, 'v');
        check_vector_directory(folder / name);
        CHECK(write_error(folder / name).empty());
        CHECK(write_error(folder / name).empty());  // replaced
        CHECK(read_vector_set(folder / name).layers.size() == 5);
    }
    CHECK(folder.entries() == 3);
    CHECK_THAT(check_error(folder / std::string(256, 'v')), Catch::Contains("too long"));
    CHECK(folder.entries() == 3);
}

TEST_CASE(
    "Staging: the check before a run refuses what the write would refuse, in the same words, and leaves nothing") {
    const Folder folder;
    check_vector_directory(folder / "v");
    CHECK(folder.entries() == 0);
    write_vector_set(folder / "v", small_set());
    fs::create_directory(folder / "empty");
    fs::create_directory(folder / "home");
    spill(folder / "home/thesis.tex", "mine");
    write_vector_set(folder / "mixed", small_set());
    spill(folder / "mixed/parameters/notes.txt", "mine");
    spill(folder / "file", "mine");
    for (const char* good : {"v", "v/", "empty"}) CHECK(check_error(folder / good).empty());
    for (const std::string& bad :
         {folder / "home", folder / "mixed", folder / "file", folder / "no/where", folder / "file/v",
          folder / std::string(256, 'v'), std::string(), std::string("/"), std::string("/proc/v")}) {
        CAPTURE(bad);
        const std::string message = check_error(bad);
        CHECK_FALSE(message.empty());
        CHECK(message == write_error(bad));
    }
    CHECK_THAT(check_error(folder / "mixed"), Catch::Contains("parameters/notes.txt"));
    CHECK(folder.entries() == 5);
    CHECK(fs::is_empty(folder / "empty"));
    CHECK(read_vector_set(folder / "v").layers.size() == 5);
}

TEST_CASE("Staging: a folder without the right to write is refused by the check too") {
    if (::geteuid() == 0) {
        WARN("SKIPPED: root may write everywhere");
        return;
    }
    const Folder folder;
    fs::create_directory(folder / "locked");
    write_vector_set(folder / "locked/v", small_set());
    fs::permissions(folder / "locked/v", fs::perms::owner_read | fs::perms::owner_exec);
    CHECK_THAT(check_error(folder / "locked/v"), Catch::EndsWith("choose a folder you may write"));
    fs::permissions(folder / "locked/v", fs::perms::owner_all);
    fs::permissions(folder / "locked", fs::perms::owner_read | fs::perms::owner_exec);
    CHECK_THAT(check_error(folder / "locked/w"), Catch::EndsWith("choose a folder you may write"));
    CHECK(check_error(folder / "locked/w") == write_error(folder / "locked/w"));
    fs::permissions(folder / "locked", fs::perms::owner_all);
}
