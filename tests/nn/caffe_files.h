#pragma once
// Caffe files made by tests, in both layer formats.

#include <google/protobuf/text_format.h>

#include <functional>
#include <map>

#include "base/random.h"
#include "data/caffe.pb.h"
#include "netdissect/base/file.h"
#include "netdissect/nn/layer.h"

namespace netdissect {

inline void CopySameFields(const google::protobuf::Message& from, google::protobuf::Message* to) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  from.GetReflection()->ListFields(from, &fields);
  for (const auto* field : fields) {
    const auto* same = to->GetDescriptor()->FindFieldByName(field->name());
    if (same == nullptr || same->message_type() == nullptr || same->is_repeated()) continue;
    to->GetReflection()->MutableMessage(to, same)->CopyFrom(
        from.GetReflection()->GetMessage(from, field));
  }
}

/// The same network with V1 layers; empty where a layer's type came after V1.
inline caffe::NetParameter ToV1(const caffe::NetParameter& net) {
  static const std::map<std::string, caffe::V1LayerParameter::LayerType> types = {
      {"Convolution", caffe::V1LayerParameter::CONVOLUTION},
      {"InnerProduct", caffe::V1LayerParameter::INNER_PRODUCT},
      {"Pooling", caffe::V1LayerParameter::POOLING},
      {"LRN", caffe::V1LayerParameter::LRN},
      {"ReLU", caffe::V1LayerParameter::RELU},
      {"Eltwise", caffe::V1LayerParameter::ELTWISE},
      {"Concat", caffe::V1LayerParameter::CONCAT},
      {"Dropout", caffe::V1LayerParameter::DROPOUT},
      {"Flatten", caffe::V1LayerParameter::FLATTEN},
      {"Split", caffe::V1LayerParameter::SPLIT},
      {"Softmax", caffe::V1LayerParameter::SOFTMAX}};
  caffe::NetParameter old = net;
  old.clear_layer();
  for (const caffe::LayerParameter& layer : net.layer()) {
    caffe::V1LayerParameter* v1 = old.add_layers();
    if (types.count(layer.type()) == 0) return {};
    v1->set_type(types.at(layer.type()));
    v1->set_name(layer.name());
    *v1->mutable_bottom() = layer.bottom();
    *v1->mutable_top() = layer.top();
    *v1->mutable_blobs() = layer.blobs();
    CopySameFields(layer, v1);
  }
  return old;
}

struct CaffeFiles {
  caffe::NetParameter graph;                    // without weights
  caffe::NetParameter weights;                  // with names, types and blobs
  std::map<std::string, std::string> layer_of;  // blob or layer -> the layer whose output it means
  std::function<double()> normal = [random = Random(1, 2)]() mutable { return random.Normal(); };

  caffe::LayerParameter* Add(const std::string& type, const std::string& name,
                             const std::vector<std::string>& bottoms, const std::string& top) {
    caffe::LayerParameter* layer = graph.add_layer();
    layer->set_name(name);
    layer->set_type(type);
    for (const std::string& bottom : bottoms) layer->add_bottom(bottom);
    layer->add_top(top);
    layer_of[name] = name;
    layer_of[top] = name;
    return layer;
  }

  /// Random weights for the layer added last; `legacy` gives four dimensions, as before 2015.
  caffe::BlobProto* AddBlob(const std::vector<int64_t>& dims, bool legacy, double mean = 0,
                            double deviation = 0.3) {
    const caffe::LayerParameter& last = *graph.layer().rbegin();
    if (weights.layer_size() == 0 || weights.layer().rbegin()->name() != last.name()) {
      caffe::LayerParameter* layer = weights.add_layer();
      layer->set_name(last.name());
      layer->set_type(last.type());
    }
    caffe::BlobProto* blob = weights.mutable_layer()->rbegin()->add_blobs();
    int64_t count = 1;
    for (const int64_t dim : dims) count *= dim;
    if (legacy) {
      std::vector<int64_t> four(4 - dims.size(), 1);
      four.insert(four.end(), dims.begin(), dims.end());
      blob->set_num(static_cast<int>(four[0]));
      blob->set_channels(static_cast<int>(four[1]));
      blob->set_height(static_cast<int>(four[2]));
      blob->set_width(static_cast<int>(four[3]));
    } else {
      for (const int64_t dim : dims) blob->mutable_shape()->add_dim(dim);
    }
    for (int64_t i = 0; i < count; ++i) {
      blob->add_data(static_cast<float>(mean + deviation * normal()));
    }
    return blob;
  }

  void Write(const Path& prototxt, const Path& caffemodel, bool v1_graph = false,
             bool v1_weights = false) const {
    std::string text;
    google::protobuf::TextFormat::PrintToString(v1_graph ? ToV1(graph) : graph, &text);
    WriteFile(prototxt, text);
    WriteFile(caffemodel, (v1_weights ? ToV1(weights) : weights).SerializeAsString());
  }
};

/// A random graph of every kind of layer, or of those that V1 has. Its last layer is "prob".
inline CaffeFiles RandomCaffe(uint64_t seed, bool only_v1) {
  Random random(seed, 99);
  CaffeFiles files;
  files.normal = [r = Random(seed, 100)]() mutable { return r.Normal(); };
  const auto pick = [&](std::initializer_list<int> values) {
    return static_cast<uint32_t>(*(values.begin() + random.Below(values.size())));
  };
  const bool legacy = random.Below(2) == 0;
  int height = 15 + static_cast<int>(random.Below(8)),
      width = 15 + static_cast<int>(random.Below(8));
  int units = 3, number = 0;
  std::string blob = "data";
  files.graph.add_input("data");
  for (const int dim : {1, 3, height, width}) files.graph.add_input_dim(dim);

  const auto name = [&](const char* stem) { return stem + std::to_string(++number); };
  const auto convolve = [&](const std::string& from, int outputs, uint32_t kernel_y,
                            uint32_t kernel_x, uint32_t pad_y, uint32_t pad_x, uint32_t stride,
                            uint32_t dilation, uint32_t group, bool bias) {
    const std::string top = name("conv");
    caffe::ConvolutionParameter* p =
        files.Add("Convolution", top, {from}, top)->mutable_convolution_param();
    p->set_num_output(static_cast<uint32_t>(outputs));
    if (kernel_y == kernel_x && pad_y == pad_x) {
      p->add_kernel_size(kernel_y);
      if (pad_y != 0) p->add_pad(pad_y);
      if (stride != 1) p->add_stride(stride);
    } else {
      p->set_kernel_h(kernel_y);
      p->set_kernel_w(kernel_x);
      p->set_pad_h(pad_y);
      p->set_pad_w(pad_x);
      p->set_stride_h(stride);
      p->set_stride_w(stride);
    }
    if (dilation != 1) p->add_dilation(dilation);
    if (group != 1) p->set_group(group);
    if (!bias) p->set_bias_term(false);
    files.AddBlob({outputs, units / static_cast<int>(group), kernel_y, kernel_x}, legacy);
    if (bias) files.AddBlob({outputs}, legacy);
    return top;
  };
  for (int step = 0; step < 9; ++step) {
    switch (random.Below(only_v1 ? 7 : 9)) {
      case 0:
      case 1: {
        const uint32_t ky = pick({1, 3, 5}), kx = pick({1, 3}), pad_y = pick({0, 1, 2}),
                       pad_x = pick({0, 1}), stride = pick({1, 1, 2}), dilation = pick({1, 1, 2});
        const auto output = [&](int size, uint32_t k, uint32_t pad) {
          const int room =
              size + 2 * static_cast<int>(pad) - static_cast<int>(dilation * (k - 1)) - 1;
          return room < 0 ? 0 : room / static_cast<int>(stride) + 1;
        };
        const int h = output(height, ky, pad_y), w = output(width, kx, pad_x);
        if (h < 4 || w < 4) break;
        const uint32_t group = units % 4 == 0 ? pick({1, 2, 4}) : 1;
        const int outputs = static_cast<int>(pick({4, 8, 12}));
        blob = convolve(blob, outputs, ky, kx, pad_y, pad_x, stride, dilation, group,
                        random.Below(3) != 0);
        units = outputs;
        height = h;
        width = w;
        break;
      }
      case 2: {
        const bool in_place = random.Below(2) == 0;
        const std::string layer = name("relu");
        const std::string top = in_place && blob != "data" ? blob : layer;
        caffe::LayerParameter* relu = files.Add("ReLU", layer, {blob}, top);
        if (random.Below(2) == 0) relu->mutable_relu_param()->set_negative_slope(0.2f);
        blob = top;
        break;
      }
      case 3: {
        const uint32_t kernel = pick({2, 3}), stride = pick({1, 2}), pad = pick({0, 1});
        const bool ceil = random.Below(3) != 0;
        const auto output = [&](int size) {
          const int room = size + static_cast<int>(2 * pad) - static_cast<int>(kernel);
          const int s = static_cast<int>(stride);
          int n = (ceil ? (room + s - 1) / s : room / s) + 1;
          if (pad != 0 && (n - 1) * s >= size + static_cast<int>(pad)) --n;
          return n;
        };
        if (std::min(height, width) < 6) break;
        const std::string top = name("pool");
        caffe::PoolingParameter* p =
            files.Add("Pooling", top, {blob}, top)->mutable_pooling_param();
        p->set_pool(random.Below(2) == 0 ? caffe::PoolingParameter::MAX
                                         : caffe::PoolingParameter::AVE);
        p->add_kernel_size(kernel);
        p->add_stride(stride);
        p->add_pad(pad);
        if (!ceil) p->set_ceil_mode(false);  // OpenCV's spelling of round_mode
        height = output(height);
        width = output(width);
        blob = top;
        break;
      }
      case 4: {
        const std::string top = name("norm");
        caffe::LRNParameter* p = files.Add("LRN", top, {blob}, top)->mutable_lrn_param();
        p->set_local_size(pick({3, 5}));
        p->set_alpha(0.3f);
        p->set_beta(0.6f);
        p->set_k(1);  // OpenCV knows no other
        blob = top;
        break;
      }
      case 5: {
        const std::string from = blob;
        const int outputs = units;
        const std::string a = convolve(from, outputs, 1, 1, 0, 0, 1, 1, 1, true);
        const std::string b = convolve(from, outputs, 3, 3, 1, 1, 1, 1, 1, true);
        if (random.Below(2) == 0) {
          blob = name("concat");
          files.Add("Concat", blob, {a, b}, blob);
          units = 2 * outputs;
        } else {
          blob = name("sum");
          caffe::EltwiseParameter* p =
              files.Add("Eltwise", blob, {a, b}, blob)->mutable_eltwise_param();
          p->set_operation(caffe::EltwiseParameter::SUM);
          if (random.Below(2) == 0) {
            p->add_coeff(0.5f);
            p->add_coeff(-1.5f);
          }
        }
        break;
      }
      case 6: {
        const std::string layer = name("drop");
        files.Add("Dropout", layer, {blob}, layer)
            ->mutable_dropout_param()
            ->set_dropout_ratio(0.4f);
        blob = layer;
        break;
      }
      case 7: {
        const std::string layer = name("prelu");
        files.Add("PReLU", layer, {blob}, layer);
        files.AddBlob({units}, legacy, 0.25, 0.1);
        blob = layer;
        break;
      }
      default: {  // in place or not, with a scale after it
        const bool in_place = random.Below(2) == 0 && blob != "data";
        const std::string norm = name("bn"), scale = name("scale");
        const std::string norm_top = in_place ? blob : norm;
        files.Add("BatchNorm", norm, {blob}, norm_top)->mutable_batch_norm_param()->set_eps(1e-3f);
        files.AddBlob({units}, legacy);
        caffe::BlobProto* variance = files.AddBlob({units}, legacy, 1.0, 0.2);
        for (float& v : *variance->mutable_data()) v = std::abs(v) + 0.1f;
        files.AddBlob({1}, legacy, 1.7, 0);
        const std::string top = in_place ? norm_top : scale;
        files.Add("Scale", scale, {norm_top}, top)->mutable_scale_param()->set_bias_term(true);
        files.AddBlob({units}, legacy, 1.0, 0.3);
        files.AddBlob({units}, legacy);
        blob = top;
      }
    }
  }
  if (random.Below(2) == 0) {
    const std::string top = name("global");
    caffe::PoolingParameter* p = files.Add("Pooling", top, {blob}, top)->mutable_pooling_param();
    p->set_pool(random.Below(2) == 0 ? caffe::PoolingParameter::MAX : caffe::PoolingParameter::AVE);
    p->set_global_pooling(true);
    height = width = 1;
    blob = top;
  }
  if (random.Below(2) == 0) {
    const std::string top = name("flat");
    files.Add("Flatten", top, {blob}, top);
    blob = top;
  }
  files.Add("InnerProduct", "fc", {blob}, "fc")->mutable_inner_product_param()->set_num_output(7);
  files.AddBlob({7, int64_t{units} * height * width}, legacy, 0, 0.1);
  files.AddBlob({7}, legacy);
  files.Add("Softmax", "prob", {"fc"}, "prob");
  return files;
}

}  // namespace netdissect
