#include "train/checkpoint.h"

#include <ATen/core/Tensor.h>

#include <limits>

#include "base/digest.h"
#include "base/json_bounds.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr char kSettings[] = "settings", kState[] = "state", kChecksum[] = "checksum";

template <typename... Args>
[[noreturn]] void Damaged(fmt::format_string<Args...> format, Args&&... args) {
  throw DamagedCheckpoint(fmt::format(format, std::forward<Args>(args)...));
}

// Of all that is stored but the checksum itself.
std::string ChecksumOf(const SafeTensors& stored) {
  Digest digest;
  for (const auto& [key, value] : stored.metadata) {
    if (key != kChecksum) digest.Add(key).Add(value);
  }
  for (const auto& [name, tensor] : stored.tensors) {
    const at::Tensor values = tensor.contiguous();
    digest.Add(name).Add(fmt::format("{}", fmt::join(values.sizes().vec(), " ")));
    digest.Add(values.data_ptr(), static_cast<size_t>(values.nbytes()));
  }
  return digest.Hex();
}

Json ToJson(const EpochRecord& epoch) {
  return {epoch.epoch, epoch.images, epoch.loss, epoch.train_top1,
          epoch.top1,  epoch.top5,   epoch.rate, epoch.seconds};
}

Json ToJson(const TrainState& state) {
  Json epochs = Json::array();
  for (const EpochRecord& epoch : state.epochs) epochs.push_back(ToJson(epoch));
  return {{"step", state.step},
          {"images", state.images},
          {"seconds", state.seconds},
          {"step_seconds", state.step_seconds},
          {"epoch_images", state.epoch_images},
          {"epoch_right", state.epoch_right},
          {"epoch_loss", state.epoch_loss},
          {"recent_loss", state.watch.recent},
          {"high_steps", state.watch.high_steps},
          {"epochs", epochs},
          {"skipped", state.skipped}};
}

// The state as it stands in a file, which may hold anything.
class StateReader {
 public:
  StateReader(const Path& file, const Json& json, const TrainBounds& bounds)
      : file_(file), json_(json), bounds_(bounds) {}

  TrainState Read() const {
    TrainState state;
    state.step = Count(json_, "step", bounds_.steps);
    state.images = Count(json_, "images", state.step * bounds_.batch);
    state.seconds = Number(json_, "seconds", 0, kLongest);
    state.step_seconds = Number(json_, "step_seconds", 0, kLongest);
    state.epoch_images =
        Count(json_, "epoch_images", state.step % bounds_.epoch_steps * bounds_.batch);
    state.epoch_right = Count(json_, "epoch_right", state.epoch_images);
    state.epoch_loss = Number(json_, "epoch_loss", 0, kLargest);
    state.watch.recent = Number(json_, "recent_loss", -1, kLargest);
    state.watch.high_steps = Count(json_, "high_steps", state.step);
    const Json& epochs = json_.at("epochs");
    // A training for a given time may end in the middle of an epoch.
    const auto done = static_cast<size_t>(state.step / bounds_.epoch_steps);
    if (!epochs.is_array() || epochs.size() < done || epochs.size() > done + 1) {
      Complain("epochs", fmt::format("an array of {} epochs", done), epochs);
    }
    for (const Json& epoch : epochs) state.epochs.push_back(Epoch(epoch, state.epochs.size()));
    const Json& skipped = json_.at("skipped");
    if (!skipped.is_object()) Complain("skipped", "an object", skipped);
    for (const auto& [image, reason] : skipped.items()) {
      if (!reason.is_string()) Complain("skipped", "text for each image", reason);
      state.skipped[image] = reason.get<std::string>();
    }
    return state;
  }

 private:
  static constexpr double kLongest = 1e10;  // seconds
  static constexpr double kLargest = 1e30;  // loss

  [[noreturn]] void Complain(const std::string& key, const std::string& expected,
                             const Json& found) const {
    Damaged("{}: state: {}: expected {}, found {}", file_.string(), key, expected, Shown(found));
  }

  template <typename Key>
  static std::string NameOf(Key key) {
    return fmt::format("{}", key);
  }

  template <typename Key>
  int64_t Count(const Json& json, Key key, int64_t most) const {
    const Json& value = json.at(key);
    if (value.is_number_integer()) {
      const auto count = value.get<int64_t>();
      if (count >= 0 && count <= most) return count;
    }
    Complain(NameOf(key), fmt::format("a whole number of 0 to {}", most), value);
  }

  template <typename Key>
  double Number(const Json& json, Key key, double least, double most) const {
    const Json& value = json.at(key);
    if (value.is_number()) {
      const auto number = value.get<double>();
      if (number >= least && number <= most) return number;
    }
    Complain(NameOf(key), fmt::format("a number of {:g} to {:g}", least, most), value);
  }

  // JSON has no NaN: it is written as null.
  double Fraction(const Json& json, size_t key) const {
    return json.at(key).is_null() ? std::numeric_limits<double>::quiet_NaN()
                                  : Number(json, key, 0, 1);
  }

  EpochRecord Epoch(const Json& json, size_t index) const {
    EpochRecord epoch;
    epoch.epoch = static_cast<int>(index) + 1;
    if (json.at(0) != epoch.epoch) Complain("epochs", fmt::format("epoch {}", epoch.epoch), json);
    epoch.images = Count(json, size_t{1}, bounds_.epoch_steps * bounds_.batch);
    epoch.loss = Number(json, size_t{2}, 0, kLargest);
    epoch.train_top1 = Fraction(json, 3);
    epoch.top1 = Fraction(json, 4);
    epoch.top5 = Fraction(json, 5);
    epoch.rate = Number(json, size_t{6}, 0, kLargest);
    epoch.seconds = Number(json, size_t{7}, 0, kLongest);
    return epoch;
  }

  const Path& file_;
  const Json& json_;
  const TrainBounds& bounds_;
};

// `place` is what is said of the settings so far: "network: conv1: units".
void RequireSame(const Path& file, const std::string& place, const Json& expected,
                 const Json& found) {
  if (expected == found) return;
  if (!expected.is_object() || !found.is_object()) {
    Fail("{}: is a checkpoint of another training: {}: expected {}, found {}", file.string(), place,
         Shown(expected), Shown(found));
  }
  for (const Json* object : {&expected, &found}) {
    for (const auto& [name, value] : object->items()) {
      const auto in = [&, key = name](const Json& other) {
        return other.contains(key) ? other[key] : Json();
      };
      RequireSame(file, place.empty() ? name : place + ": " + name, in(expected), in(found));
    }
  }
}

SafeTensors ReadStored(const Path& file) {
  try {
    return ReadSafeTensors(file);
  } catch (const Error& error) {
    throw DamagedCheckpoint(error.what());
  }
}

const std::string& MetadataOf(const SafeTensors& stored, const char* key, const Path& file) {
  const auto found = stored.metadata.find(key);
  if (found != stored.metadata.end()) {
    RequireBoundedJson(found->second, file.string());
    return found->second;
  }
  Damaged("{}: expected a checkpoint of train, found a file without \"{}\"", file.string(), key);
}

}  // namespace

Path PreviousCheckpoint(const Path& file) {
  Path previous = file;
  return previous.replace_filename(file.stem().string() + ".previous" + file.extension().string());
}

// A second name for the file, so that at any moment the first is there. Where the file system has
// no such names there is no previous one.
void WriteCheckpoint(const Path& file, const Trainee& trainee, const Json& settings,
                     const TrainState& state) {
  SafeTensors stored{trainee.State(),
                     {{kSettings, settings.dump(-1, ' ', false, Json::error_handler_t::replace)},
                      {kState, ToJson(state).dump()}}};
  stored.metadata[kChecksum] = ChecksumOf(stored);
  std::error_code ignored;
  std::filesystem::remove(PreviousCheckpoint(file), ignored);
  std::filesystem::create_hard_link(file, PreviousCheckpoint(file), ignored);
  WriteSafeTensors(file, stored);
}

TrainState ReadCheckpoint(const Path& file, const Json& settings, const TrainBounds& bounds,
                          Trainee& trainee) {
  const SafeTensors stored = ReadStored(file);
  const std::string expected = ChecksumOf(stored);
  TrainState state;
  try {
    const std::string& found = MetadataOf(stored, kChecksum, file);
    // Of a training with other settings other numbers are right.
    if (found == expected) {
      RequireSame(file, "", settings, Json::parse(MetadataOf(stored, kSettings, file)));
    }
    const Json stored_state = Json::parse(MetadataOf(stored, kState, file));
    state = StateReader(file, stored_state, bounds).Read();
    if (found != expected) {
      Damaged("{}: expected the checksum {}, found {}", file.string(), expected, found);
    }
  } catch (const Json::exception& error) {
    Damaged("{}: expected a checkpoint of train, found other contents: {}", file.string(),
            error.what());
  }
  trainee.Restore(stored, file);
  return state;
}

}  // namespace netdissect
