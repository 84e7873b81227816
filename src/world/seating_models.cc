// Chairs, sofas, benches and tables.

#include "world/model.h"

namespace netdissect {
namespace {

void PaintChair(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, seat = 0.46f, leg = 0.025f;
  const bool cushioned = a.dice.Chance(0.5f);
  const Material frame = cushioned ? Material(GreyColor(a.dice, 0.15f, 0.5f))
                                   : Material(WoodColor(a.dice), Texture::kWood, 0.1f);
  const Material pad = cushioned ? Material(FabricColor(a.dice)).Corners(0.25f) : frame;
  std::vector<BoxPart> parts;
  for (const float lx : {-x, x - 2 * leg}) {
    for (const float lz : {-z, z - 2 * leg}) {
      parts.push_back({{lx, 0, lz}, {lx + 2 * leg, seat, lz + 2 * leg}, frame, {}});
    }
  }
  parts.push_back({{-x, seat, -z}, {x, seat + 0.06f, z}, pad, {}});
  parts.push_back({{-x, seat + 0.06f, z - 0.05f}, {-x + 0.05f, a.height(), z}, frame, {}});
  parts.push_back({{x - 0.05f, seat + 0.06f, z - 0.05f}, {x, a.height(), z}, frame, {}});
  parts.push_back({{-x + 0.05f, seat + 0.2f, z - 0.05f}, {x - 0.05f, a.height(), z}, pad, {}});
  a.Boxes(parts);
}

void PaintSofa(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, seat = 0.42f, arm = 0.18f;
  const Color color = FabricColor(a.dice);
  const Material cloth =
      Material(color, Texture::kMottle, 0.05f).Second(color * 0.9f).Corners(0.35f).Foot(0.2f);
  const Material cushion =
      Material(color * 1.12f, Texture::kMottle, 0.05f).Second(color * 1.02f).Corners(0.45f);
  const int seats = a.width() > 1.8f ? 3 : 2;
  std::vector<BoxPart> parts = {
      {{-x, 0.06f, -z}, {-x + arm, 0.6f, z}, cloth, {}},
      {{x - arm, 0.06f, -z}, {x, 0.6f, z}, cloth, {}},
      {{-x + arm, 0.06f, z - 0.22f}, {x - arm, a.height(), z}, cloth, {}},
      {{-x + arm, 0.06f, -z + 0.02f}, {x - arm, seat - 0.14f, z - 0.22f}, cloth, {}}};
  const float each = (a.width() - 2 * arm) / static_cast<float>(seats);
  for (int i = 0; i < seats; ++i) {
    const float left = -x + arm + each * static_cast<float>(i);
    parts.push_back({{left + 0.005f, seat - 0.14f, -z - 0.02f},
                     {left + each - 0.005f, seat, z - 0.34f},
                     cushion,
                     {}});
    parts.push_back({{left + 0.005f, seat - 0.14f, z - 0.34f},
                     {left + each - 0.005f, a.height() - 0.06f, z - 0.22f},
                     cushion,
                     {}});
  }
  a.Boxes(parts);
}

void PaintBench(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, seat = a.height();
  const Material wood = Material(WoodColor(a.dice), Texture::kPlanks, 0.12f).Corners(0.1f);
  const Material leg = Material(GreyColor(a.dice, 0.15f, 0.4f));
  a.Boxes({{{-x + 0.12f, 0, -z + 0.03f}, {-x + 0.2f, seat - 0.07f, z - 0.03f}, leg, {}},
           {{x - 0.2f, 0, -z + 0.03f}, {x - 0.12f, seat - 0.07f, z - 0.03f}, leg, {}},
           {{-x, seat - 0.07f, -z}, {x, seat, z}, wood, {}}});
}

void PaintTable(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height();
  const Material wood =
      Material(a.dice.Chance(0.8f) ? WoodColor(a.dice) : GreyColor(a.dice, 0.3f, 0.9f),
               Texture::kWood, 0.25f)
          .Gloss(0.08f);
  if (a.dice.Chance(0.35f)) {  // round, on one foot
    const float r = std::min(x, z);
    a.Cone(0, 0, 0, 0.04f, 0.5f * r, 0.4f * r, wood);
    a.Cone(0, 0, 0.04f, h - 0.05f, 0.05f, 0.05f, wood);
    a.Cone(0, 0, h - 0.05f, h, r, r, wood);
    return;
  }
  std::vector<BoxPart> parts;
  for (const float lx : {-x + 0.04f, x - 0.1f}) {
    for (const float lz : {-z + 0.04f, z - 0.1f}) {
      parts.push_back({{lx, 0, lz}, {lx + 0.06f, h - 0.05f, lz + 0.06f}, wood, {}});
    }
  }
  parts.push_back({{-x, h - 0.05f, -z}, {x, h, z}, wood, {}});
  a.Boxes(parts);
}

}  // namespace

std::vector<ObjectModel> SeatingModels() {
  return {{"chair", Anchor::kFloor, {0.42f, 0.85f, 0.42f}, {0.52f, 1.05f, 0.5f}, PaintChair},
          {"sofa", Anchor::kBack, {1.5f, 0.78f, 0.85f}, {2.4f, 0.95f, 1.0f}, PaintSofa},
          {"bench", Anchor::kFloor, {1.2f, 0.42f, 0.4f}, {1.9f, 0.5f, 0.5f}, PaintBench},
          {"table", Anchor::kFloor, {0.9f, 0.45f, 0.6f}, {1.5f, 0.75f, 0.9f}, PaintTable}};
}

}  // namespace netdissect
