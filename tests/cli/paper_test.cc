// configs/paper: the paper's own study, on stand-ins of its files, and the options of its tables
// and figures.

#include <filesystem>

#include "cli/program.h"
#include "nn/caffe_files.h"

namespace netdissect {
namespace {

namespace fs = std::filesystem;

const Path kPaper = Path(NETDISSECT_SOURCE_DIR) / "configs/paper";

// The paper's networks in small: the same layers, a few units each.
CaffeFiles SmallAlexNet(int classes) {
  CaffeFiles files;
  files.graph.add_input("data");
  for (const int dim : {1, 3, 227, 227}) files.graph.add_input_dim(dim);
  const auto convolve = [&](const std::string& name, const std::string& from, int inputs,
                            uint32_t kernel, uint32_t stride, uint32_t pad) {
    caffe::ConvolutionParameter* p =
        files.Add("Convolution", name, {from}, name)->mutable_convolution_param();
    p->set_num_output(4);
    p->add_kernel_size(kernel);
    p->add_stride(stride);
    p->add_pad(pad);
    files.AddBlob({4, inputs, kernel, kernel}, false);
    files.AddBlob({4}, false);
    files.Add("ReLU", "relu" + name.substr(4), {name}, name);
  };
  const auto pool = [&](const std::string& name, const std::string& from) {
    caffe::PoolingParameter* p = files.Add("Pooling", name, {from}, name)->mutable_pooling_param();
    p->add_kernel_size(3);
    p->add_stride(2);
  };
  convolve("conv1", "data", 3, 11, 4, 0);
  pool("pool1", "conv1");
  convolve("conv2", "pool1", 4, 5, 1, 2);
  pool("pool2", "conv2");
  convolve("conv3", "pool2", 4, 3, 1, 1);
  convolve("conv4", "conv3", 4, 3, 1, 1);
  convolve("conv5", "conv4", 4, 3, 1, 1);
  pool("pool5", "conv5");
  const auto connect = [&](const std::string& name, const std::string& from, int inputs,
                           int outputs) {
    files.Add("InnerProduct", name, {from}, name)
        ->mutable_inner_product_param()
        ->set_num_output(static_cast<uint32_t>(outputs));
    files.AddBlob({outputs, inputs}, false);
    files.AddBlob({outputs}, false);
  };
  connect("fc6", "pool5", 4 * 6 * 6, 8);
  connect("fc7", "fc6", 8, 8);
  connect("fc8", "fc7", 8, classes);
  files.Add("Softmax", "prob", {"fc8"}, "prob");
  return files;
}

std::string MeanImage() {
  caffe::BlobProto mean;
  mean.set_num(1);
  mean.set_channels(3);
  mean.set_height(16);
  mean.set_width(16);
  for (int i = 0; i < 3 * 16 * 16; ++i) mean.add_data(110);
  return mean.SerializeAsString();
}

class PaperTest : public ProgramTest {
 protected:
  PaperTest() { fs::copy(kPaper, Place("paper"), fs::copy_options::recursive); }

  std::string Data(const std::string& name, std::string_view bytes) const {
    return scratch_.File("paper/data/" + name, bytes).string();
  }

  // In the form of what the descriptors say where to get.
  void MakeStandIns() const {
    fs::remove_all(Place("paper/data"));  // the real ones, where somebody has them
    const Path places = Place("paper/data/places_cnn"), imagenet = Place("paper/data/imagenet_cnn");
    SmallAlexNet(3).Write(places / "places205CNN_deploy_upgraded.prototxt",
                          places / "places205CNN_iter_300000_upgraded.caffemodel");
    Data("places_cnn/places205CNN_mean.binaryproto", MeanImage());
    Data("places_cnn/categoryIndex_places205.csv", "/a/abbey 0\n/b/bedroom 1\n/k/kitchen 2\n");
    SmallAlexNet(2).Write(imagenet / "deploy.prototxt",
                          imagenet / "bvlc_reference_caffenet.caffemodel");
    Data("imagenet_cnn/imagenet_mean.binaryproto", MeanImage());
    const std::string classes = "n01440764 tench, Tinca tinca\nn01443537 goldfish\n";
    Data("imagenet_cnn/synset_words.txt", classes);
    Data("imagenet/synset_words.txt", classes);
    Data("imagenet/val.txt", "ILSVRC2012_val_00000001.JPEG 0\nILSVRC2012_val_00000002.JPEG 1\n");
    Data("sun/list.txt", "Images/b/bedroom/sun_a.jpg 0\nImages/k/kitchen/sun_b.jpg 1\n");
    Data("sun/categories.txt", "bedroom\nkitchen\n");
    const std::string picture = Encoded(Gradient(48, 64), ".jpg");
    for (const char* name :
         {"imagenet/ILSVRC2012_val_00000001.JPEG", "imagenet/ILSVRC2012_val_00000002.JPEG",
          "sun/Images/b/bedroom/sun_a.jpg", "sun/Images/k/kitchen/sun_b.jpg"}) {
      Data(name, picture);
    }
    fs::create_directories(Place("paper/data/sun/Annotations"));
  }
};

TEST_F(PaperTest, ThePlanHasEveryExperiment) {
  MakeStandIns();
  const Outcome plan =
      RunWell({"reproduce", Place("paper/paper.json"), "--dry-run", "--out", Place("out")});
  EXPECT_TRUE(
      HasAll(plan.out,
             {"info places_cnn", "classify places_cnn sun", "classify imagenet_cnn imagenet",
              "record places_cnn", "rf places_cnn", "rf imagenet_cnn", "annotate auto imagenet_cnn",
              "segment places_cnn", "evaluate places_cnn", "localize places_cnn",
              "simplify annotated places_cnn", "simplify automatic places_cnn", "semantics",
              "emergence", "probe places_cnn", "probe imagenet_cnn", "not done yet"}));
  // The object network tells no scenes.
  for (const char* none : {"classify imagenet_cnn sun", "simplify annotated imagenet_cnn"}) {
    EXPECT_EQ(plan.out.find(none), std::string::npos) << none;
  }
  EXPECT_FALSE(Exists(Place("out")));
  // The networks can be read as the descriptors say.
  RunWell({"reproduce", Place("paper/paper.json"), "--only", "info", "--out", Place("out")});
  EXPECT_EQ(ReadResult("out/info/places_cnn/info.json")["netdissect"]["network"]["name"],
            "Places-CNN");
}

// What is missing is named, with where to get it.
TEST_F(PaperTest, MissingFilesAreSaidWithWhereTheyAre) {
  MakeStandIns();
  fs::remove_all(Place("paper/data/places_cnn"));
  const Arguments dry = {"reproduce", Place("paper/paper.json"), "--dry-run"};
  const Outcome labels = Run(dry);
  EXPECT_EQ(labels.status, 1);
  EXPECT_TRUE(HasAll(labels.err, {"places_cnn.json", "categoryIndex_places205.csv",
                                  "http://places.csail.mit.edu"}));
  fs::remove_all(Place("paper/data/sun"));
  const Outcome images = Run(dry);
  EXPECT_EQ(images.status, 1);
  EXPECT_TRUE(HasAll(images.err, {"sun.json", "groups.csail.mit.edu"}));
}

// Each file of options is taken by its command, which then misses the networks or labels: they are
// named relative to the repository's root.
TEST_F(PaperTest, OptionsOfTablesAndFiguresAreTaken) {
  const Path before = fs::current_path();
  fs::current_path(scratch_.path());
  size_t count = 0;
  for (const auto& entry : fs::directory_iterator(kPaper)) {
    if (entry.path().extension() != ".toml") continue;
    const std::string text = ReadFile(entry.path());
    const size_t open = text.find("\n["), close = text.find(']', open);
    ASSERT_NE(close, std::string::npos) << entry.path();
    Arguments arguments = {"--config", entry.path().string()};
    std::string command = text.substr(open + 2, close - open - 2);
    if (const size_t dot = command.find('.'); dot != std::string::npos) {
      arguments.push_back(command.substr(0, dot));
      command = command.substr(dot + 1);
    }
    arguments.push_back(command);
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.status, 1) << entry.path() << outcome;
    const bool names_path = outcome.err.find("configs/paper/") != std::string::npos ||
                            outcome.err.find("runs/reproduce/") != std::string::npos;
    EXPECT_TRUE(names_path) << entry.path() << outcome;
    ++count;
  }
  fs::current_path(before);
  EXPECT_EQ(count, 15u);
}

}  // namespace
}  // namespace netdissect
