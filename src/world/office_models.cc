// Desks, computers, blackboards and bookcases.

#include "world/model.h"

namespace netdissect {
namespace {

void PaintDesk(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height();
  const Color color = a.dice.Chance(0.75f) ? WoodColor(a.dice) : GreyColor(a.dice, 0.6f, 0.95f);
  const Material top = Material(color, Texture::kWood, 0.3f).Gloss(0.06f);
  const Material side = Material(color * 0.85f, Texture::kWood, 0.3f).Corners(0.2f).Foot(0.3f);
  const Material leg = Material(GreyColor(a.dice, 0.2f, 0.6f));
  const bool drawers = a.width() > 1.0f;
  std::vector<BoxPart> parts = {
      {{-x, h - 0.04f, -z}, {x, h, z}, top, {}},
      {{-x + 0.03f, 0, -z + 0.05f}, {-x + 0.07f, h - 0.04f, z - 0.05f}, leg, {}},
      {{-x + 0.07f, 0.3f, z - 0.08f}, {x - 0.07f, h - 0.04f, z - 0.06f}, side, {}}};
  if (!drawers) {
    parts.push_back({{x - 0.07f, 0, -z + 0.05f}, {x - 0.03f, h - 0.04f, z - 0.05f}, leg, {}});
  } else {
    const float left = x - 0.43f;
    parts.push_back({{left, 0.02f, -z + 0.04f}, {x - 0.03f, h - 0.04f, z - 0.1f}, side, [&, left] {
                       if (a.eye()[2] > -z) return;
                       for (int i = 0; i < 3; ++i) {
                         const float y = 0.06f + 0.21f * static_cast<float>(i);
                         a.Fill(a.Front(-z + 0.038f),
                                {Rectangle(left + 0.02f, y, x - 0.05f, y + 0.19f)},
                                Material(color * 0.95f).Corners(0.3f));
                         a.Fill(a.Front(-z + 0.036f),
                                {Rectangle(left + 0.14f, y + 0.12f, x - 0.17f, y + 0.145f)}, leg);
                       }
                     }});
  }
  a.Boxes(parts);
}

void PaintComputer(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const Material shell = Material(GreyColor(a.dice, 0.08f, 0.25f)).Gloss(0.2f);
  const Material grey = Material(GreyColor(a.dice, 0.3f, 0.75f));
  a.Cone(0, 0.02f, 0, 0.015f, 0.3f * x, 0.3f * x, grey);
  a.Box({-0.03f, 0.01f, 0}, {0.03f, 0.15f, 0.03f}, grey);
  a.Box({-x, 0.11f, -0.03f}, {x, h, 0}, shell);
  if (a.eye()[2] < -0.03f) {
    const float y0 = 0.135f, y1 = h - 0.025f, x1 = x - 0.025f;
    const Color sky =
        Hsv(a.dice.Between(180, 250), a.dice.Between(0.2f, 0.7f), a.dice.Between(0.55f, 0.95f));
    const Plane screen = a.Front(-0.031f);
    a.Fill(screen, {Rectangle(-x1, y0, x1, y1)}, Material(sky).Glow(0.9f).Gloss(0.1f));
    const Material page = Material(Color(0.95f, 0.95f, 0.95f)).Glow(0.9f);
    const float split = a.dice.Between(-0.5f, 0.3f) * x;
    a.Fill(screen, {Rectangle(split, y0 + 0.03f, x1 - 0.03f, y1 - 0.05f)}, page);
    for (int i = 0; i < 4; ++i) {
      const float y = y1 - 0.09f - 0.045f * static_cast<float>(i);
      if (y < y0 + 0.05f) break;
      a.Fill(screen,
             {Rectangle(split + 0.02f, y,
                        split + 0.02f + a.dice.Between(0.3f, 0.9f) * (x1 - split - 0.08f),
                        y + 0.015f)},
             Material(Color(0.45f, 0.4f, 0.4f)).Glow(0.9f));
    }
  }
  const float keys = -0.24f;  // the keyboard before it
  a.Box({-0.75f * x, 0, keys}, {0.75f * x, 0.02f, keys + 0.13f}, shell);
  if (a.eye()[1] > 0.02f) {
    a.Fill(a.Top(0.021f), {Rectangle(-0.7f * x, keys + 0.015f, 0.7f * x, keys + 0.115f)},
           Material(Color(0.55f, 0.55f, 0.57f), Texture::kTiles, 0.022f)
               .Second(Color(0.15f, 0.15f, 0.15f)));
  }
}

void PaintBlackboard(Artist& a) {
  const float x = a.width() / 2, h = a.height();
  const bool green = a.dice.Chance(0.6f);
  const Color board =
      green ? Hsv(150, 0.45f, a.dice.Between(0.22f, 0.36f)) : GreyColor(a.dice, 0.12f, 0.22f);
  const Plane front = a.Front(-0.03f);
  a.Box({-x, 0, -0.03f}, {x, h, 0}, Material(WoodColor(a.dice), Texture::kWood, 0.2f));
  a.Fill(front, {Rectangle(-x + 0.06f, 0.06f, x - 0.06f, h - 0.06f)},
         Material(board, Texture::kMottle, 0.5f).Second(Mixed(board, {0.7f, 0.7f, 0.7f}, 0.25f)));
  const Material chalk = Material(Color(0.9f, 0.92f, 0.92f)).Opacity(0.85f).Grain(0.3f);
  const float line = 0.16f;
  for (float y = h - 0.25f; y > 0.2f; y -= line) {
    float at = -x + 0.2f;
    const float end = at + a.dice.Between(0.4f, 0.95f) * (a.width() - 0.4f);
    while (at < end) {  // words
      const float word = a.dice.Between(0.06f, 0.22f);
      const float high = a.dice.Between(0.03f, 0.06f);
      a.Fill(front, {{{at, y}, {at + word, y + 0.01f}, {at + word, y + high}, {at, y + 0.05f}}},
             Material(chalk).Opacity(0.55f));
      at += word + 0.07f;
    }
  }
  if (a.dice.Chance(0.6f)) {  // a figure
    const float fx = a.dice.Between(0.1f, 0.6f) * x, fy = 0.5f * h, r = 0.22f * h;
    a.Fill(front, {Ellipse(fx, fy, r, r), Ellipse(fx, fy, r - 0.02f, r - 0.02f)}, chalk);
    a.Fill(front,
           {{{fx - r, fy},
             {fx, fy + r},
             {fx + r, fy},
             {fx + r - 0.03f, fy},
             {fx, fy + r - 0.04f},
             {fx - r + 0.03f, fy}}},
           chalk);
  }
  a.Box({-x, 0, -0.1f}, {x, 0.03f, -0.03f}, Material(WoodColor(a.dice)));
}

// Rows of books between the boards, on the plane of the backs.
void PaintBooks(Artist& a, const Plane& plane, float x0, float x1, float y, float room) {
  float at = x0 + 0.01f;
  const float gap = a.dice.Between(0.0f, 0.25f);
  while (at < x1 - 0.03f) {
    const float thick = std::min(a.dice.Between(0.025f, 0.07f), x1 - at);
    if (!a.dice.Chance(gap * 0.4f)) {
      const float tall = room * a.dice.Between(0.66f, 0.95f);
      const Color color =
          Hsv(a.dice.Between(0, 360), a.dice.Between(0.15f, 0.8f), a.dice.Between(0.25f, 0.9f));
      a.Fill(plane, {Rectangle(at, y, at + thick - 0.004f, y + tall)}, Material(color).Round());
      if (a.dice.Chance(0.4f)) {
        a.Fill(plane,
               {Rectangle(at + 0.005f, y + 0.6f * tall, at + thick - 0.01f, y + 0.75f * tall)},
               Material(Color(0.85f, 0.88f, 0.9f)));
      }
    }
    at += thick;
  }
}

void PaintBookcase(Artist& a) {
  const float x = a.width() / 2, z = a.depth() / 2, h = a.height(), board = 0.03f;
  const Color color = a.dice.Chance(0.8f) ? WoodColor(a.dice) : GreyColor(a.dice, 0.7f, 0.95f);
  const Material wood = Material(color, Texture::kWood, 0.3f).Foot(0.2f);
  a.Box({-x, 0, -z}, {x, h, z}, wood);
  if (a.eye()[2] > -z) return;
  a.Fill(a.Front(-z), {Rectangle(-x + board, 0.06f, x - board, h - board)},
         Material(color * 0.32f).Corners(0.5f));
  const int shelves = std::max(3, static_cast<int>(h / 0.36f));
  const float step = (h - 0.06f) / static_cast<float>(shelves);
  for (int i = 0; i < shelves; ++i) {
    const float y = 0.06f + step * static_cast<float>(i);
    PaintBooks(a, a.Front(-z + 0.02f), -x + board, x - board, y, step - board - 0.01f);
    a.Fill(a.Front(-z), {Rectangle(-x, y - board, x, y)}, wood);
  }
}

}  // namespace

std::vector<ObjectModel> OfficeModels() {
  return {{"desk", Anchor::kFloor, {0.75f, 0.7f, 0.5f}, {1.6f, 0.78f, 0.75f}, PaintDesk},
          {"computer", Anchor::kOnTop, {0.45f, 0.42f, 0.3f}, {0.65f, 0.55f, 0.35f}, PaintComputer},
          {"blackboard",
           Anchor::kOnWall,
           {1.8f, 1.0f, 0.1f},
           {3.2f, 1.3f, 0.1f},
           PaintBlackboard,
           0.95f},
          {"bookcase", Anchor::kBack, {0.9f, 1.5f, 0.3f}, {1.6f, 2.3f, 0.38f}, PaintBookcase}};
}

}  // namespace netdissect
