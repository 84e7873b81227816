#include "base/layering.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <sstream>

#include "netdissect/base/file.h"

namespace netdissect {
namespace {

TEST(Layering, CheckerFindsViolations) {
  const std::pair<std::string, std::string> violations[] = {
      {"src/base/file.cc", "#include \"netdissect/data/dataset.h\""},
      {"src/base/file.cc", "#include \"data/squash.h\""},
      {"src/data/loader.cc", "#include \"netdissect/nn/network.h\""},
      {"src/data/loader.h", "  #  include \"nn/shape.h\"  // why"},
      {"src/nn/network.cc", "#include <netdissect/probe/record.h>"},
      {"src/nn/network.cc", "#include \"../probe/rect.h\""},
      {"include/netdissect/nn/network.h", "#include \"netdissect/study/classify.h\""},
      {"include/netdissect/probe/record.h", "#include \"netdissect/report/table.h\""},
      {"src/study/classify.cc", "#include \"netdissect/report/table.h\""},
      {"src/report/table.cc", "#include \"tools/console.h\""},
      {"src/report/table.cc", "#include \"../../tools/console.h\""},
      {"src/nn/deep/network.cc", "#include \"netdissect/probe/record.h\""},
      {"src/report/table.cc", "#include \"netdissect/experiment/rf.h\""},
      {"src/experiment/rf.cc", "#include \"tools/rf.h\""},
      {"src/study/classify.cc", "#include \"netdissect/netdissect.h\""},
      // The world and training are of higher rank than these, and apart from all of them.
      {"src/data/loader.cc", "#include \"netdissect/world/synthetic.h\""},
      {"src/nn/model.cc", "#include \"netdissect/train/train.h\""},
      {"src/nn/model.cc", "#include \"netdissect/world/synthetic.h\""},
      {"src/train/train.cc", "#include \"netdissect/world/synthetic.h\""},
      {"src/report/table.cc", "#include \"netdissect/train/train.h\""},
      {"src/experiment/rf.cc", "#include \"netdissect/world/synthetic_set.h\""},
      {"src/world/room.cc", "#include \"netdissect/nn/network.h\""},
      {"src/train/train.cc", "#include \"netdissect/probe/record.h\""},
  };
  for (const auto& [file, line] : violations) {
    EXPECT_NE(LayeringViolation(file, line), "") << file << ": " << line;
  }
}

TEST(Layering, CheckerLetsTheRestPass) {
  const std::pair<std::string, std::string> allowed[] = {
      {"src/base/file.cc", "#include \"netdissect/base/file.h\""},
      {"src/nn/network.cc", "#include \"nn/shape.h\""},
      {"src/nn/network.cc", "#include \"netdissect/data/dataset.h\""},
      {"src/report/table.cc", "#include \"netdissect/base/file.h\""},
      {"tools/rf.cc", "#include \"netdissect/report/table.h\""},
      {"tools/rf.cc", "#include \"rf.h\""},
      {"tools/rf.cc", "#include \"netdissect/experiment/rf.h\""},
      {"src/experiment/rf.cc", "#include \"netdissect/report/table.h\""},
      {"tools/train.cc", "#include \"netdissect/train/train.h\""},
      {"tools/synth.cc", "#include \"netdissect/world/synthetic_set.h\""},
      {"src/train/train.cc", "#include \"netdissect/nn/network.h\""},
      {"src/train/train.cc", "#include \"train/trainee.h\""},
      {"src/world/room.cc", "#include \"netdissect/base/random.h\""},
      {"src/world/room.cc", "#include \"netdissect/data/decode.h\""},
      {"src/base/file.cc", "#include <vector>"},
      {"src/base/file.cc", "#include <nlohmann/json.hpp>"},
      {"src/base/file.cc", "// see \"netdissect/data/dataset.h\""},
  };
  for (const auto& [file, line] : allowed) EXPECT_EQ(LayeringViolation(file, line), "");
}

TEST(Layering, SourcesHold) {
  const Path root = NETDISSECT_SOURCE_DIR;
  std::set<std::string_view> layers_seen;
  size_t includes = 0;
  for (const char* folder : {"include", "src", "tools"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const Path extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc") continue;
      const std::string file = entry.path().lexically_relative(root).generic_string();
      if (file == "include/" + std::string(kUmbrella)) continue;
      const std::optional<size_t> layer = LayerOfFile(file);
      ASSERT_TRUE(layer.has_value()) << file << " is in no layer";
      layers_seen.insert(kLayers[*layer].name);
      std::istringstream text(ReadFile(entry.path()));
      for (std::string line; std::getline(text, line);) {
        EXPECT_EQ(LayeringViolation(file, line), "");
        includes += IncludedLayer(line) ? 1 : 0;
      }
    }
  }
  // The walk saw what it should have seen.
  for (const SourceLayer& layer : kLayers) {
    EXPECT_EQ(layers_seen.count(layer.name), 1u) << layer.name;
  }
  EXPECT_GT(includes, 100u);
}

}  // namespace
}  // namespace netdissect
