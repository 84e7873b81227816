#include "netdissect/probe/image_sample.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/random.h"
#include "netdissect/base/error.h"

namespace netdissect {

ImageSample::ImageSample(int units, int images, uint64_t seed)
    : units_(static_cast<size_t>(units)), most_(static_cast<size_t>(images)), seed_(seed) {}

void ImageSample::Add(int64_t image, const float* maxima) {
  ++seen_;
  Entry entry{Random(seed_, image).Next(), image, {}};
  const bool full = entries_.size() >= most_;
  if (most_ == 0 || (full && !Before(entry, entries_.front()))) return;
  entry.maxima.assign(maxima, maxima + units_);
  Keep(std::move(entry));
}

void ImageSample::Keep(Entry entry) {
  entries_.push_back(std::move(entry));
  std::push_heap(entries_.begin(), entries_.end(), Before);
  if (entries_.size() <= most_) return;
  std::pop_heap(entries_.begin(), entries_.end(), Before);
  entries_.pop_back();
}

void ImageSample::Merge(const ImageSample& other) {
  if (units_ != other.units_ || most_ != other.most_ || seed_ != other.seed_) {
    Fail("samples of images: expected {} units, {} images and seed {} in both, found {}, {} and {}",
         units_, most_, seed_, other.units_, other.most_, other.seed_);
  }
  seen_ += other.seen_;
  for (const Entry& entry : other.entries_) Keep(entry);
}

void ImageSample::Save(ByteWriter& out) const {
  out.Put(seen_);
  out.Put(entries_.size());
  for (const Entry& entry : entries_) {
    out.Put(entry.image);
    out.Put(entry.maxima);
  }
}

void ImageSample::Add(ByteReader& in) {
  seen_ += in.Get<int64_t>();
  for (auto left = in.Get<size_t>(); left > 0; --left) {
    Entry entry;
    in.Get(entry.image);
    in.Get(entry.maxima);
    if (entry.maxima.size() != units_) {
      Fail("sample of images: expected {} units, found {}", units_, entry.maxima.size());
    }
    entry.hash = Random(seed_, entry.image).Next();
    Keep(std::move(entry));
  }
}

std::vector<ImageValue> ImageSample::FarFrom(int unit, int count) const {
  struct Place {
    float value;
    uint64_t draw;  // among equals, and of those that are far
    int64_t image;
  };
  std::vector<Place> places;
  for (const Entry& entry : entries_) {
    places.push_back({entry.maxima.at(static_cast<size_t>(unit)),
                      Random(seed_, entry.image, unit).Next(), entry.image});
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    if (a.value != b.value) return a.value < b.value;
    return a.draw != b.draw ? a.draw < b.draw : a.image < b.image;
  });
  const bool whole = seen_ == static_cast<int64_t>(entries_.size());
  places.resize(places.size() / (whole ? 2 : 4));
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.draw != b.draw ? a.draw < b.draw : a.image < b.image;
  });
  places.resize(std::min(places.size(), static_cast<size_t>(count)));
  std::vector<ImageValue> far;
  for (const Place& place : places) far.push_back({place.image, place.value});
  return far;
}

}  // namespace netdissect
