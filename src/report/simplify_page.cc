// The page to step through an image's removals.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <spdlog/fmt/fmt.h>

#include <opencv2/imgcodecs.hpp>

#include "netdissect/base/base64.h"
#include "netdissect/base/error.h"
#include "netdissect/base/json.h"
#include "netdissect/report/classify_report.h"
#include "netdissect/report/figure.h"
#include "netdissect/report/simplify_figure.h"

namespace netdissect {
namespace {

constexpr char kBegin[] = R"html(<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Minimal image</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; color: #282828; margin: 24px auto; max-width: 960px; padding: 0 12px; }
h1 { font-size: 19px; margin: 0 0 2px; }
p { margin: 0 0 12px; color: #666; }
.row { display: flex; flex-wrap: wrap; gap: 24px; }
img { width: 448px; max-width: 100%; display: block; }
.side { flex: 1; min-width: 300px; }
svg { width: 100%; height: auto; cursor: pointer; }
input { width: 100%; margin: 12px 0 4px; }
output { display: block; min-height: 3em; }
</style>
<h1></h1>
<p></p>
<div class="row">
  <div><img id="image" alt="the image after the removals so far">
    <input id="step" type="range" min="0" value="0" aria-label="removals">
    <output id="said"></output></div>
  <div class="side"><svg id="curve" viewBox="0 0 420 260" role="img" aria-label="probability of the class after each removal"></svg>
    <img id="segments" alt="segments" style="width: 224px; margin-top: 12px"></div>
</div>
<script>
const data = )html";

constexpr char kEnd[] = R"html(;
const get = id => document.getElementById(id);
document.querySelector('h1').textContent = data.class;
document.querySelector('p').textContent = data.image + ': ' + data.summary;
get('segments').src = data.segments;
const last = data.steps.length - 1, left = 44, right = 410, top = 10, bottom = 220;
const x = i => last ? left + (right - left) * i / last : left;
const y = p => bottom - (bottom - top) * p;
const svg = get('curve');
function add(kind, attributes, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', kind);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  if (text !== undefined) element.textContent = text;
  svg.appendChild(element);
  return element;
}
for (const p of [0, 0.25, 0.5, 0.75, 1]) {
  add('line', {x1: left, x2: right, y1: y(p), y2: y(p), stroke: '#ddd'});
  add('text', {x: left - 6, y: y(p) + 4, 'text-anchor': 'end', 'font-size': 12}, p);
}
add('text', {x: (left + right) / 2, y: 250, 'text-anchor': 'middle', 'font-size': 12}, 'segments removed, of ' + data.count);
add('text', {x: left, y: 234, 'text-anchor': 'middle', 'font-size': 12}, 0);
add('text', {x: x(last), y: 234, 'text-anchor': 'end', 'font-size': 12}, last || '');
add('polyline', {points: data.steps.map((s, i) => x(i) + ',' + y(s.probability)).join(' '), fill: 'none', stroke: '#2a6fb0', 'stroke-width': 2});
const dot = add('circle', {r: 5, fill: '#c0392b'});
function show(i) {
  const step = data.steps[i];
  get('step').value = i;
  get('image').src = step.image;
  dot.setAttribute('cx', x(i));
  dot.setAttribute('cy', y(step.probability));
  get('said').textContent = (i ? i + ' removed, the last: ' + step.segment : 'the whole image')
    + '. Probability ' + step.probability.toFixed(3) + '. ' + (i == last ? data.end : '');
}
get('step').max = last;
get('step').oninput = event => show(+event.target.value);
svg.onclick = event => {
  const box = svg.getBoundingClientRect(), at = (event.clientX - box.left) / box.width * 420;
  show(Math.max(0, Math.min(last, Math.round((at - left) / (right - left) * last))));
};
show(0);
get('step').focus();
</script>
</html>
)html";

std::string DataUri(const cv::Mat& image, const std::string& extension, const std::string& type) {
  std::vector<unsigned char> bytes;
  if (!cv::imencode(extension, image, bytes)) Fail("a picture cannot be encoded as {}", type);
  return "data:image/" + type + ";base64," +
         Base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// JSON that may stand within a script: no text of it ends the script or opens a comment.
std::string ForScript(const Json& json) {
  std::string text;
  for (char c : json.dump(-1, ' ', true)) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string SliderPage(const SimplifiedImage& image, const SimplifyDetail& detail,
                       const Model& model, const std::string& title) {
  const MinimalImage& minimal = image.minimal;
  const auto name_of = [&](int segment) -> const std::string& {
    return image.segments[static_cast<size_t>(segment)].name;
  };
  Json steps = Json::array();
  at::Tensor present = detail.values.clone();
  const auto add = [&](const std::string& segment, double probability) {
    steps.push_back({{"segment", segment},
                     {"probability", probability},
                     {"image", DataUri(PictureOf(present.round().clamp(0, 255), model.input.order),
                                       ".jpg", "jpeg")}});
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
                            ClassName(model, image.target), name_of(minimal.refused->segment),
                            ClassName(model, minimal.refused_first))
                      : "Nothing is left, and it is still the first class.";
  const Json data = {
      {"class", ClassName(model, image.target)},
      {"image", title},
      {"summary", fmt::format("{} of {} segments kept, {:.1f}% of the pixels", minimal.kept.size(),
                              image.segments.size(), 100 * image.kept_fraction())},
      {"count", image.segments.size()},
      {"end", end},
      {"segments", DataUri(DrawSegments(detail, model.input.order), ".png", "png")},
      {"steps", steps}};
  return kBegin + ForScript(data) + kEnd;
}

}  // namespace netdissect
