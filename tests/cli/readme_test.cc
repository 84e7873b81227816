// The README's commands run as they stand: every ```sh block, in order, in one folder that has what
// the repository's root has. Blocks that cannot be run here are fenced as ```sh no-run.

#include <filesystem>
#include <sstream>

#include "cli/program.h"

namespace netdissect {
namespace {

struct Block {
  int line = 0;  // of the README, from 1
  std::string commands;
};

std::vector<Block> BlocksOf(const Path& readme) {
  std::istringstream text(ReadFile(readme));
  std::vector<Block> blocks;
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(text, line);) {
    ++number;
    if (line == "```sh") {
      inside = true;
      blocks.push_back({number, ""});
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      blocks.back().commands += line + "\n";
    }
  }
  return blocks;
}

class Readme : public ProgramTest {};

TEST_F(Readme, EveryCommandRuns) {
  const Path source = NETDISSECT_SOURCE_DIR;
  const std::vector<Block> blocks = BlocksOf(source / "README.md");
  ASSERT_GE(blocks.size(), 8u);
  std::filesystem::create_directory_symlink(source / "configs", Place("configs"));
  const std::string programs = Path(NETDISSECT_PROGRAM).parent_path().string();
  for (const Block& block : blocks) {
    const Path script =
        scratch_.File("block.sh", "set -euo pipefail\ncd '" + Place("") + "'\nexport PATH='" +
                                      programs + "':$PATH\nexport XDG_CACHE_HOME='" +
                                      Place("cache") + "'\n" + block.commands);
    const std::string log = Place("block.log");
    const int status = std::system(("bash '" + script.string() + "' >'" + log + "' 2>&1").c_str());
    EXPECT_EQ(status, 0) << "README.md:" << block.line << "\n" << block.commands << ReadFile(log);
  }
  EXPECT_FALSE(HasHalfWrittenFiles());
}

// What a reader is sent to exists.
TEST_F(Readme, LinksLeadToItsPages) {
  const std::string text = ReadFile(Path(NETDISSECT_SOURCE_DIR) / "README.md");
  std::vector<std::string> anchors;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("## ", 0) != 0) continue;
    std::string anchor;
    for (char c : line.substr(3)) {
      if (c == ' ') anchor += '-';
      if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-') {
        anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      }
    }
    anchors.push_back(anchor);
  }
  size_t links = 0;
  for (size_t at = text.find("](#"); at != std::string::npos; at = text.find("](#", at + 1)) {
    const std::string anchor = text.substr(at + 3, text.find(')', at) - at - 3);
    EXPECT_NE(std::find(anchors.begin(), anchors.end(), anchor), anchors.end()) << anchor;
    ++links;
  }
  EXPECT_GE(links, 8u);
}

}  // namespace
}  // namespace netdissect
