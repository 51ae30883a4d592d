#include <sys/stat.h>

#include "model/files.hpp"

using namespace bittrue;
using bittrue::test::error_of;
using bittrue::test::TemporaryFolder;

TEST_CASE("a written file reads back and leaves no temporary") {
    const TemporaryFolder folder;
    const std::string bytes("a\0b\n", 4);
    write_file(folder.file("x"), bytes);
    CHECK(read_file(folder.file("x")) == bytes);
    write_file(folder.file("x"), "shorter");
    CHECK(read_file(folder.file("x")) == "shorter");
    CHECK(folder.entries() == 1);
}

TEST_CASE("nothing appears before commit and nothing stays without it") {
    const TemporaryFolder folder;
    {
        AtomicFile file(folder.file("x"));
        file.write("half");
        CHECK_FALSE(std::filesystem::exists(folder.file("x")));
    }
    CHECK(folder.entries() == 0);
    AtomicFile file(folder.file("x"));
    file.write("one ");
    file.write("two");
    file.commit();
    CHECK(read_file(folder.file("x")) == "one two");
    CHECK(folder.entries() == 1);
}

TEST_CASE("an existing file keeps its mode and a link keeps pointing") {
    const TemporaryFolder folder;
    write_file(folder.file("x"), "old");
    ::chmod(folder.file("x").c_str(), 0640);
    std::filesystem::create_symlink("x", folder.file("link"));
    write_file(folder.file("link"), "new");
    CHECK(std::filesystem::is_symlink(folder.file("link")));
    CHECK(read_file(folder.file("x")) == "new");
    struct stat info {};
    REQUIRE(::stat(folder.file("x").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777U) == 0640U);
}

TEST_CASE("a target whose name is as long as a name can be is written") {
    const TemporaryFolder folder;
    for (const std::size_t length : {std::size_t{249}, std::size_t{255}}) {
        const std::string name(length, 'n');
        write_file(folder.file(name), "1");
        write_file(folder.file(name), "22");
        CHECK(read_file(folder.file(name)) == "22");
    }
    CHECK(folder.entries() == 2);
    CHECK_THAT(error_of([&] { write_file(folder.file(std::string(256, 'n')), "y"); }),
               Catch::Contains("cannot be written: the name is too long"));
    CHECK(folder.entries() == 2);
}

TEST_CASE("a link to a file that does not exist yet keeps pointing, and the file is made") {
    namespace fs = std::filesystem;
    const TemporaryFolder folder;
    fs::create_directory(folder.file("sub"));
    fs::create_symlink("sub/second", folder.file("first"));
    fs::create_symlink("new", folder.file("sub/second"));
    write_file(folder.file("first"), "text");
    CHECK(fs::is_symlink(folder.file("first")));
    CHECK(fs::is_symlink(folder.file("sub/second")));
    CHECK(read_file(folder.file("sub/new")) == "text");
    fs::create_symlink(folder.file("absolute"), folder.file("third"));
    write_file(folder.file("third"), "more");
    CHECK(fs::is_symlink(folder.file("third")));
    CHECK(read_file(folder.file("absolute")) == "more");
    fs::create_symlink("absent/x", folder.file("nowhere"));
    CHECK_THAT(error_of([&] { write_file(folder.file("nowhere"), "y"); }),
               Catch::Contains("nowhere: cannot be written: the file or its folder does not exist"));
    CHECK(fs::is_symlink(folder.file("nowhere")));
    fs::create_symlink("loop", folder.file("loop"));
    CHECK_THAT(error_of([&] { write_file(folder.file("loop"), "y"); }),
               Catch::Contains("its symbolic link leads back to itself"));
    CHECK(fs::is_symlink(folder.file("loop")));
}

TEST_CASE("files that cannot be written are said with their name and a remedy") {
    const TemporaryFolder folder;
    CHECK_THAT(error_of([&] { write_file(folder.file("absent/x"), "y"); }),
               Catch::Contains("absent/x: cannot be written: the file or its folder does not exist"));
    CHECK_THAT(error_of([&] { write_file(folder.path().string(), "y"); }), Catch::Contains("it is a folder"));
    CHECK_THAT(error_of([&] { write_file("", "y"); }), Catch::Contains("cannot be written"));
    write_file(folder.file("x"), "kept");
    CHECK_THAT(error_of([&] { write_file(folder.file("x/y"), "y"); }), Catch::Contains("a part of the path is a file"));
    CHECK(read_file(folder.file("x")) == "kept");
    CHECK(folder.entries() == 1);
}

TEST_CASE("a full disk is an error and not a short file") {
    CHECK_THAT(error_of([&] { write_file("/dev/full", std::string(1 << 16, 'x')); }),
               Catch::Contains("/dev/full: cannot be written: no space is left"));
}

TEST_CASE("files that cannot be read are said with their name and a remedy") {
    const TemporaryFolder folder;
    CHECK_THAT(error_of([&] { static_cast<void>(read_file(folder.file("absent"))); }),
               Catch::Contains("absent: cannot be read: the file or its folder does not exist"));
    CHECK_THAT(error_of([&] { static_cast<void>(read_file(folder.path().string())); }),
               Catch::Contains("it is a folder"));
    write_file(folder.file("x"), "12345");
    CHECK(read_file(folder.file("x"), 5) == "12345");
    CHECK_THAT(error_of([&] { static_cast<void>(read_file(folder.file("x"), 4)); }),
               Catch::Contains("larger than the 4 bytes"));
}
