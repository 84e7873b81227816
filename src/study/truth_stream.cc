#include "study/truth_stream.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <deque>
#include <optional>

#include "base/bytes.h"
#include "base/parallel.h"
#include "netdissect/base/error.h"
#include "netdissect/data/annotation.h"
#include "nn/pass_progress.h"
#include "nn/planar.h"

namespace netdissect {
namespace {

// An annotation as it comes from a reader: numbers of objects, not yet of names.
struct RawTruth {
  std::optional<Annotation> annotation;
  InputView view;
  cv::Mat visible;  // in the view
  int64_t out_of_view = 0;
  std::string error;
};

RawTruth ReadTruth(const AnnotationReader& reader, size_t index, const InputFormat& input,
                   const cv::Size& picture) {
  RawTruth raw;
  try {
    raw.annotation = reader.Read(index);
    if (raw.annotation) {
      const cv::Size size(raw.annotation->width, raw.annotation->height);
      raw.view = ViewOf(input, picture).At(size);
      raw.visible = VisibleObjects(*raw.annotation, size.height, size.width);
      raw.out_of_view = CountOutOfView(raw.visible, raw.view);
      if (raw.view.CropsPicture()) raw.visible = raw.visible(raw.view.Seen()).clone();
    }
  } catch (const Error& error) {
    raw.error = error.what();
  }
  return raw;
}

ImageTruth NameObjects(RawTruth& raw, NameNumbers& names) {
  std::vector<int> number_of;
  for (const AnnotatedObject& object : raw.annotation->objects) {
    number_of.push_back(names.Add(object.name));
  }
  ImageTruth truth;
  std::vector<int64_t> areas(names.names().size(), 0);
  for (int y = 0; y < raw.visible.rows; ++y) {
    int* row = raw.visible.ptr<int>(y);
    for (int x = 0; x < raw.visible.cols; ++x) {
      if (row[x] < 0) continue;
      row[x] = number_of[static_cast<size_t>(row[x])];
      ++areas[static_cast<size_t>(row[x])];
    }
  }
  for (size_t i = 0; i < areas.size(); ++i) {
    if (areas[i] == 0) continue;
    truth.shown.push_back(static_cast<int>(i));
    truth.areas.push_back(areas[i]);
  }
  truth.view = raw.view;
  truth.names = raw.visible;
  return truth;
}

// What is counted of a pass beside what its visitor gathers.
struct TruthCounts {
  TruthSummary summary;
  std::vector<int64_t> bare;  // images without annotation, by set
  LeftOutObjects left_out;

  void Save(ByteWriter& out) const {
    out.Put(summary.annotated);
    out.Put(summary.unannotated);
    out.Put(summary.out_of_view);
    SaveSkipped(summary.skipped, out);
    out.Put(bare);
    out.Put(left_out.count);
    out.Put(left_out.examples);
  }

  void Add(ByteReader& in) {
    summary.annotated += in.Get<int64_t>();
    summary.unannotated += in.Get<int64_t>();
    summary.out_of_view += in.Get<int64_t>();
    AddSkipped(in, summary.skipped);
    const auto more = in.Get<std::vector<int64_t>>();
    for (size_t s = 0; s < std::min(bare.size(), more.size()); ++s) bare[s] += more[s];
    LeftOutObjects others;
    in.Get(others.count);
    in.Get(others.examples);
    left_out.Add(others);
  }
};

// Of an annotation and its picture of which one is turned by a quarter; "" where they agree.
// Pictures may have been squashed since they were annotated, so other proportions say nothing.
std::string Contradiction(const Annotation& annotation, const cv::Size& picture) {
  constexpr double kClose = 0.01;
  const double annotated = static_cast<double>(annotation.height) / annotation.width;
  const double shown = static_cast<double>(picture.height) / picture.width;
  if (std::abs(annotated / shown - 1) < kClose || std::abs(annotated * shown - 1) >= kClose) {
    return "";
  }
  return fmt::format(
      "expected an annotation of the picture as it is shown, {} x {} (height x width), found one "
      "of "
      "{} x {}: it was made of the picture turned by a quarter",
      picture.height, picture.width, annotation.height, annotation.width);
}

}  // namespace

void ReportOutOfView(Observer& observer, int64_t objects, const Model& model) {
  if (objects == 0) return;
  observer.Warning(
      fmt::format("{} annotated objects are not in the input of {}, which is the centre of each "
                  "picture (\"resize\", \"side\"): they count as not there",
                  objects, model.name));
}

int NameNumbers::Add(const std::string& name) {
  const auto [found, is_new] = numbers_.emplace(name, static_cast<int>(names_.size()));
  if (is_new) names_.push_back(name);
  return found->second;
}

TruthSummary ForEachTruth(const Model& model, const ImageSets& images,
                          const std::vector<int>& layers, const TruthVisitor& visitor,
                          NameNumbers& names, const PassOptions& options, Observer& observer) {
  std::deque<AnnotationReader> readers;
  for (const Dataset& set : images.sets()) readers.emplace_back(set);
  const auto reader_of = [&](int64_t image) -> const AnnotationReader& {
    return readers[static_cast<size_t>(images.SetOf(image))];
  };
  const auto index_of = [&](int64_t image) {
    return static_cast<size_t>(images.IndexInSet(image));
  };
  LeftOutObjects strays;
  for (const AnnotationReader& reader : readers) strays.Add(reader.strays());
  if (options.strict) strays.Refuse();
  TruthCounts counts;
  counts.bare.resize(images.sets().size());
  TruthSummary& summary = counts.summary;
  TruthBatch truth;
  PassVisitor pass;
  pass.what = "annotated images";
  pass.begin = [&](const ImageBatch& loaded) {
    const auto count = static_cast<int64_t>(loaded.indices.size());
    std::vector<RawTruth> raw(loaded.indices.size());
    ParallelFor(0, count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t image = loaded.indices[static_cast<size_t>(i)];
        raw[static_cast<size_t>(i)] = ReadTruth(reader_of(image), index_of(image), model.input,
                                                loaded.sizes[static_cast<size_t>(i)]);
      }
    });
    truth.images.clear();
    for (int64_t i = 0; i < count; ++i) {
      RawTruth& item = raw[static_cast<size_t>(i)];
      const int64_t image = loaded.indices[static_cast<size_t>(i)];
      if (item.annotation) {
        if (options.strict) item.annotation->left_out.Refuse();
        counts.left_out.Add(item.annotation->left_out);
        item.error = Contradiction(*item.annotation, loaded.sizes[static_cast<size_t>(i)]);
        if (!item.error.empty())
          item.error = reader_of(image).Place(index_of(image)) + ": " + item.error;
      }
      if (!item.error.empty()) {
        if (options.strict) throw Error(item.error);
        summary.skipped.push_back({images[image].name, item.error, image});
      } else if (!item.annotation) {
        ++summary.unannotated;
        ++counts.bare[static_cast<size_t>(images.SetOf(image))];
      } else {
        summary.out_of_view += item.out_of_view;
        truth.images.push_back(NameObjects(item, names));
        truth.images.back().image = image;
        truth.images.back().row = i;
      }
    }
    summary.annotated += static_cast<int64_t>(truth.images.size());
    if (!truth.images.empty()) visitor.begin(truth);
    return !truth.images.empty();
  };
  pass.output = [&](const ImageBatch&, size_t which, const at::Tensor& output) {
    visitor.layer(truth, which, Planar(output));
  };
  pass.save = [&](ByteWriter& out) {
    out.Put(names.names());
    counts.Save(out);
    visitor.save(out);
  };
  pass.add = [&](ByteReader& in) {
    std::vector<int> number_of;
    for (const std::string& name : in.Get<std::vector<std::string>>()) {
      number_of.push_back(names.Add(name));
    }
    counts.Add(in);
    visitor.add(in, number_of);
  };
  const PassSummary passed = RunPass(model, images, layers, pass, options, observer);
  SortByImage(summary.skipped);
  summary.skipped.insert(summary.skipped.end(), passed.skipped.begin(), passed.skipped.end());
  summary.seconds = passed.seconds;
  strays.Add(counts.left_out);
  strays.Report(observer);
  for (size_t s = 0; s < counts.bare.size(); ++s) {
    ReportUnread(images.sets()[s], counts.bare[s], observer);
  }
  ReportOutOfView(observer, summary.out_of_view, model);
  if (summary.annotated == 0) {
    Fail("annotations: expected some for the {} images, found {}", images.size(),
         summary.skipped.empty()
             ? fmt::format("none; the first was looked for as {}", readers[0].Place(0))
             : "none that can be read: " + summary.skipped[0].reason);
  }
  return summary;
}

std::vector<UnitMapScaler> ScalersFor(const Model& model, const std::vector<ReceptiveField>& fields,
                                      int layer, const TruthBatch& batch) {
  std::vector<UnitMapScaler> scalers;
  for (const ImageTruth& truth : batch.images) {
    scalers.emplace_back(fields[static_cast<size_t>(layer)], model.network.layer(layer).shape,
                         truth.view);
  }
  return scalers;
}

}  // namespace netdissect
