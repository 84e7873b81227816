// Full passes beside each other: by this program's row kernels, in LibTorch, by OpenCV's dnn and,
// where Node.js has onnxruntime-node, by ONNX Runtime, which reads ONNX files alone.
//
//   forward_bench NETWORK.json [LAYER] [--batch N] [--threads N] [--rounds N]
//                 [--runtime FOLDER]      with node_modules/onnxruntime-node
//                 [--layers]              time and rate of each layer, LibTorch beside
//                 [--own]                 nobody beside, for profiles
//                 [--exact]               differences of all layers, from LibTorch and from float64
//
// All compute LAYER (the last one without) of the same images of noise, in rounds that take turns;
// ONNX Runtime the whole network. Prints images a second, the median of the rounds, and the largest
// difference from LibTorch relative to the layer's largest value.

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>
#include <thread>

#include "base/clock.h"
#include "base/text.h"
#include "bench/bench_main.h"
#include "in_double.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "netdissect/nn/model.h"
#include "nn/kinds/kind.h"
#include "nn/rows/kernel_choice.h"
#include "nn/summary.h"
#include "report/table.h"

namespace netdissect {
namespace {

struct Options {
  std::string network, layer, runtime;
  int batch = 32, threads = 0, rounds = 5;
  bool layers = false, own = false, exact = false;
};

Options Parse(int argc, char** argv) {
  Options options;
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    int* number = word == "--batch"     ? &options.batch
                  : word == "--threads" ? &options.threads
                  : word == "--rounds"  ? &options.rounds
                                        : nullptr;
    if (number != nullptr && i + 1 < argc) {
      *number = static_cast<int>(ParseInteger(argv[++i], word));
    } else if (word == "--runtime" && i + 1 < argc) {
      options.runtime = argv[++i];
    } else if (word == "--layers") {
      options.layers = true;
    } else if (word == "--own") {
      options.own = true;
    } else if (word == "--exact") {
      options.exact = true;
    } else {
      words.push_back(word);
    }
  }
  if (words.empty() || words.size() > 2) Fail("usage: forward_bench NETWORK.json [LAYER]");
  options.network = words[0];
  if (words.size() == 2) options.layer = words[1];
  return options;
}

// Who computes: `run` is a pass of the whole batch.
struct Contender {
  std::string name;
  std::function<void()> run;
  std::vector<double> seconds = {};

  double Median() {
    std::sort(seconds.begin(), seconds.end());
    return seconds[seconds.size() / 2];
  }
};

// A process that runs a pass for each line that it is given.
class Runtime {
 public:
  Runtime(const std::string& folder, const std::string& model, const Options& options,
          const Shape& input) {
    const std::string script = R"(
      const ort = require(process.argv[1] + '/node_modules/onnxruntime-node');
      const [model, threads, ...dims] = process.argv.slice(2);
      (async () => {
        const session = await ort.InferenceSession.create(model, {intraOpNumThreads: Number(threads),
            interOpNumThreads: 1, graphOptimizationLevel: 'all', logSeverityLevel: 3});
        const shape = dims.map(Number), data = new Float32Array(shape.reduce((a, b) => a * b));
        for (let i = 0; i < data.length; ++i) data[i] = 100 * (Math.random() - 0.5);
        const feeds = {[session.inputNames[0]]: new ort.Tensor('float32', data, shape)};
        const lines = require('readline').createInterface({input: process.stdin});
        for await (const line of lines) { await session.run(feeds); console.log('done'); }
      })())";
    int to[2], from[2];
    if (pipe(to) != 0 || pipe(from) != 0) Fail("pipe: {}", std::strerror(errno));
    const std::vector<std::string> words = {"node",
                                            "-e",
                                            script,
                                            folder,
                                            model,
                                            fmt::format("{}", options.threads),
                                            fmt::format("{}", options.batch),
                                            fmt::format("{}", input.units),
                                            fmt::format("{}", input.height),
                                            fmt::format("{}", input.width)};
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    process_ = fork();
    if (process_ == 0) {
      dup2(to[0], 0);
      dup2(from[1], 1);
      close(to[1]);
      close(from[0]);
      execvp("node", arguments.data());
      _exit(127);
    }
    close(to[0]);
    close(from[1]);
    in_ = fdopen(to[1], "w");
    out_ = fdopen(from[0], "r");
  }

  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime() {  // which ends when it is given no more lines
    fclose(in_);
    fclose(out_);
    waitpid(process_, nullptr, 0);
  }

  void Run() {
    char line[16];
    if (fputs("run\n", in_) < 0 || fflush(in_) != 0 || fgets(line, sizeof line, out_) == nullptr) {
      Fail("ONNX Runtime ended; it needs a batch that the file leaves open");
    }
  }

 private:
  pid_t process_ = -1;
  std::FILE* in_ = nullptr;
  std::FILE* out_ = nullptr;
};

std::string Beside(const std::string& descriptor, const std::string& file) {
  return (Path(descriptor).parent_path() / file).string();
}

void RunLayers(const Model& model, const at::Tensor& input, int64_t rounds) {
  const double peak = MeasurePeakMultiplyAdds() * at::get_num_threads();
  Network other = model.network;
  other.SetForward(ForwardBy::kLibTorch);
  Table table;
  table.header = {"layer", "kind", "GMAC", "rows (ms)", "LibTorch (ms)", "of peak", "of the pass"};
  // Each layer alone, from the values that the pass gives it.
  std::vector<int> all;
  for (int i = 0; i < model.network.size(); ++i) all.push_back(i);
  const auto measure = [&](const Network& network) {
    std::vector<double> best(all.size(), 1e9);
    for (int64_t round = 0; round < rounds; ++round) {
      auto start = Clock::now();
      network.Forward(input, all, [&](size_t which, const at::Tensor&) {
        best[which] = std::min(best[which], SecondsSince(start));
        start = Clock::now();
      });
    }
    return best;
  };
  const std::vector<double> rows = measure(model.network), torch = measure(other);
  double total = 0;
  for (size_t i = 1; i < rows.size(); ++i) total += rows[i];
  for (size_t i = 1; i < rows.size(); ++i) {
    const Layer& layer = model.network.layer(static_cast<int>(i));
    const double macs = static_cast<double>(MultiplyAdds(model.network, static_cast<int>(i))) *
                        static_cast<double>(input.size(0));
    table.rows.push_back({layer.name, KindName(layer.kind), fmt::format("{:.2f}", macs / 1e9),
                          fmt::format("{:.2f}", rows[i] * 1e3),
                          fmt::format("{:.2f}", torch[i] * 1e3),
                          macs > 0 ? fmt::format("{:.0f}%", 100 * macs / rows[i] / peak) : "",
                          fmt::format("{:.1f}%", 100 * rows[i] / total)});
  }
  std::cout << table.Text();
}

// Of all layers, the largest difference relative to the layer's largest value.
struct Largest {
  double difference = 0;
  std::string layer;

  void Add(const at::Tensor& found, const at::Tensor& expected, const std::string& name) {
    const at::Tensor exact = expected.to(at::kDouble);
    const double own = (found.to(at::kDouble) - exact).abs().max().item<double>() /
                       std::max(exact.abs().max().item<double>(), 1e-300);
    if (own < difference) return;
    difference = own;
    layer = name;
  }
};

void RunExact(const Model& model, const at::Tensor& input) {
  Network other = model.network;
  other.SetForward(ForwardBy::kLibTorch);
  std::vector<int> all;
  for (int i = 1; i < model.network.size(); ++i) all.push_back(i);
  const std::vector<at::Tensor> rows = model.network.Forward(input, all);
  const std::vector<at::Tensor> torch = other.Forward(input, all);
  Largest between, of_rows, of_torch;
  VisitInDouble(model.network, input, all, [&](int index, const at::Tensor& exact) {
    if (index == 0) return;
    const std::string& name = model.network.layer(index).name;
    const at::Tensor &own = rows[static_cast<size_t>(index - 1)],
                     &theirs = torch[static_cast<size_t>(index - 1)];
    between.Add(own, theirs, name);
    of_rows.Add(own, exact, name);
    of_torch.Add(theirs, exact, name);
  });
  Table table;
  table.header = {fmt::format("{}, {} layers", model.name, all.size()), "largest difference",
                  "at layer"};
  const auto add = [&](const std::string& what, const Largest& largest) {
    table.rows.push_back({what, fmt::format("{:.1e}", largest.difference), largest.layer});
  };
  add("rows from LibTorch", between);
  add("rows from float64", of_rows);
  add("LibTorch from float64", of_torch);
  std::cout << table.Text();
}

void Run(int argc, char** argv) {
  Options options = Parse(argc, argv);
  options.threads = SetThreads(options.threads);
  KeepFreedMemory();
  cv::setNumThreads(options.threads);
  const c10::InferenceMode inference;
  const Model model = LoadModel(options.network);
  const Network& network = model.network;
  const int layer = options.layer.empty() ? network.size() - 1 : network.Find(options.layer);
  const Shape& shape = network.input();
  at::manual_seed(1);
  const at::Tensor input = at::randn({options.batch, shape.units, shape.height, shape.width}) *
                           (50 * model.input.scale[0]);
  if (options.layers) return RunLayers(model, input, options.rounds);
  if (options.exact) return RunExact(model, input);

  Network libtorch = network;
  libtorch.SetForward(ForwardBy::kLibTorch);
  std::vector<Contender> all;
  all.push_back({"netdissect", [&] { network.Forward(input, std::vector<int>{layer}); }});
  if (!options.own)
    all.push_back({"LibTorch", [&] { libtorch.Forward(input, std::vector<int>{layer}); }});

  nlohmann::json descriptor;
  std::ifstream(options.network) >> descriptor;
  const std::string format = descriptor.at("format");
  cv::dnn::Net net;
  const int sizes[] = {options.batch, shape.units, shape.height, shape.width};
  const cv::Mat blob(4, sizes, CV_32F, input.data_ptr<float>());
  std::string output;
  std::unique_ptr<Runtime> runtime;
  if (!options.own && (format == "caffe" || format == "onnx")) {
    const std::string weights = Beside(options.network, descriptor.at("weights"));
    try {
      net = format == "onnx" ? cv::dnn::readNetFromONNX(weights)
                             : cv::dnn::readNetFromCaffe(
                                   Beside(options.network, descriptor.at("graph")), weights);
      net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
      if (format == "caffe") output = network.layer(layer).name;
      const auto run = [&] {
        net.setInput(blob);
        output.empty() ? net.forward() : net.forward(output);
      };
      run();
      all.push_back({"OpenCV dnn", run});
    } catch (const cv::Exception&) {
      std::cerr << weights << ": OpenCV's dnn cannot run it\n";
    }
    if (format == "onnx" && !options.runtime.empty()) {
      runtime = std::make_unique<Runtime>(options.runtime, weights, options, shape);
      all.push_back({"ONNX Runtime", [&] { runtime->Run(); }});
    }
  }

  for (int round = 0; round <= options.rounds; ++round) {
    for (Contender& contender : all) {
      // Until the threads of the one before have stopped spinning.
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      const auto start = Clock::now();
      contender.run();
      if (round > 0) contender.seconds.push_back(SecondsSince(start));  // the first warms up
    }
  }
  const at::Tensor expected = libtorch.Forward(input, {layer})[0];
  const at::Tensor found = network.Forward(input, {layer})[0];
  Table table;
  table.header = {model.name, "images/s", "netdissect's multiple"};
  const double own = all.front().Median();
  for (Contender& contender : all) {
    table.rows.push_back({contender.name, fmt::format("{:.1f}", options.batch / contender.Median()),
                          fmt::format("{:.2f}", contender.Median() / own)});
  }
  std::cout << table.Text()
            << fmt::format("largest difference from LibTorch {:.1e}; {} threads, batch {}, {}\n",
                           (found - expected).abs().max().item<double>() /
                               expected.abs().max().item<double>(),
                           options.threads, options.batch, Kernels().name);
}

}  // namespace
}  // namespace netdissect

int main(int argc, char** argv) {
  return netdissect::BenchMain("forward_bench", [&] { netdissect::Run(argc, argv); });
}
