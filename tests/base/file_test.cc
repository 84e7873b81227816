#include "netdissect/base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <stdexcept>

#include "base/bulk_write.h"
#include "base/regular_file.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

TEST(WriteFile, WritesWholeFilesInMissingFolders) {
  const ScratchFolder scratch;
  const std::string bytes("a\0b\r\n\xff", 6);
  WriteFile(scratch.path() / "new/folder/file", bytes);
  EXPECT_EQ(ReadFile(scratch.path() / "new/folder/file"), bytes);
  EXPECT_EQ(scratch.CountFiles(), 1u) << "the temporary file is still there";
}

TEST(WriteFile, AThrowingWriterLeavesNeitherTargetNorTemporary) {
  const ScratchFolder scratch;
  const Path target = scratch.path() / "result.json";
  const auto half = [](std::ostream& stream) {
    stream << "half of it" << std::flush;
    throw std::runtime_error("stopped");
  };
  EXPECT_THROW(WriteFile(target, half), std::runtime_error);
  EXPECT_EQ(scratch.CountFiles(), 0u);

  WriteFile(target, "the old one");
  EXPECT_THROW(WriteFile(target, half), std::runtime_error);
  EXPECT_EQ(ReadFile(target), "the old one");
  EXPECT_EQ(scratch.CountFiles(), 1u);
}

TEST(WriteFile, UnflushedFilesAreWholeToo) {
  const ScratchFolder scratch;
  const std::string bytes("a\0b", 3);
  WriteFileUnflushed(scratch.path() / "new/file", bytes);
  WriteFileUnflushed(scratch.path() / "new/file", bytes + "c");
  FlushFileSystem(scratch.path());
  EXPECT_EQ(ReadFile(scratch.path() / "new/file"), bytes + "c");
  EXPECT_EQ(scratch.CountFiles(), 1u);
  EXPECT_TRUE(HasAll(ErrorOf([&] { FlushFileSystem(scratch.path() / "gone"); }), {"gone"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { WriteFileUnflushed(scratch.path() / "new", bytes); }), {"new"}));
  EXPECT_EQ(scratch.CountFiles(), 1u);
}

TEST(WriteFile, TheTargetIsUntouchedUntilTheWriterIsDone) {
  const ScratchFolder scratch;
  const Path target = scratch.File("result.json", "old");
  WriteFile(target, [&](std::ostream& stream) {
    stream << "new" << std::flush;
    EXPECT_EQ(ReadFile(target), "old");
  });
  EXPECT_EQ(ReadFile(target), "new");
}

TEST(WriteFile, ABadStreamIsAnError) {
  const ScratchFolder scratch;
  const Path target = scratch.path() / "x";
  const auto fail = [](std::ostream& stream) { stream.setstate(std::ios::badbit); };
  EXPECT_TRUE(HasAll(ErrorOf([&] { WriteFile(target, fail); }), {target.string()}));
  EXPECT_EQ(scratch.CountFiles(), 0u);
}

TEST(WriteFile, AFolderInTheWayIsAnError) {
  const ScratchFolder scratch;
  const Path target = scratch.path() / "folder";
  std::filesystem::create_directory(target);
  EXPECT_TRUE(HasAll(ErrorOf([&] { WriteFile(target, "x"); }), {target.string()}));
  EXPECT_EQ(scratch.CountFiles(), 0u);
}

TEST(AtomicFile, AppearsWholeWhenCommitted) {
  const ScratchFolder scratch;
  const Path target = scratch.path() / "new/folder/result.json";
  AtomicFile file(target);
  file.stream() << "half of it, " << std::flush;
  EXPECT_FALSE(std::filesystem::exists(target));
  file.stream() << "and the rest";
  file.Commit();
  EXPECT_EQ(ReadFile(target), "half of it, and the rest");
  EXPECT_EQ(scratch.CountFiles(), 1u);
  EXPECT_TRUE(HasAll(ErrorOf([&] { file.Commit(); }), {target.string(), "once"}));
}

TEST(AtomicFile, LeavesNothingWhereItIsNotCommitted) {
  const ScratchFolder scratch;
  const Path target = scratch.File("result.json", "the old one");
  {
    AtomicFile file(target);
    file.stream() << "half of it";
  }
  EXPECT_EQ(ReadFile(target), "the old one");
  {
    AtomicFile file(target);
    file.stream().setstate(std::ios::badbit);
    EXPECT_TRUE(HasAll(ErrorOf([&] { file.Commit(); }), {target.string(), "whole"}));
  }
  EXPECT_EQ(ReadFile(target), "the old one");
  EXPECT_EQ(scratch.CountFiles(), 1u);
}

TEST(RequireWritableFolder, CreatesItAndLeavesNothingInIt) {
  const ScratchFolder scratch;
  RequireWritableFolder(scratch.path() / "a/b");
  EXPECT_TRUE(std::filesystem::is_directory(scratch.path() / "a/b"));
  EXPECT_EQ(scratch.CountFiles(), 0u);
}

TEST(RequireWritableFolder, NamesAFolderThatCannotBeWritten) {
  const ScratchFolder scratch;
  const Path below_a_file = scratch.File("file", "") / "folder";
  EXPECT_TRUE(HasAll(ErrorOf([&] { RequireWritableFolder(below_a_file); }),
                     {below_a_file.string(), "cannot be created"}));
  // Nobody, not even root, creates a file here.
  if (!std::filesystem::is_directory("/proc/self")) GTEST_SKIP();
  EXPECT_TRUE(
      HasAll(ErrorOf([] { RequireWritableFolder("/proc/self"); }), {"/proc/self", "written"}));
}

TEST(ReadFile, SaysWhatIsInTheWay) {
  const ScratchFolder scratch;
  const Path missing = scratch.path() / "missing";
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadFile(missing); }), {missing.string(), "no such file"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadFile(scratch.path()); }),
                     {scratch.path().string(), "found a folder"}));
}

TEST(ReadFile, WaitsForNoPipeAndReadsNoDevice) {
  const ScratchFolder scratch;
  const Path pipe = scratch.path() / "pipe", link = scratch.path() / "link";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::filesystem::create_symlink("/dev/zero", link);
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadFile(pipe); }),
                     {pipe.string(), "expected a regular file", "a FIFO"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadFile(link); }), {link.string(), "a character device"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { OpenRegularFile(pipe); }), {pipe.string(), "a FIFO"}));
  EXPECT_FALSE(OpenRegularFile(scratch.path() / "missing"));
}

TEST(ReadFile, ASparseFileTakesNoMemory) {
  const ScratchFolder scratch;
  const Path file = scratch.File("sparse.json", "{");
  std::filesystem::resize_file(file, uintmax_t{1} << 40);
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadFile(file); }),
                     {file.string(), "at most 4294967296 bytes", "1099511627776"}));
}

// A folder that may not be entered, for root too: a link to itself.
TEST(Exists, SaysWhereItCannotBeSeen) {
  const ScratchFolder scratch;
  EXPECT_TRUE(Exists(scratch.path()));
  EXPECT_TRUE(Exists(scratch.File("file", "")));
  EXPECT_FALSE(Exists(scratch.path() / "missing/file"));
  EXPECT_FALSE(Exists(scratch.path() / "file/below"));
  std::filesystem::create_symlink("loop", scratch.path() / "loop");
  const Path inside = scratch.path() / "loop/file";
  EXPECT_TRUE(HasAll(ErrorOf([&] { Exists(inside); }), {inside.string(), "cannot be read"}));
  EXPECT_TRUE(HasAll(ErrorOf([&] { ReadFile(inside); }), {inside.string(), "cannot be read"}));
}

TEST(ReadFile, ReadsWhatHasNoSize) {
  if (!std::filesystem::exists("/proc/self/status")) GTEST_SKIP();
  EXPECT_TRUE(HasAll(ReadFile("/proc/self/status"), {"Name:", "Pid:"}));
}

TEST(ForEachLine, NumbersStripsAndSkips) {
  const ScratchFolder scratch;
  const Path path =
      scratch.File("list", "\xef\xbb\xbf first\r\n\r\n# comment\n\tsecond one \nlast");
  std::vector<std::pair<std::string, int>> lines;
  ForEachLine(path, [&](std::string_view line, int number) { lines.emplace_back(line, number); });
  const std::vector<std::pair<std::string, int>> expected{
      {"first", 1}, {"second one", 4}, {"last", 5}};
  EXPECT_EQ(lines, expected);
}

TEST(FileNameOf, IsOneComponentThatIsNotHidden) {
  EXPECT_EQ(FileNameOf("fire9/concat"), "fire9_concat");
  for (const char* layer : {"..", "", "/etc/passwd", "a\\b", "c:d", ".hidden"}) {
    const std::string name = FileNameOf(layer);
    EXPECT_EQ(Path(name).filename(), name) << layer;
    EXPECT_FALSE(name.empty() || name[0] == '.') << layer;
  }
}

}  // namespace
}  // namespace netdissect
