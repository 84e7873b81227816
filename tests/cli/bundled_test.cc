// The bundled networks and pictures, on a machine that has neither data nor options.

#include <cstdlib>

#include "cli/program.h"

namespace netdissect {
namespace {

class Bundled : public ProgramTest {
 protected:
  Bundled() { setenv("XDG_CACHE_HOME", Place("cache").c_str(), 1); }
  ~Bundled() override { unsetenv("XDG_CACHE_HOME"); }
};

TEST_F(Bundled, NetworksTellTheirPictures) {
  const Outcome first = RunWell({"classify", "--out", Place("scenes")});
  EXPECT_TRUE(HasAll(first.err, {"world_scenes", "480 pictures of the synthetic world rendered"}));
  const Json scenes = ReadResult("scenes/classify.json");
  EXPECT_EQ(scenes["netdissect"]["network"]["name"], "scene_net");
  EXPECT_EQ(scenes["netdissect"]["images"][0]["name"], "world_scenes");
  EXPECT_GT(scenes["top1"].get<double>(), 0.8);
  RunWell({"classify", "--network", "object_net", "--images", "world_objects", "--out",
           Place("objects")});
  const Json objects = ReadResult("objects/classify.json");
  EXPECT_EQ(objects["netdissect"]["images"][0]["name"], "world_objects");
  EXPECT_GT(objects["top1"].get<double>(), 0.6);
  // What is rendered stays; a file of that name goes before.
  const Outcome again = RunWell({"classify", "--limit", "16", "--out", Place("again")});
  EXPECT_EQ(again.err.find("rendered"), std::string::npos) << again;
  const Path before = std::filesystem::current_path();
  std::filesystem::current_path(scratch_.path());
  scratch_.File("world_scenes", "not a picture");
  const Outcome own = Run({"classify", "--out", Place("own")});
  std::filesystem::current_path(before);
  EXPECT_EQ(own.status, 1) << own;
}

TEST_F(Bundled, ReceptiveFieldsOfPool5NeedNoOption) {
  RunWell({"rf", "--layer", "pool5", "--sample", "2", "--k", "2", "--out", Place("rf")});
  const Json layer = ReadResult("rf/rf.json")["layers"]["pool5"];
  EXPECT_EQ(layer["theoretical_size"], 195);
  EXPECT_GT(layer["mean"].get<double>(), 11);
  EXPECT_LT(layer["mean"].get<double>(), 195);
}

TEST_F(Bundled, AreSmall) {
  for (const char* name : {"scene_net", "object_net"}) {
    const Path weights =
        Path(NETDISSECT_SOURCE_DIR) / "configs/demo" / (std::string(name) + ".safetensors");
    EXPECT_LE(std::filesystem::file_size(weights), 4'000'000u) << weights;
  }
}

}  // namespace
}  // namespace netdissect
