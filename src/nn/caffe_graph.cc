#include "nn/caffe_graph.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/text.h"
#include "netdissect/base/error.h"
#include "nn/caffe_text.h"
#include "nn/caffe_v1.h"

namespace netdissect {
namespace {

using caffe::LayerParameter;
using caffe::NetStateRule;

bool Contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool IsSource(const std::string& type) {
  static const std::vector<std::string> types = {"Input",      "Data",         "ImageData",
                                                 "MemoryData", "HDF5Data",     "DummyData",
                                                 "WindowData", "AnnotatedData"};
  return Contains(types, type);
}

bool IsLoss(const std::string& type) {
  const std::string loss = "Loss";
  return type.size() >= loss.size() &&
         type.compare(type.size() - loss.size(), loss.size(), loss) == 0;
}

// What measures the network rather than being part of it.
bool IsMeasure(const std::string& type) {
  return IsLoss(type) || type == "Accuracy" || type == "Silence" || type == "HDF5Output";
}

// Caffe's own rule (Net::StateMeetsRule), in the testing phase.
bool Meets(const caffe::NetState& state, const NetStateRule& rule) {
  const auto has_stage = [&state](const std::string& stage) {
    return std::find(state.stage().begin(), state.stage().end(), stage) != state.stage().end();
  };
  if (rule.has_phase() && rule.phase() != caffe::TEST) return false;
  if (rule.has_min_level() && state.level() < rule.min_level()) return false;
  if (rule.has_max_level() && state.level() > rule.max_level()) return false;
  return std::all_of(rule.stage().begin(), rule.stage().end(), has_stage) &&
         std::none_of(rule.not_stage().begin(), rule.not_stage().end(), has_stage);
}

bool IsIncluded(const Path& file, const caffe::NetState& state, const LayerParameter& layer) {
  if (layer.include_size() != 0 && layer.exclude_size() != 0) {
    FailLayer(file, layer, "expected include rules or exclude rules, found both");
  }
  const auto meets = [&state](const NetStateRule& rule) { return Meets(state, rule); };
  if (layer.include_size() != 0) {
    return std::any_of(layer.include().begin(), layer.include().end(), meets);
  }
  return std::none_of(layer.exclude().begin(), layer.exclude().end(), meets);
}

// A layer of the file, with what the text says about it that the schema does not know.
struct Candidate {
  LayerParameter layer;
  std::string unknown_field;  // the first, or ""
  int unknown_line = 0;
  std::vector<size_t> consumers;  // candidates that use one of its tops
  bool left_out = false;
  std::string unsupported;  // why it is no kind of layer, or ""
};

std::vector<Candidate> Candidates(const Path& file, const CaffeText& text) {
  const caffe::NetParameter& net = text.net;
  std::vector<Candidate> candidates;
  // A file that mixes the formats has its V1 layers first, as Caffe's upgrade would put them.
  for (const caffe::V1LayerParameter& v1 : net.layers()) {
    candidates.emplace_back().layer = UpgradeV1(file, v1);
  }
  for (const LayerParameter& layer : net.layer()) candidates.emplace_back().layer = layer;
  for (const UnknownField& unknown : text.unknown) {
    if (unknown.layers < 0 && unknown.layer < 0) {
      Fail("{}:{}: \"{}\" is no known field of a network", file.string(), unknown.line,
           unknown.field);
    }
    const int index = unknown.layers >= 0 ? unknown.layers : net.layers_size() + unknown.layer;
    Candidate& candidate = candidates[static_cast<size_t>(index)];
    if (!candidate.unknown_field.empty()) continue;
    candidate.unknown_field = unknown.field;
    candidate.unknown_line = unknown.line;
  }
  const auto excluded = [&](const Candidate& candidate) {
    return !IsIncluded(file, net.state(), candidate.layer);
  };
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(), excluded),
                   candidates.end());
  return candidates;
}

std::vector<CaffeInput> NetInputs(const Path& file, const caffe::NetParameter& net) {
  std::vector<CaffeInput> inputs;
  const int count = net.input_size();
  if (net.input_dim_size() != 0 && net.input_dim_size() != 4 * count) {
    Fail("{}: input_dim: expected 4 numbers for each of {} inputs, found {}", file.string(), count,
         net.input_dim_size());
  }
  if (net.input_shape_size() != 0 && net.input_shape_size() != count) {
    Fail("{}: input_shape: expected one for each of {} inputs, found {}", file.string(), count,
         net.input_shape_size());
  }
  for (int i = 0; i < count; ++i) {
    CaffeInput input{net.input(i), {}};
    if (net.input_shape_size() != 0) {
      input.dims.assign(net.input_shape(i).dim().begin(), net.input_shape(i).dim().end());
    } else if (net.input_dim_size() != 0) {
      const auto begin = net.input_dim().begin() + ptrdiff_t{4} * i;
      input.dims.assign(begin, begin + 4);
    }
    inputs.push_back(std::move(input));
  }
  return inputs;
}

void AppendSource(const Path& file, const LayerParameter& layer, std::vector<CaffeInput>& inputs) {
  const caffe::InputParameter& param = layer.input_param();
  const int shapes = param.shape_size();
  if (layer.type() == "Input" && shapes > 1 && shapes != layer.top_size()) {
    FailLayer(file, layer,
              fmt::format("input_param: expected one shape for each of {} tops, found {}",
                          layer.top_size(), shapes));
  }
  for (int i = 0; i < layer.top_size(); ++i) {
    CaffeInput input{layer.top(i), {}};
    if (layer.type() == "Input" && shapes != 0) {
      const caffe::BlobShape& shape = param.shape(shapes == 1 ? 0 : i);
      input.dims.assign(shape.dim().begin(), shape.dim().end());
    }
    inputs.push_back(std::move(input));
  }
}

// Who uses whose output; the name of a blob that is computed in place means its latest state.
void Connect(std::vector<Candidate>& candidates) {
  std::map<std::string, size_t> producer;
  for (size_t i = 0; i < candidates.size(); ++i) {
    for (const std::string& bottom : candidates[i].layer.bottom()) {
      const auto found = producer.find(bottom);
      if (found != producer.end()) candidates[found->second].consumers.push_back(i);
    }
    for (const std::string& top : candidates[i].layer.top()) producer[top] = i;
  }
}

// Whether a layer is of `ends`, or used by nothing but layers that lead to those.
std::vector<bool> LeadOnlyTo(const std::function<bool(const std::string& type)>& ends,
                             const std::vector<Candidate>& candidates) {
  std::vector<bool> leads(candidates.size());
  for (size_t i = candidates.size(); i-- > 0;) {
    const std::vector<size_t>& consumers = candidates[i].consumers;
    const bool only = std::all_of(consumers.begin(), consumers.end(),
                                  [&leads](size_t consumer) { return leads[consumer]; });
    leads[i] = ends(candidates[i].layer.type()) || (!consumers.empty() && only);
  }
  return leads;
}

// Leaves out the measures and what belongs to them alone: what works on labels (a slice of them),
// and what cannot be imported where nothing but an accuracy uses it (an ArgMax). All that leads
// from the image to a loss is the network itself, of which nothing may be left out.
void LeaveOutMeasures(const Path& file, const std::vector<CaffeInput>& inputs,
                      std::vector<Candidate>& candidates) {
  const std::vector<bool> serves_measures = LeadOnlyTo(IsMeasure, candidates);
  const std::vector<bool> serves_statistics = LeadOnlyTo(
      [](const std::string& type) { return IsMeasure(type) && !IsLoss(type); }, candidates);
  std::map<std::string, bool> available;  // false: a label, or the output of what is left out
  for (const CaffeInput& input : inputs) available[input.blob] = false;
  available[inputs.front().blob] = true;
  for (size_t i = 0; i < candidates.size(); ++i) {
    Candidate& candidate = candidates[i];
    const LayerParameter& layer = candidate.layer;
    const bool known = Contains(CaffeLayerTypes(), layer.type());
    const auto is_unavailable = [&available](const std::string& bottom) {
      const auto found = available.find(bottom);
      return found != available.end() && !found->second;
    };
    const auto is_unknown = [&available](const std::string& bottom) {
      return available.count(bottom) == 0;
    };
    const auto unavailable =
        std::find_if(layer.bottom().begin(), layer.bottom().end(), is_unavailable);
    const bool of_labels = unavailable != layer.bottom().end();
    candidate.left_out = IsMeasure(layer.type()) || (of_labels && serves_measures[i]) ||
                         (!known && serves_statistics[i]);
    const auto nowhere = std::find_if(layer.bottom().begin(), layer.bottom().end(), is_unknown);
    if (nowhere != layer.bottom().end()) {
      FailLayer(file, layer,
                fmt::format("its bottom \"{}\" is the top of no layer before it", *nowhere));
    }
    if (!candidate.left_out && !known) {
      candidate.unsupported = "unknown layer type; supported: " + Join(CaffeLayerTypes());
    }
    if (!candidate.left_out && of_labels) {
      FailLayer(
          file, layer,
          fmt::format(
              "its bottom \"{}\" is a second input, or the output of a layer that is left out",
              *unavailable));
    }
    for (const std::string& top : layer.top()) available[top] = !candidate.left_out;
  }
}

}  // namespace

std::string NameOfLayer(const LayerParameter& layer) {
  return fmt::format("layer \"{}\" ({})", layer.name(),
                     layer.type().empty() ? "no type" : layer.type());
}

void FailLayer(const Path& file, const LayerParameter& layer, const std::string& what) {
  Fail("{}: {}: {}", file.string(), NameOfLayer(layer), what);
}

const std::vector<std::string>& CaffeLayerTypes() {
  static const std::vector<std::string> types = {
      "AbsVal",  "BatchNorm", "Bias",    "Clip",  "Concat",  "Convolution",  "Deconvolution",
      "Dropout", "ELU",       "Eltwise", "Exp",   "Flatten", "InnerProduct", "LRN",
      "Log",     "PReLU",     "Pooling", "Power", "ReLU",    "Reshape",      "Scale",
      "Sigmoid", "Slice",     "Softmax", "Split", "Swish",   "TanH"};
  return types;
}

CaffeGraph ReadCaffeGraph(const Path& prototxt) {
  const CaffeText text = ReadCaffeText(prototxt);
  std::vector<Candidate> candidates = Candidates(prototxt, text);
  CaffeGraph graph{prototxt, NetInputs(prototxt, text.net), {}, {}};
  for (const Candidate& candidate : candidates) {
    if (IsSource(candidate.layer.type())) AppendSource(prototxt, candidate.layer, graph.inputs);
  }
  if (graph.inputs.empty()) {
    Fail(
        "{}: expected an input (\"input\", or an Input or data layer for the testing phase), found "
        "none among {} layers",
        prototxt.string(), candidates.size());
  }
  const auto is_source = [](const Candidate& candidate) {
    return IsSource(candidate.layer.type());
  };
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(), is_source),
                   candidates.end());
  Connect(candidates);
  LeaveOutMeasures(prototxt, graph.inputs, candidates);
  for (Candidate& candidate : candidates) {
    if (candidate.left_out) continue;
    if (!candidate.unknown_field.empty() && candidate.unsupported.empty()) {
      candidate.unsupported = fmt::format("attribute {} (line {}) is not supported",
                                          candidate.unknown_field, candidate.unknown_line);
    }
    graph.layers.push_back(std::move(candidate.layer));
    graph.unsupported.push_back(std::move(candidate.unsupported));
  }
  return graph;
}

}  // namespace netdissect
