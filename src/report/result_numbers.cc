#include "report/result_numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/json.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

// Members of an object, of their type, or an Error that names the key.
using IsOfType = bool (Json::*)() const;
const Json& Member(const Json& object, const std::string& key, IsOfType is, const char* expected) {
  if (!object.is_object() || !object.contains(key)) {
    Fail("key \"{}\": expected {}, found {}", key, expected,
         object.is_object() ? "none" : Shown(object));
  }
  const Json& value = object[key];
  if (!(value.*is)()) Fail("key \"{}\": expected {}, found {}", key, expected, Shown(value));
  return value;
}
double NumberOf(const Json& object, const std::string& key) {
  return Member(object, key, &Json::is_number, "a number").get<double>();
}
int64_t IntegerOf(const Json& object, const std::string& key) {
  return Member(object, key, &Json::is_number_integer, "an integer").get<int64_t>();
}
std::string StringOf(const Json& object, const std::string& key) {
  return Member(object, key, &Json::is_string, "text").get<std::string>();
}
const Json& ListOf(const Json& object, const std::string& key) {
  return Member(object, key, &Json::is_array, "a list");
}
const Json& ObjectOf(const Json& object, const std::string& key) {
  return Member(object, key, &Json::is_object, "an object");
}
bool IsKnown(const Json& object, const std::string& key) {
  return object.is_object() && object.contains(key) && !object[key].is_null();
}

std::string UnitKey(const Json& unit) { return std::to_string(IntegerOf(unit, "unit")); }
std::string ImageKey(const Json& image) { return StringOf(image, "image"); }

void ForEachLayer(const Json& json,
                  const std::function<void(const std::string& name, const Json& layer)>& work) {
  for (const auto& [name, layer] : ObjectOf(json, "layers").items()) {
    try {
      work(name, layer);
    } catch (const Error& error) {
      Fail("layer {}: {}", name, error.what());
    }
  }
}

// A value of each item that has one: what is null is not known.
void AddValues(const Json& items, const std::string& layer, const std::string& name,
               const std::string& of, const std::string& key,
               const std::function<std::string(const Json&)>& item_of, ResultNumbers& numbers) {
  ItemValues& added = numbers.values.emplace_back(ItemValues{layer, name, of, {}});
  for (const Json& item : items) {
    const std::string its_name = item_of(item);
    if (IsKnown(item, key)) added.values.emplace(its_name, NumberOf(item, key));
  }
}

void AddUnitValues(const Json& layer, const std::string& layer_name, const std::string& name,
                   const std::string& key, ResultNumbers& numbers) {
  AddValues(ListOf(layer, "units"), layer_name, name, "units", key, UnitKey, numbers);
}

void ReadFields(const Json& json, ResultNumbers& numbers) {
  if (json.contains("value") && !json.contains("layers")) return;  // of one picture
  ForEachLayer(json, [&](const std::string& name, const Json& layer) {
    AddUnitValues(layer, name, "mean size", "size", numbers);
    numbers.architecture[name] = fmt::format(
        "a theoretical receptive field of {} pixels",
        layer.contains("theoretical_size") ? Shown(layer["theoretical_size"]) : "unknown");
  });
}

std::string TopImageName(const Json& top) { return StringOf(top, "set") + "/" + ImageKey(top); }

void ReadRecord(const Json& json, ResultNumbers& numbers) {
  ForEachLayer(json, [&](const std::string& name, const Json& layer) {
    numbers.architecture[name] = fmt::format("{} units", ListOf(layer, "units").size());
    ItemValues largest{name, "mean largest activation", "units", {}};
    ItemWords tops{name, "top images", "units", {}};
    for (const Json& unit : ListOf(layer, "units")) {
      const Json& top = ListOf(unit, "top");
      if (top.empty()) continue;
      if (IsKnown(top[0], "value")) {
        largest.values.emplace(UnitKey(unit), NumberOf(top[0], "value"));
      }
      std::vector<std::string>& images = tops.words[UnitKey(unit)];
      for (const Json& image : top) images.push_back(TopImageName(image));
    }
    numbers.values.push_back(std::move(largest));
    numbers.words.push_back(std::move(tops));
    AddUnitValues(layer, name, "mean 0.995 quantile", "quantile_0.995", numbers);
    // The last set's share is what the others leave.
    const Json& shares = ObjectOf(layer, "set_share");
    const auto total = static_cast<int64_t>(ListOf(layer, "top_images").size());
    size_t left = shares.size();
    for (const auto& [set, unused] : shares.items()) {
      if (--left == 0) return;
      const double count = NumberOf(shares, set) * static_cast<double>(total);
      numbers.shares.push_back(
          {name, "share of " + set + " among top images", {std::llround(count), total}});
    }
  });
}

void ReadLabels(const Json& json, const std::string& command, ResultNumbers& numbers) {
  ForEachLayer(json, [&](const std::string& name, const Json& layer) {
    AddUnitValues(layer, name, "mean precision", "precision", numbers);
    AddUnitValues(layer, name, "mean intersection over union", "iou", numbers);
    ItemWords labels{name, "labels", "units", {}};
    for (const Json& unit : ListOf(layer, "units")) {
      std::vector<std::string>& words = labels.words[UnitKey(unit)];
      if (IsKnown(unit, "label")) words.push_back(StringOf(unit, "label"));
    }
    // People may have named some of the units.
    if (command == "annotate auto") {
      numbers.architecture[name] = fmt::format("{} units", labels.words.size());
    }
    numbers.words.push_back(std::move(labels));
  });
}

void ReadQuality(const Json& json, ResultNumbers& numbers) {
  ForEachLayer(json, [&](const std::string& name, const Json& layer) {
    AddUnitValues(layer, name, "mean average precision", "ap", numbers);
    AddUnitValues(layer, name, "mean Jaccard index", "jaccard", numbers);
    AddUnitValues(layer, name, "mean best Jaccard index", "best_jaccard", numbers);
  });
}

void ReadClassified(const Json& json, ResultNumbers& numbers) {
  ItemValues top1{"", "top-1 accuracy", "images", {}}, top5{"", "top-5 accuracy", "images", {}};
  ItemWords classes{"", "classes", "images", {}};
  for (const Json& prediction : ListOf(json, "predictions")) {
    const auto image = ImageKey(prediction);
    const Json& ranked = ListOf(prediction, "classes");
    if (ranked.empty()) continue;
    classes.words[image] = {StringOf(ranked[0], "name")};
    const auto target = IntegerOf(prediction, "target");
    if (target < 0) continue;  // no label that is a class
    constexpr size_t kRanks = 5;
    bool is_among = false;
    for (size_t i = 0; i < ranked.size() && i < kRanks; ++i) {
      is_among = is_among || IntegerOf(ranked[i], "class") == target;
    }
    top1.values[image] = IntegerOf(ranked[0], "class") == target ? 1 : 0;
    if (ranked.size() >= kRanks) top5.values[image] = is_among ? 1 : 0;
  }
  numbers.values = {std::move(top1), std::move(top5)};
  numbers.words = {std::move(classes)};
}

void ReadSimplified(const Json& json, ResultNumbers& numbers) {
  AddValues(ListOf(json, "images"), "", "mean kept fraction", "images", "kept_fraction", ImageKey,
            numbers);
}

void ReadProbed(const Json& json, ResultNumbers& numbers) {
  ForEachLayer(json, [&](const std::string& name, const Json& layer) {
    const auto test = IntegerOf(layer, "test");
    const double correct = NumberOf(layer, "accuracy") * static_cast<double>(test);
    numbers.shares.push_back({name, "accuracy", {std::llround(correct), test}});
    numbers.architecture[name] = fmt::format("{} units", IntegerOf(layer, "units"));
  });
}

void ReadEmergence(const Json& json, ResultNumbers& numbers) {
  const std::pair<const char*, const char*> kCorrelations[] = {
      {"frequency_units", "correlation of frequency and units"},
      {"units_informative", "correlation of units and informative categories"}};
  for (const auto& [key, name] : kCorrelations) {
    const Json& estimate = ObjectOf(ObjectOf(json, "correlations"), key);
    if (!IsKnown(estimate, "pearson") || !IsKnown(estimate, "interval")) continue;
    const double r = NumberOf(estimate, "pearson");
    const Json& interval = ListOf(estimate, "interval");
    if (interval.size() != 2 || !interval[0].is_number() || !interval[1].is_number()) {
      Fail("key \"interval\": expected two numbers, found {}", Shown(interval));
    }
    // A bootstrap interval may lie beside the value.
    numbers.correlations.push_back(
        {name,
         {r, std::min(r, interval[0].get<double>()), std::max(r, interval[1].get<double>())}});
  }
}

void Read(const FoundResult& result, const Json& json, ResultNumbers& numbers) {
  switch (result.kind) {
    case ResultKind::kFields:
    case ResultKind::kGradientFields:
      return ReadFields(json, numbers);
    case ResultKind::kRecord:
      return ReadRecord(json, numbers);
    case ResultKind::kLabels:
      return ReadLabels(json, result.header.provenance.command, numbers);
    case ResultKind::kQuality:
      return ReadQuality(json, numbers);
    case ResultKind::kClassify:
      return ReadClassified(json, numbers);
    case ResultKind::kSimplify:
      return ReadSimplified(json, numbers);
    case ResultKind::kProbe:
      return ReadProbed(json, numbers);
    case ResultKind::kEmergence:
      return ReadEmergence(json, numbers);
    default:
      return;
  }
}

}  // namespace

bool HasNumbers(ResultKind kind) {
  switch (kind) {
    case ResultKind::kFields:
    case ResultKind::kGradientFields:
    case ResultKind::kRecord:
    case ResultKind::kLabels:
    case ResultKind::kQuality:
    case ResultKind::kClassify:
    case ResultKind::kSimplify:
    case ResultKind::kProbe:
    case ResultKind::kEmergence:
      return true;
    default:
      return false;
  }
}

ResultNumbers ReadNumbers(const FoundResult& result) {
  const Json json = ReadJson(result.file);
  ResultNumbers numbers;
  try {
    Read(result, json, numbers);
  } catch (const Error& error) {
    Fail("{}: {}; it is not as `{}` writes it", result.file.string(), error.what(),
         CommandOf(result.kind));
  }
  if (json.contains("layers")) {
    for (const auto& layer : json["layers"].items()) numbers.layers.push_back(layer.key());
  }
  return numbers;
}

}  // namespace netdissect
