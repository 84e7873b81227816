#include "nn/input_object.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "base/digest.h"
#include "base/limits.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

const std::vector<std::string> kOrders = {"BGR", "RGB", "gray"};
const std::vector<std::string> kResizes = {"squash", "crop", "letterbox"};
const std::vector<std::string> kInterpolations = {"nearest", "bilinear", "bicubic", "area"};

template <typename Enum>
Enum OneOf(const JsonObject& input, const std::string& key, const std::vector<std::string>& words,
           Enum otherwise) {
  if (!input.Has(key)) return otherwise;
  const auto found = std::find(words.begin(), words.end(), input.OneOf(key, words));
  return static_cast<Enum>(found - words.begin());
}

template <typename Enum>
const std::string& NameOf(const std::vector<std::string>& words, Enum value) {
  return words[static_cast<size_t>(value)];
}

float FloatOf(const JsonObject& object, const std::string& key, double number) {
  if (!(std::abs(number) <= std::numeric_limits<float>::max())) {
    object.Complain(key, fmt::format("expected numbers of 32 bits, found {}", number));
  }
  return static_cast<float>(number);
}

// A number for each channel, or one for all.
std::array<float, 3> ByChannel(const JsonObject& object, const std::string& key, int channels) {
  if (!object.Value(key).is_array()) {
    const float number = FloatOf(object, key, object.Number(key));
    return {number, number, number};
  }
  const std::vector<double> numbers = object.Numbers(key);
  if (numbers.size() != static_cast<size_t>(channels)) {
    object.Complain(key, fmt::format("expected {} number{}, found {}", channels,
                                     channels == 1 ? "" : "s", numbers.size()));
  }
  std::array<float, 3> values{};
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = FloatOf(object, key, numbers[std::min(i, numbers.size() - 1)]);
  }
  return values;
}

void ReadSize(const JsonObject& input, InputFormat& format) {
  if (input.Value("size").is_array()) {
    const std::vector<int> size = input.Integers("size");
    if (size.size() != 2) input.Complain("size", "expected one number or [height, width]");
    format.height = size[0];
    format.width = size[1];
  } else {
    format.height = format.width = input.Integer("size");
  }
  if (format.height < 1 || format.width < 1 || format.height > kLongestInputSide ||
      format.width > kLongestInputSide) {
    input.Complain("size", fmt::format("expected 1 to {} pixels, found {} x {}", kLongestInputSide,
                                       format.height, format.width));
  }
}

void ReadSide(const JsonObject& input, InputFormat& format) {
  if (!input.Has("side")) return;
  format.side = input.Integer("side");
  if (format.resize == ResizeMode::kLetterbox) {
    input.Complain("side", fmt::format("expected it with \"resize\": \"crop\" or \"squash\" alone, "
                                       "found {} with \"letterbox\"",
                                       format.side));
  }
  if (format.side < 1 || format.side > kLongestInputSide) {
    input.Complain(
        "side", fmt::format("expected 1 to {} pixels, found {}", kLongestInputSide, format.side));
  }
}

void ReadAntialias(const JsonObject& input, InputFormat& format) {
  if (!input.Has("antialias")) return;
  const Json& value = input.Value("antialias");
  if (!value.is_boolean()) {
    input.Complain("antialias", "expected true or false, found " + Shown(value));
  }
  format.antialias = value.get<bool>();
  const bool can = format.interpolation == Interpolation::kBilinear ||
                   format.interpolation == Interpolation::kBicubic;
  if (format.antialias && !can) {
    input.Complain("antialias", fmt::format("expected bilinear or bicubic interpolation with it, "
                                            "found {}",
                                            NameOf(kInterpolations, format.interpolation)));
  }
}

void ReadFill(const JsonObject& input, InputFormat& format) {
  if (!input.Has("fill")) return;
  const std::array<float, 3> fill = ByChannel(input, "fill", format.channels());
  for (size_t i = 0; i < fill.size(); ++i) {
    if (!(fill[i] >= 0 && fill[i] <= 255 && fill[i] == std::floor(fill[i]))) {
      input.Complain("fill", fmt::format("expected integers from 0 to 255, found {}", fill[i]));
    }
    format.fill[i] = static_cast<uint8_t>(fill[i]);
  }
}

// Round-trips through decimal as short as possible: 0.0171, not 0.017100000753998756.
Json Numbers(const InputFormat& format, const std::array<float, 3>& numbers) {
  Json json = Json::array();
  for (size_t i = 0; i < static_cast<size_t>(format.channels()); ++i) {
    json.push_back(std::stod(fmt::format("{}", numbers[i])));
  }
  return json;
}

// Whether a picture may leave a part of the input to be filled.
bool Fills(const InputFormat& format) {
  return format.fill != InputFormat().fill &&
         (format.resize == ResizeMode::kLetterbox || format.side > 0);
}

}  // namespace

InputFormat ReadInputFormat(const JsonObject& input) {
  InputFormat format;
  ReadSize(input, format);
  format.order = OneOf(input, "order", kOrders, format.order);
  format.resize = OneOf(input, "resize", kResizes, format.resize);
  ReadSide(input, format);
  format.interpolation = OneOf(input, "interpolation", kInterpolations, format.interpolation);
  ReadAntialias(input, format);
  ReadFill(input, format);
  if (input.Has("mean")) {
    if (input.Value("mean").is_string()) {
      format.mean_image = ReadMeanImage(input.ExistingPath("mean"), format);
    } else {
      format.mean = ByChannel(input, "mean", format.channels());
    }
  }
  if (input.Has("scale")) {
    format.scale = ByChannel(input, "scale", format.channels());
    for (float scale : format.scale) {
      if (scale == 0) {
        input.Complain("scale",
                       fmt::format("expected a finite number other than 0, found {}", scale));
      }
    }
  }
  return format;
}

Json ToJson(const InputFormat& format) {
  const bool square = format.height == format.width;
  Json json = {{"size", square ? Json(format.height) : Json{format.height, format.width}},
               {"order", NameOf(kOrders, format.order)}};
  if (format.mean_image.defined()) {
    const at::Tensor mean = format.mean_image.contiguous();
    Digest digest;
    digest.Add(mean.data_ptr(), static_cast<size_t>(mean.nbytes()));
    json["mean"] = {{"image", digest.Hex()}};
  } else {
    json["mean"] = Numbers(format, format.mean);
  }
  json["scale"] = Numbers(format, format.scale);
  const InputFormat plain;
  if (format.resize != plain.resize) json["resize"] = NameOf(kResizes, format.resize);
  if (format.side != plain.side) json["side"] = format.side;
  if (format.interpolation != plain.interpolation) {
    json["interpolation"] = NameOf(kInterpolations, format.interpolation);
  }
  if (format.antialias) json["antialias"] = true;
  if (Fills(format)) {
    json["fill"] = Json::array();
    for (size_t i = 0; i < static_cast<size_t>(format.channels()); ++i) {
      json["fill"].push_back(static_cast<int>(format.fill[i]));
    }
  }
  return json;
}

std::string ResizingOf(const InputFormat& format) {
  Json json = ToJson(format);
  for (const char* key : {"size", "order", "mean", "scale"}) json.erase(key);
  return json.empty() ? "" : json.dump();
}

}  // namespace netdissect
