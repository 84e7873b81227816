// The page to step through an image's removals.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <fmt/format.h>

#include <vector>

#include "base/text.h"
#include "report/classify_report.h"
#include "report/figure.h"
#include "report/page.h"
#include "report/simplify_figure.h"

namespace netdissect {

std::string SimplifyPage(const SimplifiedImage& image, const SimplifyDetail& detail,
                         const Model& model, const std::string& title) {
  const MinimalImage& minimal = image.minimal;
  const std::string class_name = ClassName(model, image.target);
  const auto name_of = [&](int segment) -> const std::string& {
    return image.segments[static_cast<size_t>(segment)].name;
  };
  Json steps = Json::array();
  at::Tensor present = detail.values.clone();
  const auto add = [&](const std::string& segment, double probability) {
    steps.push_back(
        {{"segment", segment},
         {"probability", probability},
         {"image", JpegUri(PictureOf(present.round().clamp(0, 255), model.input.order))}});
  };
  add("", minimal.probability);
  for (const Removal& step : minimal.steps) {
    present -= detail.bases[step.segment];
    add(name_of(step.segment), step.probability);
  }
  const std::string end =
      minimal.refused ? fmt::format(
                            "The minimal image: without any more of it, it is not {}; the best, "
                            "without {}, is {}.",
                            class_name, name_of(minimal.refused->segment),
                            ClassName(model, minimal.refused_first))
                      : "Nothing is left, and it is still the first class.";
  std::vector<std::string> kept;
  for (const int segment : minimal.kept) kept.push_back(name_of(segment));
  const Json data = {
      {"class", class_name},
      {"image", title},
      {"summary", fmt::format("{} of {} segments kept, {:.1f}% of the pixels", minimal.kept.size(),
                              image.segments.size(), 100 * image.kept_fraction())},
      {"kept", "The segments. The minimal image keeps: " + (kept.empty() ? "none" : Join(kept))},
      {"count", image.segments.size()},
      {"end", end},
      {"segments", PngUri(DrawSegments(detail, model.input.order))},
      {"steps", std::move(steps)}};
  return MakePage("simplify", "Minimal image: " + class_name, data);
}

}  // namespace netdissect
