// Places outdoors: sky and ground, what stands at the distance at which it is as large in the
// picture as a photographer would have it, and, by category, roads, the sea or mountains.

#include <cmath>
#include <unordered_map>

#include "world/layout.h"
#include "world/noise.h"

namespace netdissect {
namespace {

// Heights of objects, as shares of the picture's.
struct Share {
  float least, most;
};

Share ShareOf(const std::string& name) {
  static const std::unordered_map<std::string, Share> kShares = {
      {"ferris wheel", {0.5f, 0.82f}},  {"carousel", {0.3f, 0.5f}},
      {"roller coaster", {0.3f, 0.5f}}, {"barn", {0.3f, 0.48f}},
      {"windmill", {0.42f, 0.72f}},     {"tractor", {0.24f, 0.42f}},
      {"hay bale", {0.12f, 0.24f}},     {"crane", {0.58f, 0.88f}},
      {"excavator", {0.26f, 0.44f}},    {"traffic cone", {0.12f, 0.22f}},
      {"tent", {0.22f, 0.42f}},         {"campfire", {0.15f, 0.27f}},
      {"pine", {0.35f, 0.7f}},          {"lighthouse", {0.42f, 0.75f}},
      {"parasol", {0.26f, 0.42f}},      {"palm tree", {0.42f, 0.7f}},
      {"person", {0.18f, 0.45f}},       {"plant/bush", {0.1f, 0.2f}},
      {"tree", {0.28f, 0.6f}},          {"lamp/street", {0.3f, 0.58f}},
      {"flag", {0.3f, 0.5f}},           {"fence", {0.07f, 0.12f}},
      {"rock", {0.07f, 0.16f}},         {"building", {0.35f, 0.6f}},
      {"car", {0.14f, 0.26f}},          {"bicycle", {0.08f, 0.16f}}};
  const auto found = kShares.find(name);
  return found == kShares.end() ? Share{0.2f, 0.4f} : found->second;
}

class OutdoorLayout {
 public:
  OutdoorLayout(const SyntheticCategory& category, const Dice& dice)
      : dice_(dice), category_(category), sky_(DrawSky(dice_)), camera_(DrawCamera()) {}

  SyntheticImage Paint(int size) {
    std::vector<Wanted> wanted = DrawObjects(category_, dice_);
    std::stable_sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) {
      return a.informative && !b.informative;
    });
    WorldCanvas canvas(size, camera_, sky_.light);
    PaintSky(canvas, sky_, horizon_);
    PaintFar(canvas, wanted);
    PaintGround(canvas, wanted);
    for (const Wanted& want : wanted) {
      for (int i = 0; i < want.count; ++i) Place(want.name);
    }
    PaintBackToFront(canvas, placed_);
    return canvas.Develop(DrawDevelopment(dice_));
  }

 private:
  bool Is(const char* category) const { return category_.name == category; }

  Camera DrawCamera() {
    CameraOptions options;
    const bool highway = Is("highway");
    options.eye = {dice_.Between(-1.2f, 1.2f),
                   highway ? dice_.Between(2.5f, 5) : dice_.Between(1.6f, 2.6f), 0};
    options.focal = dice_.Between(0.85f, 1.15f);
    options.yaw = dice_.Between(-0.1f, 0.1f);
    horizon_ = dice_.Between(0.46f, 0.64f);
    if (Is("mountain")) horizon_ = dice_.Between(0.6f, 0.74f);
    options.pitch = std::atan((horizon_ - 0.5f) / options.focal);
    return Camera(options);
  }

  static int CountOf(const std::vector<Wanted>& wanted, const std::string& name) {
    for (const Wanted& want : wanted) {
      if (want.name == name) return want.count;
    }
    return 0;
  }

  void PaintFar(WorldCanvas& canvas, const std::vector<Wanted>& wanted) {
    for (int i = CountOf(wanted, "cloud"); i > 0; --i)
      PaintCloud(canvas, sky_, dice_.Fork(), horizon_);
    const int mountains = CountOf(wanted, "mountain");
    const bool near = Is("mountain");
    for (int i = 0; i < mountains; ++i) {
      const float t = (static_cast<float>(i) + 0.5f) / static_cast<float>(mountains);
      const float x = near ? t + dice_.Between(-0.15f, 0.15f) : dice_.Between(-0.1f, 1.1f);
      const float distance = near ? 150 - 18 * static_cast<float>(i) : dice_.Between(140, 240);
      const float high = near ? dice_.Between(0.3f, 0.58f) * (1 - 0.14f * static_cast<float>(i))
                              : dice_.Between(0.07f, 0.15f);
      PaintMountain(canvas, dice_.Fork(), distance, x, high);
    }
    if (!Is("street") && !Is("coast") && dice_.Chance(0.6f)) PaintWoods(canvas);
  }

  // A line of trees along the horizon.
  void PaintWoods(WorldCanvas& canvas) {
    const float z = 130, half = 0.9f * z / camera_.focal(), high = dice_.Between(4, 9);
    const float seed = dice_.Between(0, 200);
    Contour outline = {{half, -1}, {-half, -1}};
    for (int i = 0; i <= 90; ++i) {
      const float x = half * (static_cast<float>(i) / 45 - 1);
      outline.emplace_back(x, high * (0.25f + Fractal(0.09f * x + seed, seed)));
    }
    const Color green = FoliageColor(dice_) * 0.8f;
    canvas.BeginObject(TheSyntheticWorld().ClassIndex("tree"));
    canvas.Fill({{CentreAt(z), 0, z}, {1, 0, 0}, {0, 1, 0}}, {outline},
                Material(green, Texture::kLeaves, 4).Second(green * 0.7f).Glow(0.3f));
    canvas.EndObject();
  }

  void Surface(WorldCanvas& canvas, const std::string& name, const Contour& outline,
               float raised = 0) {
    Plane plane = GroundPlane();
    plane.origin[1] = raised;
    canvas.BeginObject(TheSyntheticWorld().ClassIndex(name));
    canvas.Fill(plane, {outline}, GroundMaterial(name, dice_));
    canvas.EndObject();
  }

  void PaintGround(WorldCanvas& canvas, const std::vector<Wanted>& wanted) {
    const Contour everywhere = Rectangle(-900, -2, 900, 1400);
    if (Is("coast")) return PaintShore(canvas);
    if (Is("street")) {
      const float half = road_half_ = dice_.Between(3, 4.2f);
      sidewalk_ = dice_.Between(2.2f, 3.2f);
      Surface(canvas, "sidewalk", everywhere);
      PaintRoad(canvas, half);
      return;
    }
    const bool grass = CountOf(wanted, "grass") > 0;
    Surface(canvas, grass ? "grass" : "earth", everywhere);
    if (Is("highway")) PaintRoad(canvas, road_half_ = dice_.Between(5.5f, 7.5f));
  }

  void PaintRoad(WorldCanvas& canvas, float half) {
    const Plane ground = GroundPlane();
    canvas.BeginObject(TheSyntheticWorld().ClassIndex("road"));
    canvas.Fill(ground, {Rectangle(-half, -2, half, 900)}, GroundMaterial("road", dice_));
    const Material paint = Material(Color(0.85f, 0.9f, 0.92f)).Grain(0.1f);
    const int lanes = half > 5 ? 4 : 2;
    for (int lane = 1; lane < lanes; ++lane) {
      const float x = half * (2 * static_cast<float>(lane) / static_cast<float>(lanes) - 1);
      for (float z = -1; z < 90; z += 6) {
        canvas.Fill(ground, {Rectangle(x - 0.07f, z, x + 0.07f, z + 2.6f)}, paint);
      }
    }
    for (const float side : {-1.0f, 1.0f}) {
      const float x = side * (half - 0.35f);
      canvas.Fill(ground, {Rectangle(x - 0.06f, -2, x + 0.06f, 300)}, paint);
    }
    if (Is("street") && dice_.Chance(0.6f)) {  // a crossing
      const float z = dice_.Between(5, 11);
      for (float x = -half + 0.4f; x < half - 0.6f; x += 1.1f) {
        canvas.Fill(ground, {Rectangle(x, z, x + 0.6f, z + 2.4f)}, paint);
      }
    }
    canvas.EndObject();
  }

  void PaintShore(WorldCanvas& canvas) {
    shore_ = dice_.Between(13, 26);
    const float slant = dice_.Between(-0.12f, 0.12f), wave = dice_.Between(0, 6);
    Surface(canvas, "sand", Rectangle(-900, -2, 900, 60));
    Contour water = {{900, 1600}, {-900, 1600}}, foam = water;
    for (int i = 0; i <= 60; ++i) {
      const float x = -60 + 2 * static_cast<float>(i);
      const float z =
          shore_ + slant * x + 0.5f * std::sin(0.4f * x + wave) + 0.3f * std::sin(1.1f * x);
      water.emplace_back(i == 0 ? -900 : (i == 60 ? 900 : x), z);
      foam.emplace_back(water.back().x, z - 0.5f - 0.25f * std::sin(1.7f * x + 2 * wave));
    }
    const Color deep =
        Hsv(dice_.Between(170, 215), dice_.Between(0.4f, 0.7f), dice_.Between(0.45f, 0.75f));
    canvas.BeginObject(TheSyntheticWorld().ClassIndex("sea"));
    canvas.Fill(GroundPlane(), {foam}, Material(Color(0.95f, 0.95f, 0.94f)).Grain(0.1f));
    canvas.Fill(
        GroundPlane(), {water},
        Material(deep, Texture::kWater, 1.6f).Second(Mixed(deep, sky_.horizon, 0.45f)).Gloss(0));
    canvas.EndObject();
  }

  // The distance at which something `high` fills `share` of the picture's height.
  float DistanceFor(float high, float share) const { return high * camera_.focal() / share; }

  bool IsOnGround(float x, float z, const Vec3& size) const {
    if (Is("coast")) return z < shore_ - 2.5f;
    if (Is("street"))
      return std::abs(x) > road_half_ + 0.3f && std::abs(x) < road_half_ + sidewalk_ - 0.3f;
    if (Is("highway")) return std::abs(x) - 0.5f * size[0] > road_half_ + 1;
    return true;
  }

  bool Stand(const ObjectModel& model, const Vec3& position, const Vec3& size, float yaw,
             float margin = 0.1f) {
    const Bounds bounds = BoundsAt(position, size, yaw);
    if (!plan_.IsFree(bounds, margin)) return false;
    plan_.Take(bounds);
    placed_.push_back({&model, position, size, yaw, bounds, dice_.Fork()});
    return true;
  }

  float CentreAt(float z) const { return camera_.eye()[0] + z * std::tan(camera_.yaw()); }

  bool Place(const std::string& name) {
    if (name == "building" && Is("street")) return PlaceInRow();
    if (name == "car" || name == "truck" || name == "bus") {
      if (road_half_ > 0) return PlaceOnRoad(ModelOf(name));
    }
    if (name == "guardrail") return PlaceGuardrail();
    if (name == "road sign") return PlaceRoadSign();
    if (name == "boat") return PlaceBoat();
    if (name == "cable car") return PlaceInAir();
    if (name == "lighthouse") return PlaceLighthouse();
    for (const char* surface :
         {"sky", "cloud", "mountain", "grass", "earth", "sand", "sea", "road", "sidewalk"}) {
      if (name == surface) return true;
    }
    return PlaceOnGround(ModelOf(name == "plant"  ? "plant/bush"
                                 : name == "lamp" ? "lamp/street"
                                                  : name));
  }

  bool PlaceOnGround(const ObjectModel& model) {
    const Share share = ShareOf(model.name);
    for (int attempt = 0; attempt < 40; ++attempt) {
      const Vec3 size = model.Size(dice_);
      // Farther, and so smaller, where nothing near was free.
      const float less = attempt < 20 ? 1 : 0.7f;
      const float z = DistanceFor(size[1], less * dice_.Between(share.least, share.most));
      const float half = 0.5f / camera_.focal() * z;
      float x = CentreAt(z) + dice_.Between(-0.86f, 0.86f) * half;
      if (Is("street")) x = dice_.Sign() * (road_half_ + dice_.Between(0.5f, sidewalk_ - 0.4f));
      if (!IsOnGround(x, z, size)) continue;
      const Vec3 position(x, 0, z);
      const cv::Point2f p = camera_.Project(position);
      if (p.y > 0.98f || p.x < 0.05f || p.x > 0.95f) continue;
      const bool turns =
          model.name != "ferris wheel" && model.name != "roller coaster" && model.name != "fence";
      const float yaw = (turns ? dice_.Between(-0.7f, 0.7f) : 0) +
                        (model.name == "car" && dice_.Chance(0.5f) ? kPi : 0);
      if (Stand(model, position, size, yaw)) return true;
    }
    return false;
  }

  // Buildings along both sides of the street, each behind the one before.
  bool PlaceInRow() {
    const ObjectModel& model = ModelOf("building");
    const Vec3 size = model.Size(dice_);
    float& at = next_left_ <= next_right_ ? next_left_ : next_right_;
    const float side = &at == &next_left_ ? -1.0f : 1.0f;
    const float z = at + size[0] / 2;
    at += size[0] + dice_.Between(0, 1.2f);
    const Vec3 position(side * (road_half_ + sidewalk_ + size[2] / 2), 0, z);
    return Stand(model, position, size, side * kPi / 2, 0);
  }

  bool PlaceOnRoad(const ObjectModel& model) {
    for (int attempt = 0; attempt < 30; ++attempt) {
      const Vec3 size = model.Size(dice_);
      const int lanes = road_half_ > 5 ? 4 : 2;
      const int lane = dice_.Count(0, lanes - 1);
      const float x =
          road_half_ * ((2 * static_cast<float>(lane) + 1) / static_cast<float>(lanes) - 1);
      const float share =
          model.name == "car" ? dice_.Between(0.09f, 0.27f) : dice_.Between(0.18f, 0.45f);
      const float z = DistanceFor(size[1], share) + size[0] / 2;
      // On the right they drive away, on the left they come.
      const float yaw = (x > 0 ? -kPi / 2 : kPi / 2) + dice_.Between(-0.05f, 0.05f);
      const cv::Point2f p = camera_.Project({x, 0, z - size[0] / 2});
      if (p.x < 0.04f || p.x > 0.96f || p.y > 0.97f) continue;
      if (Stand(model, {x, 0, z}, size, yaw, 0.3f)) return true;
    }
    return false;
  }

  bool PlaceGuardrail() {
    const ObjectModel& model = ModelOf("guardrail");
    const float side = rails_++ == 0 ? first_rail_ : -first_rail_;
    return Stand(model, {side * (road_half_ + 0.4f), 0, 33}, model.Size(dice_), side * kPi / 2);
  }

  bool PlaceRoadSign() {
    const ObjectModel& model = ModelOf("road sign");
    for (int attempt = 0; attempt < 20; ++attempt) {
      const Vec3 size = model.Size(dice_);
      const float z = dice_.Between(14, 30);
      const float x = dice_.Sign() * (road_half_ + 0.8f + size[0] / 2);
      const cv::Point2f p = camera_.Project({x, 0, z});
      if (p.x > 0.12f && p.x < 0.88f && Stand(model, {x, 0, z}, size, 0, 0)) return true;
    }
    return false;
  }

  bool PlaceBoat() {
    const ObjectModel& model = ModelOf("boat");
    for (int attempt = 0; attempt < 20; ++attempt) {
      const Vec3 size = model.Size(dice_);
      const float z = std::max(DistanceFor(size[1], dice_.Between(0.12f, 0.34f)), shore_ + 14);
      const float x = CentreAt(z) + dice_.Between(-0.42f, 0.42f) / camera_.focal() * z;
      if (Stand(model, {x, 0, z}, size, 0)) return true;
    }
    return false;
  }

  bool PlaceLighthouse() {
    const ObjectModel& model = ModelOf("lighthouse");
    const Vec3 size = model.Size(dice_);
    const Share share = ShareOf("lighthouse");
    const float z = std::max(DistanceFor(size[1], dice_.Between(share.least, share.most)), 20.0f);
    const float x = CentreAt(z) + dice_.Sign() * dice_.Between(0.15f, 0.4f) / camera_.focal() * z;
    return Stand(model, {x, 0, z}, size, 0);
  }

  bool PlaceInAir() {
    const ObjectModel& model = ModelOf("cable car");
    const Vec3 size = model.Size(dice_);
    const float z = DistanceFor(size[1], dice_.Between(0.14f, 0.28f));
    const float x = CentreAt(z) + dice_.Between(-0.3f, 0.3f) / camera_.focal() * z;
    const float y = camera_.eye()[1] + dice_.Between(0.1f, 0.35f) / camera_.focal() * z;
    return Stand(model, {x, y, z}, size, 0);
  }

  Dice dice_;
  const SyntheticCategory& category_;
  Sky sky_;
  float horizon_ = 0.5f;  // row of the picture, 0 to 1
  Camera camera_;
  float road_half_ = 0, sidewalk_ = 0, shore_ = 0;  // metres
  float next_left_ = 7, next_right_ = 9;            // where the rows of buildings go on
  float first_rail_ = dice_.Sign();
  int rails_ = 0;
  ScenePlan plan_;
  std::vector<Placed> placed_;
};

}  // namespace

SyntheticImage PaintOutdoors(const SyntheticCategory& category, int size, const Dice& dice) {
  return OutdoorLayout(category, dice).Paint(size);
}

}  // namespace netdissect
