#pragma once
// Pictures of blocks of pure colours, annotated, and a network whose three units are the colours:
// what it finds and what is there are the same, pixel by pixel, however pictures come to it.

#include <ATen/ops/eye.h>

#include <array>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/scratch.h"
#include "data/pictures.h"
#include "netdissect/data/dataset.h"
#include "netdissect/nn/model.h"
#include "nn/kinds/convolution.h"

namespace netdissect {

/// Of the units, in their order: red, green and blue.
inline const std::vector<std::string>& ColorNames() {
  static const std::vector<std::string> names = {"car", "tree", "sky"};
  return names;
}

struct ColorBlock {
  int color = 0;
  cv::Rect place;
};

/// Blocks that do not touch each other, at multiples of 8 pixels.
inline std::vector<ColorBlock> RandomBlocks(const cv::Size& size, Random& random) {
  std::vector<ColorBlock> blocks;
  const auto below = [&](int n) {
    return static_cast<int>(random.Below(static_cast<uint64_t>(n)));
  };
  for (int attempt = 0; attempt < 30; ++attempt) {
    const cv::Rect place(8 * below(size.width / 8), 8 * below(size.height / 8), 8 + 8 * below(3),
                         8 + 8 * below(3));
    bool free = place.br().x <= size.width && place.br().y <= size.height;
    for (const ColorBlock& other : blocks) {
      const cv::Rect around(other.place.x - 8, other.place.y - 8, other.place.width + 16,
                            other.place.height + 16);
      free = free && (around & place).empty();
    }
    if (free) blocks.push_back({below(3), place});
  }
  return blocks;
}

struct ColorWorld {
  Dataset set;
  std::vector<cv::Size> sizes;
  std::vector<std::vector<ColorBlock>> blocks;  // by picture
};

/// Pictures of these sizes, annotated at theirs or twice their size.
inline ColorWorld MakeColorWorld(const ScratchFolder& scratch, const std::vector<cv::Size>& sizes) {
  ColorWorld world;
  world.set.name = "colors";
  world.sizes = sizes;
  world.set.annotations = AnnotationSource{"labelme", scratch.path(), "", {}, {}, {}};
  for (size_t i = 0; i < sizes.size(); ++i) {
    Random random(17, i);
    const int annotated = i % 2 == 0 ? 1 : 2;
    cv::Mat picture(sizes[i], CV_8UC3, cv::Scalar::all(0));
    std::string xml =
        fmt::format("<annotation><imagesize><nrows>{}</nrows><ncols>{}</ncols></imagesize>",
                    annotated * sizes[i].height, annotated * sizes[i].width);
    world.blocks.push_back(RandomBlocks(sizes[i], random));
    for (const ColorBlock& block : world.blocks.back()) {
      cv::Scalar color;
      color[2 - block.color] = 255;
      picture(block.place) = color;
      const int left = annotated * block.place.x, top = annotated * block.place.y;
      const int right = annotated * block.place.br().x - 1;
      const int bottom = annotated * block.place.br().y - 1;
      xml += "<object><name>" + ColorNames()[static_cast<size_t>(block.color)] + "</name><polygon>";
      for (const auto& [x, y] :
           {std::pair(left, top), {right, top}, {right, bottom}, {left, bottom}}) {
        xml += fmt::format("<pt><x>{}</x><y>{}</y></pt>", x, y);
      }
      xml += "</polygon></object>";
    }
    const std::string name = fmt::format("color_{}", i);
    scratch.File(name + ".xml", xml + "</annotation>");
    world.set.images.push_back(
        {scratch.File(name + ".png", Encoded(picture, ".png")), name + ".png", -1});
  }
  return world;
}

/// Layer "colors", of as many pixels as the input.
inline Model ColorModel(int height, int width) {
  Network network({3, height, width});
  Convolution same;
  same.units = 3;
  same.kernel = {1, 1};
  same.weight = at::eye(3, at::kFloat).view({3, 3, 1, 1});
  network.Add("colors", same, {0});
  InputFormat format;
  format.height = height;
  format.width = width;
  format.order = ChannelOrder::kRgb;
  std::string digest = network.ComputeDigest();
  return {"rgb", std::move(network), format, {}, std::move(digest)};
}

}  // namespace netdissect
