#include <spdlog/spdlog.h>

#include <algorithm>
#include <iostream>

#include "base/digest.h"
#include "base/file_digests.h"
#include "base/text.h"
#include "bundled.h"
#include "command.h"
#include "netdissect/base/error.h"
#include "netdissect/base/system.h"
#include "nn/alexnet.h"
#include "nn/graph_file.h"
#include "report/drawing.h"
#include "report/unfinished.h"
#include "train/checkpoint.h"
#include "train/save.h"
#include "train_report.h"

namespace netdissect {
namespace {

constexpr char kCheckpoint[] = "checkpoint.safetensors";

struct TrainArguments {
  std::string images;
  std::string network;  // descriptor; empty: `architecture`
  std::string held_out;
  std::string out;
  std::string name;
  int64_t limit = 0;
  std::string architecture = "alexnet";
  AlexNetOptions alexnet;
  TrainOptions train;
  double dropout = 0.5;
  std::string schedule = "cosine";
  std::string order = "BGR";
  std::vector<float> mean = {104, 117, 123};
  float scale = 0.0171f;
  std::string cache = "2GiB";
  bool force = false;
  bool json = false;
};

// What is to be trained, and what it is called by.
struct Untrained {
  std::string name;
  Network network;
  InputFormat input;
};

InputFormat FormatOf(const TrainArguments& options) {
  InputFormat format;
  format.height = format.width = options.alexnet.size;
  format.order = options.order == "RGB" ? ChannelOrder::kRgb : ChannelOrder::kBgr;
  std::copy(options.mean.begin(), options.mean.end(), format.mean.begin());
  format.scale.fill(options.scale);
  return format;
}

Untrained LoadUntrained(const TrainArguments& options) {
  if (options.network.empty()) {
    return {options.architecture, BuildAlexNet(options.alexnet), FormatOf(options)};
  }
  Model model = LoadModel(NetworkFile(options.network));
  RequireStorable(model.input, options.network);
  return {model.name, std::move(model.network), model.input};
}

// The list to train on and the one held out. A descriptor has both; of what is no descriptor, all
// images are for training.
std::pair<Dataset, Dataset> LoadLists(const TrainArguments& options) {
  const bool descriptor = Path(options.images).extension() == ".json";
  std::pair<Dataset, Dataset> lists;
  lists.first = LoadDataset(options.images, {options.limit, true});
  if (!options.held_out.empty()) {
    lists.second = LoadDataset(options.held_out);
  } else if (descriptor) {
    lists.second = LoadDataset(options.images);
  }
  return lists;
}

// A finished training of the same options and images, or nothing: where its files are not as they
// were written too, with a warning.
std::optional<Json> FindFinished(const Path& file, const Provenance& provenance) {
  if (!Exists(file)) return std::nullopt;
  try {
    Json json = ReadJson(file);
    const Json header = ToJson(provenance);
    for (const char* key : {"options", "seed", "images"}) {
      if (json.at("netdissect").at(key) != header[key]) return std::nullopt;
    }
    if (const auto changed =
            FindChangedFile(file.parent_path(), json.value("files", Json::object()))) {
      Fail("{}", *changed);
    }
    return json;
  } catch (const std::exception& error) {
    spdlog::warn("{}: not reused, trained again: {}", file.string(), error.what());
    return std::nullopt;
  }
}

void LogEpoch(const EpochRecord& epoch, const TrainOptions& options, Console& console) {
  console.EndLine();
  const std::string of = options.minutes > 0 ? "" : fmt::format("/{}", options.epochs);
  const std::string held_out = std::isnan(epoch.top1)
                                   ? ""
                                   : fmt::format(", held out: top-1 {:.2f}%, top-5 {:.2f}%",
                                                 100 * epoch.top1, 100 * epoch.top5);
  spdlog::info("epoch {}{}: loss {:.4f}, training top-1 {:.2f}%{}, {}", epoch.epoch, of, epoch.loss,
               100 * epoch.train_top1, held_out, FormatDuration(epoch.seconds));
}

TrainResult TrainUntilSignal(const TrainArguments& options, const Untrained& untrained,
                             TrainOptions train, const Dataset& images, const Dataset& held_out,
                             Context& context) {
  train.on_epoch = [&](const EpochRecord& epoch) {
    LogEpoch(epoch, options.train, context.console);
  };
  const TrainResult result =
      Train(untrained.network, untrained.input, images, held_out, train, context.console);
  context.console.EndLine();
  if (!result.finished) {
    throw Stopped(
        fmt::format("stopped after {} steps; the same command with --resume goes on from {}",
                    result.steps, train.checkpoint.string()));
  }
  return result;
}

void Print(const Json& json, const std::string& name, bool as_json) {
  if (as_json) {
    std::cout << json.dump(2) << "\n";
    return;
  }
  const auto percent = [](const Json& fraction) {
    return fraction.is_null() ? "-" : fmt::format("{:.2f}%", 100 * fraction.get<double>());
  };
  Table table;
  table.header = {"network", "top-1", "top-5", "held out", "trained on", "time", "images/s"};
  table.rows.push_back({name, percent(json["top1"]), percent(json["top5"]), json["counted"].dump(),
                        json["images"].dump(), FormatDuration(json["seconds"].get<double>()),
                        fmt::format("{:.0f}", json["images_per_second"].get<double>())});
  std::cout << table.Text();
}

void RunTrain(const TrainArguments& options, const CLI::App& command, Context& context) {
  if (context.device.rfind("cuda", 0) == 0) {
    Fail("--device {}: expected cpu or auto: train computes on the processor", context.device);
  }
  const Path folder = options.out;
  const RunFolder run(folder, "train");
  const RunFiles& files = run.files();
  const Path result_file = files.Result(ResultKind::kTraining);
  const auto [images, held_out] = LoadLists(options);
  const Untrained untrained = LoadUntrained(options);
  const std::string name =
      options.name.empty() ? FileNameOf(untrained.name + "_" + images.name) : options.name;
  RequireNetworkName(name);
  const Path network_file = folder / (name + ".json");
  Provenance provenance = ProvenanceOf(command, context);
  for (const char* key : {"out", "cache", "checkpoint-minutes", "resume", "force", "strict"}) {
    provenance.options.erase(key);  // the network does not depend on them
  }
  if (!options.network.empty()) {
    // Its weights do not count.
    provenance.options["graph"] = Digest().Add(ToJson(untrained.network).dump()).Hex();
  }
  provenance.Add(images);
  if (!held_out.images.empty()) provenance.Add(held_out);
  if (!options.force) {
    const auto finished = FindFinished(result_file, provenance);
    if (finished) {
      spdlog::info("{}: of the same options and images, reused", result_file.string());
      WriteFile(files.Options(), OptionsToml(command));
      Print(*finished, name, options.json);
      return;
    }
  }
  TrainOptions train = options.train;
  train.schedule = options.schedule == "step" ? Schedule::kStep : Schedule::kCosine;
  train.seed = context.seed;
  train.threads = DecodingThreads(context);
  train.cache = ParseBytes(options.cache);
  train.checkpoint = folder / kCheckpoint;
  if (Exists(train.checkpoint) && !options.force && !train.resume) {
    Fail("{}: a training has not been finished: --resume goes on with it, --force starts anew",
         train.checkpoint.string());
  }
  train.resume = train.resume && !options.force;
  const TrainResult result = TrainUntilSignal(options, untrained, train, images, held_out, context);
  Json record = ToJson(result);
  Json kept = {{"options", provenance.options}, {"seed", context.seed}};
  for (const char* key : {"top1", "top5", "counted", "images", "seconds"}) kept[key] = record[key];
  UnfinishedResult unfinished(files, ResultKind::kTraining, provenance);
  unfinished.Begin();
  record["files"] =
      FileDigests(folder, WriteTrainedNetwork(folder, name, untrained.input, result, kept));
  WriteFile(files.CurveTable(), CurveTable(result).Csv());
  WriteDrawing(files.Curve(""), DrawCurve(result, name));
  unfinished.provenance().Add(LoadModel(network_file));
  unfinished.Finish(record);
  WriteFile(files.Options(), OptionsToml(command));
  std::error_code error;
  for (const Path& file : {train.checkpoint, PreviousCheckpoint(train.checkpoint)}) {
    std::filesystem::remove(file, error);
  }
  spdlog::info("{} parameters in {}; peak memory {}", result.parameters, network_file.string(),
               FormatBytes(PeakMemory()));
  Print(ReadJson(result_file), name, options.json);
}

CLI::Option* AddNumber(CLI::App& command, const std::string& name, double& value,
                       const std::string& help) {
  return command.add_option(name, value, help)->type_name("X")->capture_default_str();
}

void AddImageOptions(CLI::App& command, TrainArguments& options) {
  command
      .add_option(
          "--images", options.images,
          "Descriptor (JSON): its \"train\" list is trained on, its \"list\" held out; or a\n"
          "list (.txt), all of it trained on")
      ->required()
      ->type_name("SET");
  command
      .add_option("--val", options.held_out,
                  "Held-out images instead of the descriptor's: a descriptor or a list")
      ->type_name("SET");
  command.add_option("--limit", options.limit, "First N training images; 0 = all")
      ->check(NotNegative())
      ->type_name("N")
      ->capture_default_str();
  command.add_flag("--strict", options.train.strict,
                   "An unreadable image is an error, not left out");
  command.add_option("--cache", options.cache, "Memory for decoded images, such as 2GiB")
      ->check(Parsed([](const std::string& text) { ParseBytes(text); }))
      ->type_name("SIZE")
      ->capture_default_str();
}

void AddArchitectureOptions(CLI::App& command, TrainArguments& options) {
  command
      .add_option("--network", options.network,
                  "Network descriptor (JSON), or a bundled network, whose graph is trained from\n"
                  "random weights, with the classes of the images")
      ->type_name("DESCRIPTOR");
  command
      .add_option("--architecture", options.architecture,
                  "Without --network. alexnet: the paper's Table 1; it takes what follows, which\n"
                  "a descriptor says itself")
      ->check(CLI::IsMember({"alexnet"}))
      ->type_name("NAME")
      ->capture_default_str();
  AddNumber(command, "--width", options.alexnet.width, "Multiplies the units of all layers")
      ->check(Positive());
  command.add_option("--size", options.alexnet.size, "Height and width of the input, pixels")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--fc", options.alexnet.fc, "Units of fc6 and fc7; 0 = 4096 x width")
      ->check(NotNegative())
      ->type_name("N")
      ->capture_default_str();
  command
      .add_flag("--batch-norm,!--no-batch-norm", options.train.batch_norm,
                "Batch normalisation, folded when saving (default); without it, local response\n"
                "normalisation as in the original, which wants --rate 0.01")
      ->default_str("true");
  command.add_option("--order", options.order, "Channels of the network's input: BGR or RGB")
      ->check(CLI::IsMember({"BGR", "RGB"}))
      ->capture_default_str();
  command.add_option("--mean", options.mean, "Subtracted from the channels, in that order")
      ->expected(3)
      ->type_name("X X X")
      ->capture_default_str();
  command.add_option("--scale", options.scale, "Multiplies what remains")->capture_default_str();
}

// Of options that --network makes meaningless, their defaults pass: options.toml has them.
void RefuseArchitectureOptions(const CLI::App& command) {
  for (const char* name : {"--width", "--size", "--fc", "--order", "--mean", "--scale"}) {
    const CLI::Option& option = *command.get_option(name);
    if (option.count() == 0 || IsDefault(option)) continue;
    throw CLI::ValidationError(name, "is of --architecture; what --network names says it itself");
  }
}

void AddScheduleOptions(CLI::App& command, TrainArguments& options) {
  TrainOptions& train = options.train;
  command.add_option("--epochs", train.epochs, "Passes over the training images")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  AddNumber(command, "--minutes", train.minutes,
            "Time to train for, instead of --epochs; depends on the machine's speed, and so does\n"
            "the result")
      ->check(NotNegative());
  command.add_option("--batch", train.batch, "Images a step")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  command
      .add_option("--shard", train.shard,
                  "Images computed together on a thread, and normalised by their own statistics")
      ->check(Positive())
      ->type_name("N")
      ->capture_default_str();
  AddNumber(command, "--rate", train.rate, "Learning rate");
  AddNumber(command, "--momentum", train.momentum, "Momentum");
  AddNumber(command, "--decay", train.decay, "Weight decay");
  command
      .add_option("--schedule", options.schedule,
                  "cosine: the rate falls to 0; step: a tenth after each third")
      ->check(CLI::IsMember({"cosine", "step"}))
      ->capture_default_str();
  AddNumber(command, "--warmup", train.warmup, "Epochs in which the rate rises to its value");
}

void AddRegularisationOptions(CLI::App& command, TrainArguments& options) {
  TrainOptions& train = options.train;
  AddNumber(command, "--crop", train.augment.crop,
            "Least side of the random crop, as a fraction of the image's; 1 = no crop");
  command
      .add_flag("--mirror,!--no-mirror", train.augment.mirror,
                "Mirror images left to right half of the time (default)")
      ->default_str("true");
  AddNumber(command, "--jitter", train.augment.jitter, "Change of contrast and brightness");
  command
      .add_option("--dropout", options.dropout,
                  "Of all dropout layers; by default each layer's own, of alexnet 0.5")
      ->type_name("X");
  AddNumber(command, "--label-smoothing", train.label_smoothing,
            "Share of each target that is spread over all classes");
}

void AddOutputOptions(CLI::App& command, TrainArguments& options) {
  options.out = "runs/train";
  command.add_option("--out", options.out, "Folder of the results")
      ->type_name("DIR")
      ->capture_default_str();
  command.add_option("--name", options.name, "Of the network and its files; default NETWORK_SET")
      ->check(Parsed(RequireNetworkName))
      ->type_name("NAME");
  command.add_flag("--half", options.train.half, "Weights as float16, half the size");
  AddNumber(command, "--checkpoint-minutes", options.train.checkpoint_minutes,
            "Time between checkpoints")
      ->check(Positive());
  command.add_flag("--resume", options.train.resume,
                   "Go on from the checkpoint in --out, if there is one");
  command.add_flag("--force", options.force, "Do not reuse or resume");
  AddJsonOption(command, options.json);
}

}  // namespace

void AddTrainCommand(CLI::App& app, Context& context) {
  auto options = std::make_shared<TrainArguments>();
  CLI::App* command = app.add_subcommand(
      "train", "Trains a network from scratch on a labelled image list (Section 2)");
  AddImageOptions(*command, *options);
  AddArchitectureOptions(*command, *options);
  AddScheduleOptions(*command, *options);
  AddRegularisationOptions(*command, *options);
  AddOutputOptions(*command, *options);
  command->callback([=, &context] {
    options->alexnet.norm = !options->train.batch_norm;
    if (command->count("--dropout") > 0) options->train.dropout = options->dropout;
    if (!options->network.empty()) RefuseArchitectureOptions(*command);
    context.run = [=, &context] { RunTrain(*options, *command, context); };
  });
}

}  // namespace netdissect
