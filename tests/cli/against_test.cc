// netdissect report --against: what it finds, prints and refuses.

#include "base/random.h"
#include "cli/program.h"
#include "nn/safetensors.h"

namespace netdissect {
namespace {

class Against : public ProgramTest {
 protected:
  /// The bundled network of scenes, its layer's weights each changed by noise of 5%.
  std::string Perturbed(const std::string& folder, const std::string& layer) const {
    const Path demo = Path(NETDISSECT_SOURCE_DIR) / "configs/demo";
    SafeTensors weights = ReadSafeTensors(demo / "scene_net.safetensors");
    at::Tensor& tensor = weights.tensors.at(layer + ".weight");
    Random random(5);
    auto* value = tensor.data_ptr<float>();
    for (int64_t i = 0; i < tensor.numel(); ++i) {
      value[i] *= static_cast<float>(1 + 0.05 * random.Normal());
    }
    WriteSafeTensors(scratch_.path() / folder / "scene_net.safetensors", weights);
    for (const char* file : {"scene_net.json", "scene_net_labels.txt"}) {
      WriteFile(scratch_.path() / folder / file, ReadFile(demo / file));
    }
    return Place(folder + "/scene_net.json");
  }

  std::string Scenes() const {
    RunWell({"synth", "--out", Place("world"), "--kind", "scenes", "--train", "0", "--val", "32",
             "--size", "64"});
    return Place("world/scenes.json");
  }

  void Record(const std::string& out, const std::string& network, const std::string& images,
              const Arguments& more = {"--layer", "pool1", "--layer", "conv3", "--layer", "conv4",
                                       "--layer", "pool5"}) const {
    Arguments arguments = {"record", "--network", network,    "--images", images, "--k",
                           "10",     "--out",     Place(out), "--figure", "0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    RunWell(arguments);
  }

  Outcome Compare(const std::string& run, const std::string& other,
                  const Arguments& more = {}) const {
    Arguments arguments = {"report", Place(run), "--against", Place(other)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }
};

TEST_F(Against, NamesTheLayersThatChanged) {
  const std::string images = Scenes();
  Record("before/record", "scene_net", images);
  Record("same/record", "scene_net", images);
  const Outcome same = Compare("same", "before");
  EXPECT_EQ(same.status, 0) << same;
  EXPECT_EQ(same.out,
            "0 of 12 numbers changed by more than 1% beyond the noise; 0 differ at all\n");
  const Json nothing = ReadResult("same/against.json");
  EXPECT_TRUE(HasHeader(nothing, "report"));
  EXPECT_EQ(nothing["changes"], Json::array());

  Record("after/record", Perturbed("other", "conv4"), images);
  const Outcome changed = Compare("after", "before");
  EXPECT_EQ(changed.status, 3) << changed;
  EXPECT_TRUE(HasAll(changed.out, {"record scene_net conv4: ", " -> ", "95% interval", "96 units"}))
      << changed;
  EXPECT_TRUE(HasAll(changed.err, {"the network's weights"})) << changed;
  const Json json = ReadResult("after/against.json");
  ASSERT_FALSE(json["changes"].empty());
  for (const Json& change : json["changes"]) {
    EXPECT_TRUE(HasKeys(change, {"where", "before", "after", "interval"}));
    const std::string where = change["where"];
    EXPECT_TRUE(where.find(" conv4 ") != std::string::npos ||
                where.find(" pool5 ") != std::string::npos)
        << where;
  }
  EXPECT_EQ(json["compared"], 12);
  EXPECT_EQ(json["differing"], 6);  // three numbers of each of the two layers

  // As JSON, elsewhere, and with a tolerance that nothing exceeds.
  const Outcome tolerant =
      Compare("after", "before", {"--tolerance", "1", "--out", Place("out"), "--json"});
  EXPECT_EQ(tolerant.status, 0) << tolerant;
  EXPECT_EQ(Json::parse(tolerant.out), ReadResult("out/against.json"));
  EXPECT_EQ(Json::parse(tolerant.out)["differing"], 6);
}

// Another seed draws other occluders; a coarser measurement of the same is a change.
TEST_F(Against, AnotherSeedIsNoChange) {
  const auto measure = [&](const std::string& out, const std::string& seed,
                           const std::string& patch) {
    RunWell({"--seed",
             seed,
             "rf",
             "--network",
             Network(),
             "--images",
             Images(),
             "--layer",
             "pool2",
             "--units",
             "0-7",
             "--k",
             "2",
             "--stride",
             "9",
             "--patch",
             patch,
             "--record",
             Place("record"),
             "--out",
             Place(out + "/rf")});
  };
  measure("one", "1", "11");
  measure("two", "2", "11");
  const Outcome seeds = Compare("two", "one");
  EXPECT_EQ(seeds.status, 0) << seeds;
  EXPECT_TRUE(HasAll(seeds.err, {"rf tiny: the runs differ in --seed 1 and 2"})) << seeds;
  EXPECT_GT(ReadResult("two/against.json")["differing"], 0);
  measure("large", "1", "25");
  const Outcome large = Compare("large", "one");
  EXPECT_EQ(large.status, 3) << large;
  EXPECT_EQ(large.out.find("rf tiny pool2: mean size "), 0U) << large;
  EXPECT_TRUE(HasAll(large.err, {"--patch 11 and 25"})) << large;
}

TEST_F(Against, SaysWhatIsWrong) {
  const auto fails = [&](const Outcome& outcome, const std::vector<std::string>& words) {
    EXPECT_EQ(outcome.status, 1) << outcome;
    EXPECT_TRUE(HasAll(outcome.err, words)) << outcome;
    EXPECT_FALSE(std::filesystem::exists(Place("one/against.json")));
  };
  const std::string images = Images();
  Record("one", Network(), images, {"--layer", "pool5"});
  Json wide = ReadJson(Network());
  wide["width"] = 0.1;
  Record("wide", scratch_.File("wide/tiny.json", wide.dump()).string(), images,
         {"--layer", "pool5"});
  fails(Compare("one", "wide"), {"one/record.json", "layer pool5", "units", "one architecture"});
  fails(Compare("one", "nowhere"), {"nowhere", "expected a folder"});
  fails(Compare("one", "one"), {"expected a run apart", "the same folder"});
  fails(Compare("one", ""), {"expected a run apart", "one within the other"});
  fails(Compare("one", "pictures"), {"one: expected", "pictures (none)", "record tiny"});
  EXPECT_EQ(Compare("one", "wide", {"--tolerance", "-1"}).status, 2);
}

}  // namespace
}  // namespace netdissect
