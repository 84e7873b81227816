// Beds, pillows and wardrobes.

#include "world/model.h"

namespace netdissect {
namespace {

void PaintBed(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, mattress = 0.5f;
  const Material wood = Material(WoodColor(a.dice), Texture::kWood, 0.3f).Corners(0.2f);
  const Color cover = FabricColor(a.dice);
  const Texture weave = a.dice.Pick(
      std::vector<Texture>{Texture::kPlain, Texture::kMottle, Texture::kStripes, Texture::kChecks});
  const Material blanket = Material(cover, weave, a.dice.Between(0.15f, 0.4f))
                               .Second(Varied(a.dice, cover, 0.35f))
                               .Corners(0.25f);
  const Material sheet = Material(Color(0.93f, 0.94f, 0.95f)).Corners(0.2f);
  const bool fabric_head = a.dice.Chance(0.4f);
  const Material head = fabric_head ? Material(FabricColor(a.dice)).Corners(0.35f) : wood;
  const float fold = z - 0.65f;
  const Material folded = Material(Varied(a.dice, cover, 0.3f)).Corners(0.15f);
  a.Boxes({{{-x, 0.08f, -z}, {x, 0.28f, z - 0.08f}, wood, {}},
           {{-x + 0.02f, 0.28f, -z + 0.02f},
            {x - 0.02f, mattress, z - 0.08f},
            sheet,
            [&] {  // the cover on the mattress and down its sides, folded back at the pillows
              const float top = mattress + 0.004f;
              if (a.eye()[1] > top) {
                a.Fill(a.Top(top), {Rectangle(-x, -z, x, fold)}, blanket);
                a.Fill(a.Top(top), {Rectangle(-x, fold - 0.22f, x, fold)}, folded);
              }
              if (a.eye()[2] < -z) a.Fill(a.Front(-z), {Rectangle(-x, 0.2f, x, top)}, blanket);
              for (const float side : {-x, x}) {
                if (side * a.eye()[0] > x * x) {
                  a.Fill(a.Side(side), {Rectangle(-z, 0.2f, fold, top)}, blanket);
                }
              }
            }},
           {{-x - 0.03f, 0, z - 0.08f}, {x + 0.03f, a.height(), z}, head, {}}});
}

void PaintPillow(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Color color = a.dice.Chance(0.6f) ? GreyColor(a.dice, 0.82f, 0.97f) : FabricColor(a.dice);
  const Material cloth =
      Material(color, a.dice.Chance(0.7f) ? Texture::kPlain : Texture::kStripes, 0.1f)
          .Foot(0.5f)
          .Ball();
  const Contour body = Smooth({{-x, 0.02f},
                               {-0.5f * x, 0},
                               {0.5f * x, 0},
                               {x, 0.02f},
                               {0.93f * x, 0.5f * h},
                               {x, h},
                               {0.4f * x, 0.93f * h},
                               {-0.4f * x, 0.93f * h},
                               {-x, h},
                               {-0.93f * x, 0.5f * h}});
  a.OnCard(body, cloth);
}

void PaintWardrobe(Artist& a) {
  const float x = a.width() / 2, h = a.height(), z = a.depth() / 2;
  const Material wood = Material(WoodColor(a.dice), Texture::kWood, 0.4f).Corners(0.2f).Foot(0.3f);
  const Material panel = Material(wood.color * 1.1f, Texture::kWood, 0.35f).Corners(0.35f);
  const Material handle = Material(Color(0.2f, 0.22f, 0.25f));
  const int doors = a.width() > 1.3f ? 3 : 2;
  a.Box({-x, 0, -z}, {x, h, z}, wood);
  if (a.eye()[2] > -z) return;
  const Plane front = a.Front(-z);
  for (int i = 0; i < doors; ++i) {
    const float left = -x + a.width() * static_cast<float>(i) / static_cast<float>(doors);
    const float right = left + a.width() / static_cast<float>(doors);
    a.Fill(front, {Rectangle(left + 0.03f, 0.12f, right - 0.03f, h - 0.06f)}, panel);
    const float knob = i % 2 == 0 ? right - 0.08f : left + 0.05f;
    a.Fill(front, {Rectangle(knob, 0.45f * h, knob + 0.03f, 0.55f * h)}, handle);
  }
}

}  // namespace

std::vector<ObjectModel> BedroomModels() {
  return {{"bed", Anchor::kBack, {1.2f, 0.85f, 2.0f}, {1.9f, 1.25f, 2.2f}, PaintBed},
          {"pillow", Anchor::kOnTop, {0.42f, 0.26f, 0.2f}, {0.62f, 0.38f, 0.25f}, PaintPillow},
          {"wardrobe", Anchor::kBack, {1.0f, 1.8f, 0.5f}, {1.9f, 2.2f, 0.6f}, PaintWardrobe}};
}

}  // namespace netdissect
