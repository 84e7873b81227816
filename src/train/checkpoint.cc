#include "train/checkpoint.h"

#include <limits>

#include "netdissect/base/error.h"

namespace netdissect {
namespace {

constexpr char kSettings[] = "settings", kState[] = "state";

Json ToJson(const EpochRecord& epoch) {
  return {epoch.epoch, epoch.images, epoch.loss, epoch.train_top1,
          epoch.top1,  epoch.top5,   epoch.rate, epoch.seconds};
}

EpochRecord EpochOf(const Json& json) {
  // JSON has no NaN: it is written as null.
  const auto number = [&](size_t i) {
    return json.at(i).is_null() ? std::numeric_limits<double>::quiet_NaN()
                                : json.at(i).get<double>();
  };
  return {json.at(0).get<int>(),
          json.at(1).get<int64_t>(),
          number(2),
          number(3),
          number(4),
          number(5),
          number(6),
          number(7)};
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

TrainState StateOf(const Json& json) {
  TrainState state;
  json.at("step").get_to(state.step);
  json.at("images").get_to(state.images);
  json.at("seconds").get_to(state.seconds);
  json.at("step_seconds").get_to(state.step_seconds);
  json.at("epoch_images").get_to(state.epoch_images);
  json.at("epoch_right").get_to(state.epoch_right);
  json.at("epoch_loss").get_to(state.epoch_loss);
  json.at("recent_loss").get_to(state.watch.recent);
  json.at("high_steps").get_to(state.watch.high_steps);
  for (const Json& epoch : json.at("epochs")) state.epochs.push_back(EpochOf(epoch));
  json.at("skipped").get_to(state.skipped);
  return state;
}

void RequireSameSettings(const Path& file, const Json& expected, const Json& found) {
  for (const auto& [name, value] : expected.items()) {
    const Json other = found.contains(name) ? found[name] : Json();
    if (other == value) continue;
    Fail("{}: is a checkpoint of another training: {}: expected {}, found {}", file.string(), name,
         value.dump(), other.dump());
  }
}

}  // namespace

void WriteCheckpoint(const Path& file, const Trainee& trainee, const Json& settings,
                     const TrainState& state) {
  WriteSafeTensors(
      file, {trainee.State(), {{kSettings, settings.dump()}, {kState, ToJson(state).dump()}}});
}

TrainState ReadCheckpoint(const Path& file, const Json& settings, Trainee& trainee) {
  const SafeTensors stored = ReadSafeTensors(file);
  const auto text = [&](const char* key) {
    const auto found = stored.metadata.find(key);
    if (found == stored.metadata.end()) {
      Fail("{}: expected a checkpoint of train, found a file without \"{}\"", file.string(), key);
    }
    return found->second;
  };
  try {
    RequireSameSettings(file, settings, Json::parse(text(kSettings)));
    TrainState state = StateOf(Json::parse(text(kState)));
    trainee.Restore(stored, file);
    return state;
  } catch (const Json::exception& error) {
    Fail("{}: expected a checkpoint of train, found other contents: {}", file.string(),
         error.what());
  }
}

}  // namespace netdissect
