#include "nn/caffe_text.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "netdissect/base/error.h"

namespace netdissect {
namespace {

namespace pb = google::protobuf;

// Deeper than any network description, and far from the end of the stack.

// What training needs and inference does not depend on, wherever it stands.
const std::set<std::string>& HarmlessFields() {
  static const std::set<std::string> fields = {"blob_share_mode",
                                               "blobs_lr",
                                               "bias_filler",
                                               "debug_info",
                                               "engine",
                                               "filler",
                                               "force_backward",
                                               "force_nd_im2col",
                                               "loss_param",
                                               "loss_weight",
                                               "moving_average_fraction",
                                               "param",
                                               "phase",
                                               "propagate_down",
                                               "stable_prod_grad",
                                               "transform_param",
                                               "weight_decay",
                                               "weight_filler"};
  return fields;
}

struct Remark {
  int line = 0;  // from 0, as the parser counts
  int column = 0;
  std::string text;
};

class Collector : public pb::io::ErrorCollector {
 public:
  void AddError(int line, pb::io::ColumnNumber column, const std::string& message) override {
    // The first error is the cause, the others may be its consequence.
    if (error.text.empty()) error = {line, column, message};
  }
  void AddWarning(int line, pb::io::ColumnNumber column, const std::string& message) override {
    warnings.push_back({line, column, message});
  }
  Remark error;
  std::vector<Remark> warnings;
};

// The name in `Message type "..." has no field named "engine".`, or "" where it is another warning.
std::string UnknownName(const std::string& warning) {
  const std::string key = "has no field named \"";
  const size_t begin = warning.find(key);
  if (begin == std::string::npos) return "";
  const size_t name = begin + key.size();
  return warning.substr(name, warning.find('"', name) - name);
}

bool StandsInNet(const std::string& warning) {
  return warning.find("\"" + caffe::NetParameter::descriptor()->full_name() + "\"") !=
         std::string::npos;
}

using Place = std::pair<int, int>;  // line and column

// Where the elements of one of the two lists of layers begin.
std::vector<Place> Starts(const pb::TextFormat::ParseInfoTree& tree, const char* field, int count) {
  const pb::FieldDescriptor* list = caffe::NetParameter::descriptor()->FindFieldByName(field);
  std::vector<Place> starts;
  for (int i = 0; i < count; ++i) {
    const pb::TextFormat::ParseLocation place = tree.GetLocation(list, i);
    starts.emplace_back(place.line, place.column);
  }
  return starts;
}

// The last element that begins at or before `place`, or -1.
int LastBefore(const std::vector<Place>& starts, const Place& place) {
  return static_cast<int>(std::upper_bound(starts.begin(), starts.end(), place) - starts.begin()) -
         1;
}

// The layer that was being read when parsing stopped.
std::string Whereabouts(const caffe::NetParameter& net) {
  if (net.layer_size() != 0) return ", in layer \"" + net.layer().rbegin()->name() + "\"";
  if (net.layers_size() != 0) return ", in layer \"" + net.layers().rbegin()->name() + "\"";
  return "";
}

}  // namespace

CaffeText ReadCaffeText(const Path& prototxt) {
  const std::string bytes = ReadFile(prototxt);
  CaffeText text;
  Collector collector;
  pb::TextFormat::ParseInfoTree tree;
  pb::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.WriteLocationsTo(&tree);
  parser.AllowUnknownField(true);
  parser.SetRecursionLimit(kDeepestPrototxt);
  if (!parser.ParseFromString(bytes, &text.net)) {
    Fail("{}:{}:{}: not a network in Caffe's text format: {}{}", prototxt.string(),
         collector.error.line + 1, collector.error.column + 1, collector.error.text,
         Whereabouts(text.net));
  }
  const std::vector<Place> layer = Starts(tree, "layer", text.net.layer_size());
  const std::vector<Place> layers = Starts(tree, "layers", text.net.layers_size());
  for (const Remark& warning : collector.warnings) {
    const std::string name = UnknownName(warning.text);
    if (name.empty() || HarmlessFields().count(name) != 0) continue;
    UnknownField unknown{name, warning.line + 1, -1, -1};
    if (!StandsInNet(warning.text)) {
      const Place place{warning.line, warning.column};
      const int in_layer = LastBefore(layer, place);
      const int in_layers = LastBefore(layers, place);
      const bool newer =
          in_layers < 0 || (in_layer >= 0 && layer[static_cast<size_t>(in_layer)] >
                                                 layers[static_cast<size_t>(in_layers)]);
      (newer ? unknown.layer : unknown.layers) = newer ? in_layer : in_layers;
    }
    text.unknown.push_back(unknown);
  }
  return text;
}

}  // namespace netdissect
