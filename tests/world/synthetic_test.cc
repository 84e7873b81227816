#include "world/synthetic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>
#include <opencv2/imgproc.hpp>
#include <set>
#include <thread>

#include "base/scratch.h"

namespace netdissect {
namespace {

constexpr int kSmall = 64;

SyntheticOptions Small(uint64_t seed = 0) {
  SyntheticOptions options;
  options.seed = seed;
  options.size = kSmall;
  return options;
}

bool Same(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

// Share of the pixels on which two label maps agree.
double Agreement(const cv::Mat& a, const cv::Mat& b) {
  return static_cast<double>(cv::countNonZero(a == b)) / static_cast<double>(a.total());
}

// Scenes rendered once for the tests about what is in them.
const std::vector<SyntheticImage>& Scenes() {
  static const auto kScenes = [] {
    std::vector<SyntheticImage> scenes(16 * 24);
    std::vector<std::thread> threads;
    for (size_t t = 0; t < 2; ++t) {
      threads.emplace_back([&scenes, t] {
        for (size_t i = t; i < scenes.size(); i += 2) {
          scenes[i] =
              RenderSynthetic(SyntheticSet::kSceneTraining, static_cast<int64_t>(i), Small());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return scenes;
  }();
  return kScenes;
}

std::set<int> SeenIn(const SyntheticImage& image) {
  std::set<int> seen;
  for (const SyntheticObject& object : image.objects) {
    if (object.visible > 0) seen.insert(object.class_index);
  }
  return seen;
}

TEST(Synthetic, WorldIsLargeEnoughAndItsNamesDiffer) {
  const SyntheticWorld& world = TheSyntheticWorld();
  EXPECT_GE(world.categories.size(), 12u);
  std::set<std::string> names;
  int in_scenes = 0, animals = 0;
  for (const SyntheticClass& c : world.classes) {
    names.insert(c.name);
    in_scenes += c.in_scenes ? 1 : 0;
    animals += c.is_animal ? 1 : 0;
    EXPECT_FALSE(c.is_animal && c.in_scenes) << c.name;
  }
  EXPECT_EQ(names.size(), world.classes.size());
  EXPECT_LT(world.classes.size(), 255u);  // label maps have 8 bits
  EXPECT_GE(in_scenes, 40);
  EXPECT_GE(animals, 6);
  EXPECT_EQ(world.ClassIndex(world.classes[17].name), 17);
  EXPECT_TRUE(HasAll(ErrorOf([&] { world.ClassIndex("unicorn"); }), {"unicorn"}));
}

TEST(Synthetic, EveryCategoryHasInformativeObjectsOfItsOwn) {
  const SyntheticWorld& world = TheSyntheticWorld();
  for (const SyntheticCategory& category : world.categories) {
    bool own = false;
    for (const SyntheticPresence& mine : category.objects) {
      if (!mine.informative) continue;
      bool elsewhere = false;
      for (const SyntheticCategory& other : world.categories) {
        for (const SyntheticPresence& theirs : other.objects) {
          elsewhere = elsewhere || (&other != &category && theirs.class_index == mine.class_index &&
                                    theirs.probability >= 0.5 && theirs.most >= mine.least);
        }
      }
      own = own || !elsewhere;
    }
    EXPECT_TRUE(own) << category.name;
  }
}

TEST(Synthetic, TheSamePictureInAnyThreadAndOrder) {
  for (const SyntheticSet set : {SyntheticSet::kSceneTraining, SyntheticSet::kObjectTraining}) {
    std::vector<SyntheticImage> serial, parallel(16);
    for (int i = 0; i < 16; ++i) serial.push_back(RenderSynthetic(set, i, Small()));
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 15 - t; i >= 0; i -= 4) {
          parallel[static_cast<size_t>(i)] = RenderSynthetic(set, i, Small());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (size_t i = 0; i < 16; ++i) {
      EXPECT_TRUE(Same(serial[i].picture, parallel[i].picture)) << i;
      EXPECT_TRUE(Same(serial[i].classes, parallel[i].classes)) << i;
      EXPECT_EQ(serial[i].objects.size(), parallel[i].objects.size());
    }
  }
}

TEST(Synthetic, SeedSetAndIndexMakeOtherPictures) {
  const SyntheticImage one = RenderSynthetic(SyntheticSet::kSceneTraining, 3, Small());
  EXPECT_FALSE(
      Same(one.picture, RenderSynthetic(SyntheticSet::kSceneTraining, 3, Small(1)).picture));
  EXPECT_FALSE(
      Same(one.picture, RenderSynthetic(SyntheticSet::kSceneValidation, 3, Small()).picture));
  EXPECT_FALSE(
      Same(one.picture, RenderSynthetic(SyntheticSet::kSceneTraining, 19, Small()).picture));
}

TEST(Synthetic, LabelsTakeTurns) {
  const SyntheticWorld& world = TheSyntheticWorld();
  const auto scenes = static_cast<int64_t>(world.categories.size());
  for (int64_t i = 0; i < 2 * scenes; ++i) {
    EXPECT_EQ(SyntheticLabel(SyntheticSet::kSceneValidation, i), i % scenes);
  }
  EXPECT_EQ(Scenes()[20].label, 20 % scenes);
  EXPECT_TRUE(HasAll(ErrorOf([] { SyntheticLabel(SyntheticSet::kObjectTraining, -1); }), {"-1"}));
}

TEST(Synthetic, LabelMapIsTheMasksPaintedInOrder) {
  for (size_t i = 0; i < 64; ++i) {
    const SyntheticImage& image = Scenes()[i];
    cv::Mat classes(kSmall, kSmall, CV_8U, cv::Scalar(0));
    cv::Mat visible(kSmall, kSmall, CV_32S, cv::Scalar(-1));
    for (size_t k = 0; k < image.objects.size(); ++k) {
      const SyntheticObject& object = image.objects[k];
      EXPECT_EQ(cv::boundingRect(object.mask), cv::Rect({0, 0}, object.box.size()));
      EXPECT_EQ(cv::countNonZero(object.mask), object.area);
      classes(object.box).setTo(object.class_index + 1, object.mask);
      visible(object.box).setTo(static_cast<int>(k), object.mask);
    }
    EXPECT_TRUE(Same(classes, image.classes)) << i;
    EXPECT_TRUE(Same(visible, image.visible)) << i;
    for (size_t k = 0; k < image.objects.size(); ++k) {
      EXPECT_EQ(cv::countNonZero(visible == static_cast<int>(k)), image.objects[k].visible);
    }
  }
}

// What the table says of a category is what its pictures hold: nothing else, and as often.
TEST(Synthetic, ScenesHoldWhatTheTableSays) {
  const SyntheticWorld& world = TheSyntheticWorld();
  std::vector<std::map<int, int>> seen(world.categories.size());
  std::vector<int> images(world.categories.size());
  for (const SyntheticImage& scene : Scenes()) {
    ++images[static_cast<size_t>(scene.label)];
    for (const int c : SeenIn(scene)) ++seen[static_cast<size_t>(scene.label)][c];
  }
  for (size_t i = 0; i < world.categories.size(); ++i) {
    const SyntheticCategory& category = world.categories[i];
    std::map<int, const SyntheticPresence*> allowed;
    for (const SyntheticPresence& presence : category.objects) {
      allowed[presence.class_index] = &presence;
    }
    for (const auto& [c, count] : seen[i]) {
      EXPECT_TRUE(allowed.count(c))
          << category.name << " has a " << world.classes[static_cast<size_t>(c)].name;
    }
    for (const auto& [c, presence] : allowed) {
      if (!presence->informative) continue;
      const double n = images[i], p = presence->probability, found = seen[i][c] / n;
      // Scenes without any informative object are drawn anew: more of it than its probability.
      const double slack = 3.5 * std::sqrt(p * (1 - p) / n) + 0.08;
      EXPECT_LE(found, p + slack) << category.name << " "
                                  << world.classes[static_cast<size_t>(c)].name;
      // Some find no room, or stand behind others.
      EXPECT_GE(found, 0.5 * p - slack)
          << category.name << " " << world.classes[static_cast<size_t>(c)].name;
    }
  }
}

TEST(Synthetic, EveryClassOfTheTableIsSeen) {
  std::set<int> seen;
  for (const SyntheticImage& scene : Scenes()) {
    for (const int c : SeenIn(scene)) seen.insert(c);
  }
  for (const SyntheticCategory& category : TheSyntheticWorld().categories) {
    for (const SyntheticPresence& presence : category.objects) {
      const auto index = static_cast<size_t>(presence.class_index);
      EXPECT_TRUE(seen.count(presence.class_index)) << TheSyntheticWorld().classes[index].name;
      EXPECT_TRUE(TheSyntheticWorld().classes[index].in_scenes);
    }
  }
}

TEST(Synthetic, EverySceneShowsSomethingInformative) {
  const SyntheticWorld& world = TheSyntheticWorld();
  int without = 0;
  for (const SyntheticImage& scene : Scenes()) {
    const std::set<int> seen = SeenIn(scene);
    bool informed = false;
    for (const SyntheticPresence& p : world.categories[static_cast<size_t>(scene.label)].objects) {
      informed = informed || (p.informative && seen.count(p.class_index) > 0);
    }
    without += informed ? 0 : 1;
  }
  EXPECT_EQ(without, 0);
}

// Frequencies fall with the rank as a power of it, and those in most scenes say nothing.
TEST(Synthetic, FrequenciesFollowZipf) {
  const SyntheticWorld& world = TheSyntheticWorld();
  std::map<int, double> instances, images, indoors;
  double rooms = 0;
  for (const SyntheticImage& scene : Scenes()) {
    const bool room = world.categories[static_cast<size_t>(scene.label)].indoors;
    rooms += room ? 1 : 0;
    for (const SyntheticObject& object : scene.objects) {
      if (object.visible > 0) ++instances[object.class_index];
    }
    for (const int c : SeenIn(scene)) {
      ++images[c];
      if (room) ++indoors[c];
    }
  }
  const auto total = static_cast<double>(Scenes().size());
  for (const char* name : {"person", "plant", "lamp"}) {
    EXPECT_GT(images[world.ClassIndex(name)] / total, 0.5) << name;
  }
  for (const char* name : {"window", "floor", "wall"}) {
    EXPECT_GT(indoors[world.ClassIndex(name)] / rooms, 0.6) << name;
  }
  for (const char* name : {"sky", "cloud", "tree"}) {
    EXPECT_GT(images[world.ClassIndex(name)] / (total - rooms), 0.6) << name;
  }
  std::vector<double> counts;
  for (const auto& [c, count] : instances) counts.push_back(count);
  std::sort(counts.rbegin(), counts.rend());
  ASSERT_GE(counts.size(), 40u);
  double sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
  const auto n = static_cast<double>(counts.size());
  for (size_t i = 0; i < counts.size(); ++i) {
    const double x = std::log(static_cast<double>(i + 1)), y = std::log(counts[i]);
    sx += x, sy += y, sxx += x * x, sxy += x * y, syy += y * y;
  }
  const double covariance = n * sxy - sx * sy, variance = n * sxx - sx * sx;
  const double slope = covariance / variance;
  const double correlation = covariance / std::sqrt(variance * (n * syy - sy * sy));
  EXPECT_LT(slope, -0.6);
  EXPECT_GT(slope, -1.8);
  EXPECT_LT(correlation, -0.85);
  // The informative ones of one category alone are rare.
  for (const char* name : {"bed", "stove", "bathtub", "ferris wheel", "tent", "crane", "barn"}) {
    EXPECT_LT(images[world.ClassIndex(name)] / total, 0.1) << name;
  }
}

TEST(Synthetic, PicturesOfObjectsShowTheirObjectAlone) {
  const SyntheticWorld& world = TheSyntheticWorld();
  std::set<int> animals;
  for (size_t i = 0; i < world.object_labels.size(); ++i) {
    const SyntheticImage image =
        RenderSynthetic(SyntheticSet::kObjectTraining, static_cast<int64_t>(i), Small());
    const int c = world.object_labels[i];
    ASSERT_EQ(image.objects.size(), 1u) << world.classes[static_cast<size_t>(c)].name;
    EXPECT_EQ(image.objects[0].class_index, c);
    EXPECT_GT(image.objects[0].area, kSmall * kSmall / 200)
        << world.classes[static_cast<size_t>(c)].name;
    if (world.classes[static_cast<size_t>(c)].is_animal) animals.insert(c);
  }
  EXPECT_GE(animals.size(), 6u);
  for (const SyntheticImage& scene : Scenes()) {
    for (const int c : SeenIn(scene)) EXPECT_TRUE(world.classes[static_cast<size_t>(c)].in_scenes);
  }
}

TEST(Synthetic, OutlinesPaintTheLabelMapInEitherOrder) {
  double worst = 1, sum = 0;
  int maps = 0;
  SyntheticOptions options;
  options.size = 160;
  for (int64_t i = 0; i < 16; ++i) {
    const SyntheticImage image = RenderSynthetic(SyntheticSet::kSceneValidation, i, options);
    std::vector<std::pair<double, size_t>> by_area, by_depth;
    std::vector<std::vector<cv::Point>> outlines(image.objects.size());
    for (size_t k = 0; k < image.objects.size(); ++k) {
      outlines[k] = OutlineOfVisible(image, k);
      EXPECT_EQ(outlines[k].empty(), image.objects[k].visible == 0);
      if (outlines[k].empty()) continue;
      by_area.emplace_back(-cv::contourArea(outlines[k]), k);
      by_depth.emplace_back(0, k);
    }
    std::stable_sort(by_area.begin(), by_area.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& order : {by_depth, by_area}) {
      cv::Mat painted(image.classes.size(), CV_8U, cv::Scalar(0));
      for (const auto& [area, k] : order) {
        cv::fillPoly(painted, std::vector<std::vector<cv::Point>>{outlines[k]},
                     cv::Scalar(image.objects[k].class_index + 1));
      }
      const double agreement = Agreement(painted, image.classes);
      worst = std::min(worst, agreement);
      sum += agreement;
      ++maps;
    }
  }
  EXPECT_GT(worst, 0.95);
  EXPECT_GT(sum / maps, 0.985);
}

TEST(Synthetic, SizesShowTheSameScene) {
  for (const SyntheticSet set : {SyntheticSet::kSceneTraining, SyntheticSet::kObjectTraining}) {
    SyntheticOptions options;
    options.size = 256;
    const SyntheticImage large = RenderSynthetic(set, 13, options);
    for (const int size : {64, 100, 512}) {
      options.size = size;
      const SyntheticImage image = RenderSynthetic(set, 13, options);
      EXPECT_EQ(image.picture.size(), cv::Size(size, size));
      EXPECT_EQ(image.picture.type(), CV_8UC3);
      EXPECT_EQ(image.classes.type(), CV_8U);
      cv::Mat classes;
      cv::resize(image.classes, classes, {256, 256}, 0, 0, cv::INTER_NEAREST);
      EXPECT_GT(Agreement(classes, large.classes), 0.9) << size;
    }
  }
}

TEST(Synthetic, SizesOutOfRangeAreErrors) {
  for (const int size : {-1, 0, 63, 513}) {
    SyntheticOptions options;
    options.size = size;
    const std::string error =
        ErrorOf([&] { RenderSynthetic(SyntheticSet::kSceneTraining, 0, options); });
    EXPECT_TRUE(HasAll(error, {"size", "64", "512", std::to_string(size)}));
  }
}

}  // namespace
}  // namespace netdissect
