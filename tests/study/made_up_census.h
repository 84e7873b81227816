#pragma once
// Annotated images that are made up: which objects are where is drawn at random, or said.

#include <string>
#include <vector>

#include "base/random.h"
#include "study/object_census.h"

namespace netdissect {

/// Object o is on an image with a chance that depends on o and on the category; now and then it is
/// hidden behind others. Areas are of few values, so that there are equal ones.
inline ObjectCensus MadeUpCensus(int images, int categories, int objects, uint64_t seed) {
  ObjectCensus census;
  for (int o = 0; o < objects; ++o) census.objects.push_back("object " + std::to_string(100 + o));
  for (int c = 0; c < categories; ++c) census.categories.push_back("scene " + std::to_string(c));
  for (int i = 0; i < images; ++i) {
    Random random(seed, i);
    CensusImage image;
    image.category = static_cast<int>(random.Below(static_cast<uint64_t>(categories)));
    for (int o = 0; o < objects; ++o) {
      const double chance = (o % categories == image.category ? 0.6 : 0.15) / (1 + o / 4.0);
      if (random.Uniform() >= chance) continue;
      const auto instances = static_cast<int>(1 + random.Below(3));
      image.objects.push_back({o, instances, static_cast<double>(random.Below(6)) / 10});
    }
    census.images.push_back(std::move(image));
  }
  return census;
}

/// The same images, image i `times[i]` times.
inline ObjectCensus Repeated(const ObjectCensus& census, const std::vector<int>& times) {
  ObjectCensus repeated = census;
  repeated.images.clear();
  for (size_t i = 0; i < times.size(); ++i) {
    repeated.images.insert(repeated.images.end(), static_cast<size_t>(times[i]), census.images[i]);
  }
  return repeated;
}

}  // namespace netdissect
