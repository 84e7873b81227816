// People: standing, walking or with an arm raised, of all sizes and in all clothes.

#include <cmath>

#include "world/model.h"

namespace netdissect {
namespace {

void PaintPerson(Artist& a) {
  const float h = a.height(), u = h / 8;  // a head's height is an eighth, or a sixth of a child's
  const bool skirt = a.dice.Chance(0.3f), walks = a.dice.Chance(0.45f), back = a.dice.Chance(0.25f);
  const float head = u * (h < 1.45f ? 0.66f : 0.52f);
  const Color skin = SkinColor(a.dice), hair = a.dice.Chance(0.8f) ? WoodColor(a.dice) * 0.45f
                                                                   : GreyColor(a.dice, 0.6f, 0.85f);
  const Material flesh = Material(skin).Round();
  const Color top = FabricColor(a.dice);
  const Material shirt =
      Material(top, a.dice.Chance(0.25f) ? Texture::kStripes : Texture::kPlain, 0.09f)
          .Second(Varied(a.dice, top, 0.5f))
          .Round();
  const Material trousers =
      Material(a.dice.Chance(0.6f) ? Hsv(a.dice.Between(200, 240), a.dice.Between(0.1f, 0.6f),
                                         a.dice.Between(0.15f, 0.5f))
                                   : FabricColor(a.dice) * 0.7f)
          .Round();
  const Material shoe = Material(GreyColor(a.dice, 0.08f, 0.35f));
  const float stride = walks ? a.dice.Between(0.5f, 0.95f) * u : 0.12f * u;
  const float hip = 4 * u, shoulder = 6.55f * u, broad = 0.86f * u;
  for (const float side : {-1.0f, 1.0f}) {
    const cv::Point2f foot(side * (0.36f * u + 0.55f * stride), 0.15f * u);
    const cv::Point2f knee(side * (0.38f * u + 0.35f * stride), 2.1f * u);
    const Material& leg = skirt ? flesh : trousers;
    a.OnCard(Limb(foot, knee, 0.22f * u, 0.29f * u), leg);
    a.OnCard(Limb(knee, {side * 0.34f * u, hip}, 0.3f * u, 0.42f * u), leg);
    a.OnCard(Limb({foot.x - 0.05f * u, 0.12f * u}, {foot.x + 0.34f * u, 0.12f * u}, 0.16f * u,
                  0.12f * u),
             shoe);
  }
  if (skirt) {
    a.OnCard({{-0.62f * u, hip + 0.7f * u},
              {0.62f * u, hip + 0.7f * u},
              {1.05f * u, 2.3f * u},
              {-1.05f * u, 2.3f * u}},
             a.dice.Chance(0.5f) ? shirt : trousers);
  }
  const auto arm = [&](float side) {
    const bool raised = a.dice.Chance(0.15f);
    const cv::Point2f from(side * broad, shoulder - 0.25f * u);
    const cv::Point2f elbow(side * (broad + (raised ? 0.8f : 0.3f) * u),
                            raised ? shoulder + 0.1f * u : 5.0f * u);
    const cv::Point2f hand(side * (broad + (raised ? 0.75f : 0.2f + 0.3f * stride / u) * u),
                           raised ? shoulder + 1.4f * u : 3.75f * u);
    a.OnCard(Limb(elbow, hand, 0.2f * u, 0.16f * u), a.dice.Chance(0.5f) ? flesh : shirt);
    a.OnCard(Limb(from, elbow, 0.27f * u, 0.22f * u), shirt);
    a.OnCard(Ellipse(hand.x, hand.y, 0.18f * u, 0.2f * u), flesh);
  };
  arm(-1);
  arm(1);
  a.OnCard(Smooth({{-0.66f * u, hip},
                   {0.66f * u, hip},
                   {0.66f * u, 5.2f * u},
                   {0.98f * broad, shoulder - 0.2f * u},
                   {0.5f * broad, shoulder + 0.12f * u},
                   {-0.5f * broad, shoulder + 0.12f * u},
                   {-0.98f * broad, shoulder - 0.2f * u},
                   {-0.66f * u, 5.2f * u}}),
           shirt.Foot(0.25f));
  a.OnCard(Limb({0, shoulder}, {0, h - 1.3f * head}, 0.24f * u, 0.22f * u), flesh);
  const float face = h - 1.05f * head;
  const bool locks = a.dice.Chance(0.4f);
  if (locks) {
    a.OnCard(Ellipse(0, face - 0.25f * head, 0.95f * head, 1.25f * head), Material(hair));
  }
  a.OnCard(Ellipse(0, face, 0.78f * head, head), Material(skin).Ball());
  a.OnCard(back ? Ellipse(0, face + 0.1f * head, 0.84f * head, 0.95f * head)
                : Ellipse(0, face + 0.12f * head, 0.84f * head, 0.93f * head, 15, 165),
           Material(hair).Gloss(0.1f));
  if (!back) {
    const Material dark(Color(0.12f, 0.12f, 0.14f));
    for (const float side : {-0.3f, 0.3f}) {
      a.OnCard(Ellipse(side * head, face + 0.05f * head, 0.09f * head, 0.11f * head), dark);
    }
    a.OnCard(Ellipse(0, face - 0.45f * head, 0.24f * head, 0.07f * head),
             Material(Color(0.35f, 0.3f, 0.65f)));
  }
}

}  // namespace

std::vector<ObjectModel> PeopleModels() {
  return {{"person", Anchor::kFloor, {0.5f, 1.15f, 0.3f}, {0.6f, 1.9f, 0.35f}, PaintPerson}};
}

}  // namespace netdissect
