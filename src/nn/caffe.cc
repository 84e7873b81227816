#include "nn/caffe.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/limits.h"
#include "netdissect/base/error.h"
#include "nn/caffe_graph.h"
#include "nn/caffe_layers.h"
#include "nn/caffe_weights.h"
#include "nn/fold.h"
#include "nn/import/not_supported.h"
#include "nn/kinds/channel_selection.h"
#include "nn/kinds/convolution.h"
#include "nn/kinds/flatten.h"
#include "nn/kinds/inner_product.h"

namespace netdissect {
namespace {

using caffe::LayerParameter;

Shape InputShape(const CaffeGraph& graph, const std::optional<Shape>& input_size) {
  const CaffeInput& input = graph.inputs.front();
  if (input.dims.empty()) {
    if (input_size) return *input_size;
    Fail(
        "{}: input \"{}\" has no size (it is fed by a data layer, or has no input_dim): expected "
        "one to be given with the network",
        graph.file.string(), input.blob);
  }
  const std::vector<int64_t>& dims = input.dims;
  bool valid = dims.size() == 4;
  for (size_t i = 1; valid && i < 4; ++i) valid = dims[i] >= 1 && dims[i] <= kLongestSide;
  if (!valid) {
    Fail("{}: input \"{}\": expected 4 dimensions (N, C, H, W) of 1 to {}, found {}",
         graph.file.string(), input.blob, kLongestSide, fmt::join(dims, " x "));
  }
  if (!input_size) {
    return {static_cast<int>(dims[1]), static_cast<int>(dims[2]), static_cast<int>(dims[3])};
  }
  if (input_size->units != dims[1]) {
    Fail("{}: input \"{}\": expected {} channels, found {}{}", graph.file.string(), input.blob,
         input_size->units, dims[1], dims[1] == 1 ? " (\"order\": \"gray\" is one)" : "");
  }
  return *input_size;
}

class Importer {
 public:
  Importer(const CaffeGraph& graph, const CaffeWeights& weights, const Shape& input)
      : graph_(graph), weights_(weights), network_(input, graph.inputs.front().blob) {
    blobs_[graph.inputs.front().blob] = {0, false};
    for (const LayerParameter& layer : graph.layers) {
      all_blobs_.insert(layer.top().begin(), layer.top().end());
    }
  }

  Network Import() {
    for (size_t i = 0; i < graph_.layers.size(); ++i) {
      const LayerParameter& layer = graph_.layers[i];
      if (const size_t* reason = ReasonOf(layer)) {
        LeaveOut(layer, *reason);
        continue;
      }
      try {
        if (!graph_.unsupported[i].empty()) FailUnsupported("{}", graph_.unsupported[i]);
        Append(layer);
      } catch (const NotSupported& error) {
        unread_.push_back({NameOfLayer(layer), error.what(), {}});
        LeaveOut(layer, unread_.size() - 1);
      } catch (const Error& error) {
        // The graph's own errors name the layer; the file is ours to add.
        const std::string what = error.what();
        if (what.rfind("layer ", 0) != 0) throw;
        Fail("{}: {}", graph_.file.string(), what);
      }
    }
    if (network_.size() == 1 && !unread_.empty()) {
      Fail("{}: {}: {}", graph_.file.string(), unread_.front().from, unread_.front().why);
    }
    network_.SetOutputs(Outputs());
    Network folded = FoldAffine(network_);
    for (const UnreadPart& part : unread_) folded.SetUnread(part);
    return folded;
  }

 private:
  struct Blob {
    int index = 0;      // of the layer that computes it
    bool flat = false;  // two axes in Caffe
  };

  // Of the first bottom that is not there.
  const size_t* ReasonOf(const LayerParameter& layer) const {
    for (const std::string& bottom : layer.bottom()) {
      const auto found = reason_of_.find(bottom);
      if (found != reason_of_.end()) return &found->second;
    }
    return nullptr;
  }

  void LeaveOut(const LayerParameter& layer, size_t reason) {
    for (const std::string& top : layer.top()) {
      reason_of_[top] = reason;
      // A blob that would have been changed in place stays what it was before.
      unread_[reason].names.push_back(blobs_.count(top) != 0 ? layer.name() : top);
    }
  }

  // Channels by runs, one for each top.
  void AppendSlice(const LayerParameter& layer) {
    const caffe::SliceParameter& p = layer.slice_param();
    const Blob in = blobs_.at(layer.bottom(0));
    const int units = network_.layer(in.index).shape.units;
    const int axes = in.flat ? 2 : 4;
    if (p.slice_dim() != 1 || (p.axis() != 1 && p.axis() != 1 - axes)) {
      FailUnsupported("attribute axis: only 1, the channels, is supported");
    }
    std::vector<int> ends(p.slice_point().begin(), p.slice_point().end());
    if (ends.empty()) {
      for (int i = 1; i < layer.top_size(); ++i) ends.push_back(units / layer.top_size() * i);
      if (units % layer.top_size() != 0) {
        FailLayer(graph_.file, layer,
                  fmt::format("expected as many tops as divide {} channels, found {}", units,
                              layer.top_size()));
      }
    }
    ends.push_back(units);
    int begin = 0;
    bool rising = static_cast<int>(ends.size()) == layer.top_size();
    for (const int end : ends) {
      rising = rising && end > begin && end <= units;
      begin = end;
    }
    if (!rising) {
      FailLayer(graph_.file, layer,
                fmt::format("slice_point: expected rising places below {}, one fewer than {} tops",
                            units, layer.top_size()));
    }
    RefuseSecondProducer(layer);
    begin = 0;
    for (int i = 0; i < layer.top_size(); ++i) {
      ChannelSelection selection;
      for (int c = begin; c < ends[static_cast<size_t>(i)]; ++c) selection.channels.push_back(c);
      begin = ends[static_cast<size_t>(i)];
      const std::string& top = layer.top(i);
      blobs_[top] = {network_.Add(top, selection, {in.index}), in.flat};
    }
  }

  void Append(const LayerParameter& layer) {
    if (layer.type() == "Slice" && layer.bottom_size() == 1) return AppendSlice(layer);
    std::vector<int> inputs;
    for (const std::string& bottom : layer.bottom()) inputs.push_back(blobs_.at(bottom).index);
    const Blob first = layer.bottom_size() == 0 ? Blob{} : blobs_.at(layer.bottom(0));
    std::optional<AnyKind> kind = ConvertCaffeLayer(
        graph_.file, layer, {network_.layer(first.index).shape, first.flat}, weights_);
    RefuseSecondProducer(layer);
    RefuseSecondOfName(layer);
    Blob output = first;
    if (kind) {
      output.flat = IsFlat(*kind, first.flat);
      output.index = network_.Add(NameFor(layer), std::move(*kind), inputs);
    }
    for (const std::string& top : layer.top()) {
      blobs_[top] = output;
      network_.Bind(top, output.index);
    }
    if (all_blobs_.count(layer.name()) == 0 && !layer.name().empty() &&
        !network_.Has(layer.name())) {
      network_.Bind(layer.name(), output.index);
    }
  }

  // Blobs that no layer takes, as Caffe has it; the last of them, that of the last layer, is what
  // the network is for.
  std::vector<std::string> Outputs() const {
    std::vector<std::string> outputs;
    for (const LayerParameter& layer : graph_.layers) {
      for (const std::string& bottom : layer.bottom()) {
        outputs.erase(std::remove(outputs.begin(), outputs.end(), bottom), outputs.end());
      }
      outputs.insert(outputs.end(), layer.top().begin(), layer.top().end());
    }
    std::reverse(outputs.begin(), outputs.end());
    // Scores that were left out are not replaced by the next output.
    if (!outputs.empty() && reason_of_.count(outputs.front()) != 0) return {};
    outputs.erase(std::remove_if(outputs.begin(), outputs.end(),
                                 [&](const auto& name) { return reason_of_.count(name) != 0; }),
                  outputs.end());
    return outputs;
  }

  static bool IsFlat(const AnyKind& kind, bool input_is_flat) {
    if (kind.Is<InnerProduct>() || kind.Is<Flatten>()) return true;
    return input_is_flat && !kind.Is<Convolution>();
  }

  // A blob may be computed twice in place only.
  void RefuseSecondProducer(const LayerParameter& layer) const {
    for (const std::string& top : layer.top()) {
      const bool in_place =
          std::find(layer.bottom().begin(), layer.bottom().end(), top) != layer.bottom().end();
      if (blobs_.count(top) != 0 && !in_place) {
        FailLayer(graph_.file, layer,
                  fmt::format("its top \"{}\" is also that of a layer before it", top));
      }
    }
  }

  // Weights are found by name.
  void RefuseSecondOfName(const LayerParameter& layer) {
    const std::string& type = layer.type();
    const bool has_weights = type == "Convolution" || type == "InnerProduct" || type == "PReLU" ||
                             type == "BatchNorm" || type == "Scale" || type == "Bias" ||
                             type == "Deconvolution";
    if (has_weights && !weighted_.insert(layer.name()).second) {
      FailLayer(graph_.file, layer, "another layer with weights bears this name");
    }
  }

  // The blob's name; where the blob is computed in place that is taken, and the layer's name is
  // what tells its states apart.
  std::string NameFor(const LayerParameter& layer) const {
    const std::string& top = layer.top(0);
    if (!network_.Has(top)) return top;
    const std::string base = layer.name().empty() ? top : layer.name();
    std::string name = base;
    for (int i = 2; network_.Has(name) || all_blobs_.count(name) != 0; ++i) {
      name = fmt::format("{}_{}", base, i);
    }
    return name;
  }

  const CaffeGraph& graph_;
  const CaffeWeights& weights_;
  Network network_;
  std::map<std::string, Blob> blobs_;  // in their latest state
  std::set<std::string> all_blobs_;    // of the whole graph
  std::set<std::string> weighted_;     // layers with weights so far
  std::vector<UnreadPart> unread_;
  std::map<std::string, size_t> reason_of_;  // by blob, of what is left out
};

}  // namespace

Network ReadCaffe(const Path& prototxt, const Path& caffemodel,
                  const std::optional<Shape>& input_size) {
  const CaffeGraph graph = ReadCaffeGraph(prototxt);
  const Shape input = InputShape(graph, input_size);
  const CaffeWeights weights(caffemodel);
  return Importer(graph, weights, input).Import();
}

}  // namespace netdissect
