// Potted plants, bushes, trees, rocks.

#include <cmath>

#include "world/model.h"

namespace netdissect {
namespace {

void Leaf(Artist& a, cv::Point2f foot, float angle, float length, float width,
          const Material& material) {
  const cv::Point2f along(std::cos(angle), std::sin(angle)), across(-along.y, along.x);
  const cv::Point2f droop(0, -0.18f * length * std::abs(along.x));
  a.OnCard(Smooth({foot, foot + along * (0.5f * length) + across * width,
                   foot + along * length + droop, foot + along * (0.5f * length) - across * width}),
           material);
}

void PaintPottedPlant(Artist& a) {
  const float r = a.width() / 2, h = a.height(), pot = 0.3f * h;
  const Material clay =
      Material(a.dice.Chance(0.5f) ? Hsv(a.dice.Between(8, 22), 0.6f, 0.65f) : FabricColor(a.dice));
  a.Cone(0, 0, 0, pot, 0.32f * r, 0.45f * r, clay.Foot(0.3f));
  const Color green = FoliageColor(a.dice);
  if (a.dice.Chance(0.5f)) {  // long leaves
    const int leaves = a.dice.Count(9, 15);
    for (int i = 0; i < leaves; ++i) {
      const float t = static_cast<float>(i) / static_cast<float>(leaves - 1);
      const float angle = kPi * (0.08f + 0.84f * t) + a.dice.Between(-0.15f, 0.15f);
      const float reach = std::min((h - pot) * a.dice.Between(0.75f, 1.0f),
                                   r / std::max(0.15f, std::abs(std::cos(angle))));
      Leaf(a, {0, pot - 0.02f}, angle, reach, 0.1f * r, Material(Varied(a.dice, green, 0.35f)));
    }
  } else {  // a round crown
    a.OnCard(Limb({0, pot}, {0, 0.6f * h}, 0.04f * r, 0.04f * r),
             Material(Color(0.2f, 0.3f, 0.4f)));
    for (int i = 0; i < 6; ++i) {
      const float x = a.dice.Between(-0.45f, 0.45f) * r, y = a.dice.Between(0.55f, 0.8f) * h;
      a.OnCard(Blob(x, y, 0.5f * r, 0.2f * h, 0.3f, a.dice.Between(0, 90)),
               Material(Varied(a.dice, green, 0.2f), Texture::kLeaves, 0.09f)
                   .Second(green * 0.55f)
                   .Ball());
    }
  }
}

void PaintBush(Artist& a) {
  const float r = a.width() / 2, h = a.height();
  const Color green = FoliageColor(a.dice);
  const bool flowers = a.dice.Chance(0.4f);
  const Color flower = VividColor(a.dice);
  for (int i = 0; i < 5; ++i) {
    const float x = (static_cast<float>(i) - 2) * 0.3f * r;
    const float y = h * a.dice.Between(0.36f, 0.55f);
    a.OnCard(
        Blob(x, y, 0.48f * r, 0.46f * h, 0.25f, a.dice.Between(0, 90)),
        Material(Varied(a.dice, green, 0.2f), Texture::kLeaves, 0.12f).Second(green * 0.6f).Ball());
  }
  for (int i = flowers ? a.dice.Count(6, 14) : 0; i > 0; --i) {
    const float x = a.dice.Between(-0.75f, 0.75f) * r, y = a.dice.Between(0.25f, 0.85f) * h;
    a.OnCard(Ellipse(x, y, 0.05f, 0.05f), Material(Varied(a.dice, flower)).Glow(0.2f));
  }
}

void PaintTree(Artist& a) {
  const float r = a.width() / 2, h = a.height(), trunk = 0.045f * h;
  const Color bark = Hsv(a.dice.Between(15, 40), 0.35f, a.dice.Between(0.2f, 0.45f));
  const Material wood = Material(bark, Texture::kWood, 0.2f).Round();
  const float crown = a.dice.Between(0.28f, 0.42f) * h;
  a.OnCard({{-trunk, 0}, {trunk, 0}, {0.5f * trunk, 0.7f * h}, {-0.5f * trunk, 0.7f * h}}, wood);
  a.OnCard(Limb({0, 0.8f * crown}, {0.5f * r, 1.35f * crown}, 0.5f * trunk, 0.25f * trunk), wood);
  a.OnCard(Limb({0, 0.7f * crown}, {-0.5f * r, 1.3f * crown}, 0.5f * trunk, 0.25f * trunk), wood);
  const Color green = FoliageColor(a.dice);
  const float middle = (crown + h) / 2, half = (h - crown) / 2;
  const int blobs = 11;
  for (int i = 0; i < blobs; ++i) {  // dark ones behind, light ones towards the light
    const float t = static_cast<float>(i) / (blobs - 1);
    const float angle = a.dice.Between(0, 2 * kPi), out = a.dice.Between(0.25f, 0.62f);
    const float x = r * out * std::cos(angle), y = middle + half * (out * std::sin(angle));
    const Color tone = Varied(a.dice, green, 0.12f) * (0.72f + 0.4f * t);
    a.OnCard(Blob(x, y, 0.48f * r, 0.48f * half, 0.3f, a.dice.Between(0, 90)),
             Material(tone, Texture::kLeaves, 0.06f * h).Second(tone * 0.6f).Ball());
  }
}

void PaintPine(Artist& a) {
  const float r = a.width() / 2, h = a.height();
  a.OnCard(Rectangle(-0.05f * r, 0, 0.05f * r, 0.3f * h),
           Material(Color(0.16f, 0.22f, 0.3f), Texture::kWood, 0.2f).Round());
  const Color green =
      Hsv(a.dice.Between(95, 165), a.dice.Between(0.35f, 0.6f), a.dice.Between(0.22f, 0.42f));
  const bool snow = a.dice.Chance(0.15f);
  const int tiers = a.dice.Count(5, 7);
  for (int i = 0; i < tiers; ++i) {
    const float t = static_cast<float>(i) / static_cast<float>(tiers);
    const float low = h * (0.1f + 0.78f * t),
                top = std::min(h, low + 0.36f * h * (1.1f - 0.5f * t));
    const float wide = r * (1 - 0.88f * t);
    Contour tier;
    const int teeth = 8;
    for (int k = 0; k <= teeth; ++k) {
      const float s = 2 * static_cast<float>(k) / teeth - 1;
      const float dip = (k % 2 == 0 ? -0.03f : 0.015f) * h * a.dice.Between(0.6f, 1.3f);
      tier.emplace_back(s * wide, low + dip + 0.05f * h * (1 - std::abs(s)) * -0.6f);
    }
    tier.emplace_back(0.06f * wide, top);
    tier.emplace_back(-0.06f * wide, top);
    const Color tone = Varied(a.dice, green, 0.1f) * (0.85f + 0.35f * t);
    a.OnCard(tier, Material(snow ? Mixed(tone, {0.95f, 0.93f, 0.9f}, 0.55f) : tone,
                            Texture::kLeaves, 0.035f * h)
                       .Second(tone * 0.55f)
                       .Round()
                       .Foot(0.5f));
  }
}

void PaintRock(Artist& a) {
  const float r = a.width() / 2, h = a.height();
  const Color grey = StoneColor(a.dice) * 0.9f;
  for (int i = a.dice.Count(1, 3); i > 0; --i) {
    const float x = (i == 1 ? 0 : a.dice.Between(-0.45f, 0.45f)) * r;
    const float s = i == 1 ? 1 : a.dice.Between(0.5f, 0.7f);
    Contour body =
        Blob(x, 0.4f * h * s, s * r * 0.95f, 0.58f * h * s, 0.28f, a.dice.Between(0, 90), 14);
    for (cv::Point2f& p : body) p.y = std::max(p.y, 0.0f);
    a.OnCard(body, Material(Varied(a.dice, grey), Texture::kMottle, 0.35f * h)
                       .Second(grey * 0.6f)
                       .Ball()
                       .Foot(0.6f));
  }
}

}  // namespace

std::vector<ObjectModel> PlantModels() {
  return {
      {"plant/potted", Anchor::kFloor, {0.5f, 0.7f, 0.5f}, {0.9f, 1.5f, 0.9f}, PaintPottedPlant},
      {"plant/bush", Anchor::kFloor, {1.0f, 0.7f, 0.8f}, {2.0f, 1.3f, 1.6f}, PaintBush},
      {"tree", Anchor::kFloor, {2.6f, 4.0f, 2.6f}, {5.0f, 7.5f, 5.0f}, PaintTree},
      {"pine", Anchor::kFloor, {2.2f, 4.5f, 2.2f}, {3.8f, 9.0f, 3.8f}, PaintPine},
      {"rock", Anchor::kFloor, {0.8f, 0.5f, 0.8f}, {2.2f, 1.3f, 2.0f}, PaintRock}};
}

}  // namespace netdissect
