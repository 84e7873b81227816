// Rooms: furniture stands with its back to a wall or in the open, things hang on the walls where
// nothing stands before them, and lie on what can bear them.

#include <algorithm>
#include <cmath>

#include "world/layout.h"

namespace netdissect {
namespace {

enum Wall { kBackWall, kLeftWall, kRightWall };

struct WallSpot {
  Wall wall;
  float along;  // metres, to the right as seen from within the room
};

// What is on a wall or before it: along it, and up.
using WallArea = cv::Rect2f;

bool Overlap(const WallArea& a, const WallArea& b) { return !(a & b).empty(); }

class RoomLayout {
 public:
  RoomLayout(const SyntheticCategory& category, const Dice& dice)
      : dice_(dice),
        category_(category),
        width_(dice_.Between(3.9f, 5.6f)),
        depth_(dice_.Between(3.4f, 4.6f)),
        height_(dice_.Between(2.5f, 3.1f)),
        camera_(DrawCamera()) {}

  SyntheticImage Paint(int size) {
    std::vector<Wanted> wanted = DrawObjects(category_, dice_);
    // What says what the room is comes first: it is to find room.
    std::stable_sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) {
      return a.informative && !b.informative;
    });
    for (const bool on_top : {false, true}) {  // what bears comes before what lies on it
      for (const Wanted& want : wanted) {
        if (want.count > 0 && IsOnTop(want.name) == on_top) PlaceAll(want);
      }
    }
    const Light light = DrawRoomLight(dice_);
    WorldCanvas canvas(size, camera_, light);
    PaintShell(canvas);
    for (const Placed& placed : hung_) {
      PaintObject(canvas, *placed.model, placed.dice, placed.position, placed.yaw, placed.size);
    }
    PaintBackToFront(canvas, standing_);
    return canvas.Develop(DrawDevelopment(dice_));
  }

 private:
  Camera DrawCamera() {
    CameraOptions options;
    const float x = dice_.Between(-0.22f, 0.22f) * width_;
    options.eye = {x, dice_.Between(1.3f, 1.75f), dice_.Between(-0.9f, -0.2f)};
    options.yaw = -0.5f * std::atan2(x, depth_) + dice_.Between(-0.2f, 0.2f);
    options.pitch = dice_.Between(-0.2f, -0.06f);
    options.focal = dice_.Between(0.82f, 1.02f);
    return Camera(options);
  }

  static bool IsOnTop(const std::string& name) {
    return name == "pillow" || name == "computer" || name == "kettle" || name == "lamp";
  }

  void PaintShell(WorldCanvas& canvas) {
    const SyntheticWorld& world = TheSyntheticWorld();
    const float x = width_ / 2, front = -2;
    const auto surface = [&](const char* name, const Plane& plane, const Contour& outline,
                             const Material& material) {
      canvas.BeginObject(world.ClassIndex(name));
      canvas.Fill(plane, {outline}, material);
      canvas.EndObject();
    };
    const Material wall = WallMaterial(dice_);
    const Material accent = dice_.Chance(0.25f) ? WallMaterial(dice_) : wall;
    const Color paint = GreyColor(dice_, 0.84f, 0.97f);
    surface("ceiling", {{0, height_, 0}, {1, 0, 0}, {0, 0, 1}}, Rectangle(-x, front, x, depth_),
            Material(paint).Corners(0.2f).Glow(0.25f));
    surface("floor", GroundPlane(), Rectangle(-x, front, x, depth_), FloorMaterial(dice_));
    surface("wall", {{0, 0, depth_}, {1, 0, 0}, {0, 1, 0}}, Rectangle(-x, 0, x, height_), accent);
    surface("wall", {{-x, 0, 0}, {0, 0, 1}, {0, 1, 0}}, Rectangle(front, 0, depth_, height_), wall);
    surface("wall", {{x, 0, 0}, {0, 0, 1}, {0, 1, 0}}, Rectangle(front, 0, depth_, height_), wall);
    const Material board = Material(dice_.Chance(0.6f) ? paint : WoodColor(dice_)).Unmarked();
    canvas.Fill({{0, 0, depth_ - 0.02f}, {1, 0, 0}, {0, 1, 0}}, {Rectangle(-x, 0, x, 0.1f)}, board);
    canvas.Fill({{-x + 0.02f, 0, 0}, {0, 0, 1}, {0, 1, 0}}, {Rectangle(front, 0, depth_, 0.1f)},
                board);
    canvas.Fill({{x - 0.02f, 0, 0}, {0, 0, 1}, {0, 1, 0}}, {Rectangle(front, 0, depth_, 0.1f)},
                board);
  }

  float LengthOf(Wall wall) const { return wall == kBackWall ? width_ : depth_; }

  // A spot for something `wide` on or along a wall, more often on the one opposite.
  WallSpot DrawSpot(float wide) {
    const Wall wall =
        dice_.Chance(0.6f) ? kBackWall : (dice_.Chance(0.5f) ? kLeftWall : kRightWall);
    const float length = LengthOf(wall), near = wall == kBackWall ? 0.05f : 1.0f;
    // Left and right walls begin behind the viewer's shoulder.
    const float from = (wall == kLeftWall ? near : 0.05f) + wide / 2;
    const float to = length - (wall == kRightWall ? near : 0.05f) - wide / 2;
    return {wall, from + (to - from) * dice_.Between(0, 1)};
  }

  static float YawOf(Wall wall) {
    return wall == kBackWall ? 0 : (wall == kLeftWall ? -kPi / 2 : kPi / 2);
  }

  // `out` metres from the wall.
  Vec3 PositionOf(const WallSpot& spot, float out, float y) const {
    switch (spot.wall) {
      case kBackWall:
        return {spot.along - width_ / 2, y, depth_ - out};
      case kLeftWall:
        return {-width_ / 2 + out, y, spot.along};
      default:
        return {width_ / 2 - out, y, depth_ - spot.along};
    }
  }

  bool IsSeen(const Vec3& position, float margin) const {
    if (camera_.FromWorld(position)[2] < 1.1f) return false;
    const cv::Point2f p = camera_.Project(position);
    return p.x > margin && p.x < 1 - margin && p.y < 1.06f;
  }

  bool WallIsFree(Wall wall, const WallArea& area) const {
    for (const auto& [other, taken] : on_walls_) {
      if (other == wall && Overlap(taken, area)) return false;
    }
    return true;
  }

  void PlaceAll(const Wanted& want) {
    if (want.name == "wall" || want.name == "floor" || want.name == "ceiling") return;
    if (want.name == "desk" && want.count >= 3) return PlaceRows(want.count);
    if (want.name == "chair" && has_rows_) return;
    for (int i = 0; i < want.count; ++i) Place(want.name, want.informative);
  }

  bool Place(const std::string& name, bool informative) {
    if (name == "lamp") return PlaceLamp();
    if (name == "plant") return PlaceBy(ModelOf("plant/potted"), false);
    if (name == "curtain") return PlaceCurtain();
    if (name == "desk" && dice_.Chance(0.55f)) return PlaceAtWall(ModelOf(name));
    return PlaceBy(ModelOf(name), informative);
  }

  bool PlaceBy(const ObjectModel& model, bool informative) {
    switch (model.anchor) {
      case Anchor::kBack:
        if (PlaceAtWall(model)) return true;
        return informative && PlaceFree(model);
      case Anchor::kOnWall:
        return PlaceOnWall(model);
      case Anchor::kOnTop:
        return PlaceOnTop(model);
      case Anchor::kCeiling:
        return PlaceHanging(model);
      default:
        return PlaceFree(model);
    }
  }

  void Stand(const ObjectModel& model, const Vec3& position, const Vec3& size, float yaw) {
    const Bounds bounds = BoundsAt(position, size, yaw);
    standing_.push_back({&model, position, size, yaw, bounds, dice_.Fork()});
    if (model.name != "rug") plan_.Take(bounds);
  }

  bool PlaceAtWall(const ObjectModel& model) {
    for (int attempt = 0; attempt < 30; ++attempt) {
      const Vec3 size = model.Size(dice_);
      const WallSpot spot = DrawSpot(size[0]);
      const WallArea area(spot.along - size[0] / 2, 0, size[0], size[1]);
      if (size[0] > LengthOf(spot.wall) - 0.2f || !WallIsFree(spot.wall, area)) continue;
      const Vec3 position = PositionOf(spot, size[2] / 2 + 0.02f, 0);
      const float yaw = YawOf(spot.wall);
      if (!IsSeen(position, spot.wall == kBackWall ? 0.04f : 0.07f)) continue;
      if (!plan_.IsFree(BoundsAt(position, size, yaw), 0.04f)) continue;
      on_walls_.emplace_back(spot.wall, area);
      Stand(model, position, size, yaw);
      return true;
    }
    return false;
  }

  bool PlaceFree(const ObjectModel& model) {
    for (int attempt = 0; attempt < 30; ++attempt) {
      const Vec3 size = model.Size(dice_);
      const bool flat = model.name == "rug";
      const float x = (dice_.Between(-0.5f, 0.5f)) * (width_ - size[0] - 0.3f);
      const float z = dice_.Between(1.0f, depth_ - size[2] / 2 - 0.3f);
      const float yaw =
          flat || model.name == "bench" ? dice_.Between(-0.1f, 0.1f) : dice_.Between(-0.6f, 0.6f);
      const Vec3 position(x, 0, z);
      if (!IsSeen(position, 0.08f)) continue;
      // Nobody stands before the lens.
      if (camera_.FromWorld(position)[2] < 1.6f + 0.5f * size[1]) continue;
      if (!flat && !plan_.IsFree(BoundsAt(position, size, yaw), 0.08f)) continue;
      Stand(model, position, size, yaw);
      return true;
    }
    return false;
  }

  bool PlaceOnWall(const ObjectModel& model) {
    for (int attempt = 0; attempt < 30; ++attempt) {
      const Vec3 size = model.Size(dice_);
      const WallSpot spot = DrawSpot(size[0] + 0.2f);
      const bool door = model.bottom == 0;
      const float bottom = door ? 0 : model.bottom + dice_.Between(0, 0.25f);
      if (bottom + size[1] > height_ - 0.1f) continue;
      const WallArea area(spot.along - size[0] / 2 - 0.06f, bottom, size[0] + 0.12f,
                          size[1] + 0.08f);
      if (!WallIsFree(spot.wall, area)) continue;
      const Vec3 position = PositionOf(spot, 0, bottom);
      if (!IsSeen(position, 0.03f)) continue;
      on_walls_.emplace_back(spot.wall, area);
      hung_.push_back({&model, position, size, YawOf(spot.wall), {}, dice_.Fork()});
      if (model.name == "window") windows_.push_back(hung_.back());
      return true;
    }
    return false;
  }

  bool PlaceCurtain() {
    if (windows_.empty()) return false;
    const Placed& window = dice_.Pick(windows_);
    const Vec3 size(window.size[0] + 0.5f, window.size[1] + 0.35f, 0.1f);
    const Vec3 position = window.position - Vec3(0, 0.2f, 0);
    hung_.push_back({&ModelOf("curtain"), position, size, window.yaw, {}, dice_.Fork()});
    return true;
  }

  static std::vector<std::string> BearersOf(const std::string& name) {
    if (name == "pillow") return {"bed", "sofa"};
    if (name == "computer") return {"desk"};
    if (name == "kettle") return {"stove", "cabinet"};
    return {"table", "desk", "cabinet", "bookcase"};
  }

  bool PlaceOnTop(const ObjectModel& model) {
    const std::vector<std::string> bearers = BearersOf(model.name);
    std::vector<size_t> found;
    for (size_t i = 0; i < standing_.size(); ++i) {
      const std::string& name = standing_[i].model->name;
      const bool low = standing_[i].size[1] < 1.35f;
      if (low && std::find(bearers.begin(), bearers.end(), name) != bearers.end())
        found.push_back(i);
    }
    for (int attempt = 0; attempt < 12 && !found.empty(); ++attempt) {
      const Placed bearer = standing_[dice_.Pick(found)];
      const Vec3 size = model.Size(dice_);
      const std::string& name = bearer.model->name;
      const bool soft = name == "bed" || name == "sofa";
      const float top = name == "bed" ? 0.5f : (name == "sofa" ? 0.42f : bearer.size[1]);
      // Along the bearer, and towards its back.
      const float x = dice_.Between(-0.5f, 0.5f) *
                      std::max(0.0f, bearer.size[0] - size[0] - (soft ? 0.25f : 0));
      const float z = name == "bed"    ? 0.5f * bearer.size[2] - 0.32f
                      : name == "sofa" ? 0.5f * bearer.size[2] - 0.5f
                                       : dice_.Between(-0.05f, 0.12f) * bearer.size[2];
      const float c = std::cos(bearer.yaw), s = std::sin(bearer.yaw);
      const Vec3 position = bearer.position + Vec3(c * x + s * z, top, -s * x + c * z);
      const Bounds bounds = BoundsAt(position, size, bearer.yaw);
      if (!on_top_.IsFree(bounds, 0.02f)) continue;
      on_top_.Take(bounds);
      standing_.push_back({&model, position, size, bearer.yaw, bounds, dice_.Fork()});
      // A soft bearer reaches higher than where the thing lies: order by where that begins.
      if (soft) Lift(standing_.back().bounds, bearer);
      return true;
    }
    return false;
  }

  // Bounds just above the bearer's, so that it is painted first.
  static void Lift(Bounds& bounds, const Placed& bearer) {
    const float top = bearer.bounds.high[1];
    bounds.low[1] = top;
    bounds.high[1] = std::max(bounds.high[1], top + 0.05f);
  }

  bool PlaceLamp() {
    const float kind = dice_.Between(0, 1);
    if (kind < 0.4f && PlaceOnTop(ModelOf("lamp/table"))) return true;
    if (kind < 0.65f) return PlaceHanging(ModelOf("lamp/pendant"));
    return PlaceFree(ModelOf("lamp/floor"));
  }

  bool PlaceHanging(const ObjectModel& model) {
    for (int attempt = 0; attempt < 20; ++attempt) {
      const Vec3 size = model.Size(dice_);
      const Vec3 position(dice_.Between(-0.32f, 0.32f) * width_, height_ - size[1],
                          dice_.Between(1.8f, depth_ - 0.6f));
      const cv::Point2f p = camera_.Project(position);
      if (p.x < 0.06f || p.x > 0.94f || p.y < 0.03f) continue;
      standing_.push_back({&model, position, size, 0, BoundsAt(position, size, 0), dice_.Fork()});
      return true;
    }
    return false;
  }

  // The desks of a classroom, most with a chair before them.
  void PlaceRows(int count) {
    has_rows_ = true;
    const ObjectModel &desk = ModelOf("desk"), &chair = ModelOf("chair");
    const int columns = count > 4 ? 3 : 2;
    const Vec3 size(0.85f, 0.72f, 0.5f);
    const float gap = (width_ - 1.0f) / static_cast<float>(columns);
    for (int i = 0; i < count; ++i) {
      const int row = i / columns, column = i % columns;
      const float x = (static_cast<float>(column) - 0.5f * static_cast<float>(columns - 1)) * gap;
      const Vec3 position(x, 0, depth_ - 1.5f - 1.25f * static_cast<float>(row));
      if (!plan_.IsFree(BoundsAt(position, size, 0), 0.02f) || position[2] < 1.2f) continue;
      Stand(desk, position, size, 0);
      const Vec3 before = position - Vec3(0, 0, 0.5f);
      const Vec3 seat = chair.Size(dice_);
      if (dice_.Chance(0.75f) && camera_.FromWorld(before)[2] > 1.5f) {
        Stand(chair, before, seat, kPi);
      }
    }
  }

  Dice dice_;
  const SyntheticCategory& category_;
  float width_, depth_, height_;
  Camera camera_;
  bool has_rows_ = false;
  ScenePlan plan_, on_top_;
  std::vector<std::pair<Wall, WallArea>> on_walls_;
  std::vector<Placed> hung_, windows_, standing_;
};

}  // namespace

SyntheticImage PaintRoom(const SyntheticCategory& category, int size, const Dice& dice) {
  return RoomLayout(category, dice).Paint(size);
}

}  // namespace netdissect
