#include "netdissect/probe/segmentation.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>
#include <set>

#include "netdissect/base/error.h"
#include "probe/unit_map.h"

namespace netdissect {
namespace {

void CheckMap(const LayerGeometry& layer, const at::Tensor& map) {
  const Shape& shape = layer.shape;
  if (map.sizes() == at::IntArrayRef({shape.height, shape.width}) &&
      map.scalar_type() == at::kFloat) {
    return;
  }
  Fail("feature map: expected {} x {} of float32, found {} of {}", shape.height, shape.width,
       fmt::join(map.sizes(), " x "), at::toString(map.scalar_type()));
}

// At the pixels of the picture that the network sees.
cv::Mat ScaledMap(const LayerGeometry& layer, const at::Tensor& map, const InputView& view) {
  if (view.input() != cv::Size(layer.input_width, layer.input_height)) {
    Fail("feature map: expected a view of the network's input of {} x {}, found {} x {}",
         layer.input_height, layer.input_width, view.y.input, view.x.input);
  }
  const UnitMapScaler scaler(layer.field, layer.shape, view);
  cv::Mat scaled;
  scaler(map.contiguous().data_ptr<float>(), scaled);
  return scaled;
}

// Of the whole picture: nothing where the network does not see it.
cv::Mat OnPicture(const cv::Mat& seen, const InputView& view) {
  if (seen.size() == view.picture()) return seen;
  cv::Mat mask = cv::Mat::zeros(view.picture(), CV_8U);
  seen.copyTo(mask(view.Seen()));
  return mask;
}

// What is wanted of one image.
struct Wish {
  size_t wanted, place;
};

}  // namespace

void SegmentOptions::Validate() const {
  if (!(threshold > 0 && threshold < 1)) {
    Fail("segmentation threshold: expected a share between 0 and 1, found {}", threshold);
  }
}

LayerGeometry GeometryOf(const Network& network, int layer) {
  return {TheoreticalFields(network)[static_cast<size_t>(layer)], network.layer(layer).shape,
          network.input().height, network.input().width};
}

EmpiricalField SquareField(const LayerGeometry& layer, double size) {
  // Twice the input covers it from anywhere.
  const int most = 2 * std::max(layer.input_height, layer.input_width);
  const int side = static_cast<int>(std::lround(std::clamp(size, 1.0, static_cast<double>(most))));
  const auto first = [&](const AxisField& field) {
    return NearPixel(static_cast<int64_t>(std::ceil(field.offset() - 0.5 * side)));
  };
  return {cv::Mat(side, side, CV_8U, cv::Scalar(255)),
          {first(layer.field.x), first(layer.field.y)}};
}

cv::Mat MaskByUpsampling(const LayerGeometry& layer, const at::Tensor& map, double level,
                         const InputView& view) {
  CheckMap(layer, map);
  if (!(level > 0)) return cv::Mat::zeros(view.picture(), CV_8U);
  return OnPicture(ScaledMap(layer, map, view) > level, view);
}

cv::Mat MaskOfArea(const LayerGeometry& layer, const at::Tensor& map, double share,
                   const InputView& view) {
  CheckMap(layer, map);
  if (!(share > 0 && share <= 1))
    Fail("mask: expected a share above 0 and up to 1, found {}", share);
  const cv::Mat scaled = ScaledMap(layer, map, view);
  std::vector<float> values(scaled.begin<float>(), scaled.end<float>());
  const auto pixels = static_cast<double>(view.picture().area());
  const auto wanted =
      std::clamp<int64_t>(std::llround(share * pixels), 1, static_cast<int64_t>(values.size()));
  const auto last = values.begin() + wanted - 1;
  std::nth_element(values.begin(), last, values.end(), std::greater<>());
  cv::Mat mask = scaled >= *last;
  const double found = cv::countNonZero(mask) / pixels;
  if (found > 1.1 * share + 1 / pixels) return {};
  return OnPicture(mask, view);
}

cv::Mat MaskByField(const LayerGeometry& layer, const EmpiricalField& field, const at::Tensor& map,
                    double level, const InputView& view) {
  CheckMap(layer, map);
  cv::Mat input = cv::Mat::zeros(layer.input_height, layer.input_width, CV_8U);
  const cv::Rect whole(0, 0, input.cols, input.rows);
  const auto values = map.accessor<float, 2>();
  for (int y = 0; level > 0 && y < layer.shape.height; ++y) {
    for (int x = 0; x < layer.shape.width; ++x) {
      if (!(values[y][x] > level)) continue;
      const cv::Rect placed({NearPixel(field.corner.x + layer.field.x.Shift(x)),
                             NearPixel(field.corner.y + layer.field.y.Shift(y))},
                            field.mask.size());
      const cv::Rect inside = placed & whole;
      if (inside.area() > 0) input(inside) |= field.mask(inside - placed.tl());
    }
  }
  cv::Mat mask = cv::Mat::zeros(view.picture(), CV_8U);
  const auto nearest = [](int pixel, const ViewAxis& axis) {
    const double p = axis.InputFromPicture(pixel);
    return std::clamp(static_cast<int>(std::lround(p)), 0, axis.input - 1);
  };
  const cv::Rect seen = view.Seen();
  for (int y = seen.y; y < seen.y + seen.height; ++y) {
    const uchar* from = input.ptr<uchar>(nearest(y, view.y));
    uchar* to = mask.ptr<uchar>(y);
    for (int x = seen.x; x < seen.x + seen.width; ++x) {
      to[x] = from[nearest(x, view.x)] != 0 ? 255 : 0;
    }
  }
  return mask;
}

std::vector<Component> ComponentsOf(const cv::Mat& mask) {
  cv::Mat labels, statistics, centres;
  const int count = cv::connectedComponentsWithStats(mask, labels, statistics, centres, 8, CV_32S);
  std::vector<Component> components;
  for (int i = 1; i < count; ++i) {  // 0 is the background
    const int* row = statistics.ptr<int>(i);
    components.push_back({{row[cv::CC_STAT_LEFT], row[cv::CC_STAT_TOP], row[cv::CC_STAT_WIDTH],
                           row[cv::CC_STAT_HEIGHT]},
                          row[cv::CC_STAT_AREA]});
  }
  std::stable_sort(components.begin(), components.end(),
                   [](const Component& a, const Component& b) {
                     if (a.area != b.area) return a.area > b.area;
                     return a.box.y != b.box.y ? a.box.y < b.box.y : a.box.x < b.box.x;
                   });
  return components;
}

void VisitUnitMaps(const Model& model, const ImageSets& images,
                   const std::vector<UnitOnImages>& wanted, const UnitMapVisitor& visit,
                   PassOptions options, Observer& observer) {
  std::set<int> distinct;
  std::map<int64_t, std::vector<Wish>> wishes;  // by image
  for (size_t w = 0; w < wanted.size(); ++w) {
    distinct.insert(wanted[w].layer);
    for (size_t i = 0; i < wanted[w].images.size(); ++i) {
      wishes[wanted[w].images[i]].push_back({w, i});
    }
  }
  if (wishes.empty()) return;
  const std::vector<int> layers(distinct.begin(), distinct.end());
  std::vector<int64_t> chosen;
  for (const auto& entry : wishes) chosen.push_back(entry.first);
  PassVisitor visitor;
  visitor.what = "images segmented";
  visitor.keep = [](const cv::Mat& picture) { return picture; };
  visitor.output = [&](const ImageBatch& batch, size_t which, const at::Tensor& output) {
    const at::Tensor maps = output.to(at::kCPU);
    for (size_t n = 0; n < batch.indices.size(); ++n) {
      for (const Wish& wish : wishes.at(batch.indices[n])) {
        const UnitOnImages& unit = wanted[wish.wanted];
        if (unit.layer != layers[which]) continue;
        visit(wish.wanted, wish.place, maps[static_cast<int64_t>(n)][unit.unit], batch.pictures[n]);
      }
    }
  };
  options.strict = true;
  RunPass(model.network, model.input, images, chosen, layers, visitor, options, observer);
}

}  // namespace netdissect
