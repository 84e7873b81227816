// The world's table: its classes, its categories, and what each category holds.

#include <algorithm>

#include "netdissect/base/error.h"
#include "world/synthetic.h"

namespace netdissect {
namespace {

// Order = index: frequent ones first.
const char* const kSceneClasses[] = {
    "wall",       "floor",         "ceiling",      "sky",
    "person",     "plant",         "lamp",         "window",
    "cloud",      "tree",          "grass",        "earth",
    "mountain",   "curtain",       "painting",     "chair",
    "table",      "door",          "rug",          "clock",
    "pillow",     "fence",         "flag",         "rock",
    "car",        "building",      "road",         "sidewalk",
    "bed",        "wardrobe",      "sofa",         "television",
    "fireplace",  "stove",         "refrigerator", "cabinet",
    "kettle",     "desk",          "computer",     "blackboard",
    "bookcase",   "sculpture",     "bench",        "bathtub",
    "toilet",     "sink",          "mirror",       "bus",
    "bicycle",    "traffic light", "truck",        "guardrail",
    "road sign",  "sea",           "sand",         "boat",
    "lighthouse", "parasol",       "palm tree",    "pine",
    "cable car",  "ferris wheel",  "carousel",     "roller coaster",
    "barn",       "windmill",      "tractor",      "hay bale",
    "crane",      "excavator",     "traffic cone", "tent",
    "campfire"};

const char* const kAnimals[] = {"cat",  "dog",  "horse",     "cow",    "elephant", "giraffe",
                                "bird", "fish", "butterfly", "turtle", "penguin"};

const char* const kThings[] = {"airplane", "cup", "guitar", "hot air balloon"};

// Scenes' classes that have pictures of their own too.
const char* const kPictured[] = {
    "person",       "plant",   "lamp",     "tree",          "chair",     "table",
    "car",          "bed",     "sofa",     "television",    "fireplace", "stove",
    "refrigerator", "desk",    "computer", "bookcase",      "sculpture", "bathtub",
    "toilet",       "bus",     "bicycle",  "traffic light", "truck",     "boat",
    "lighthouse",   "parasol", "pine",     "ferris wheel",  "carousel",  "barn",
    "windmill",     "tractor", "crane",    "excavator",     "tent"};

// What layouts paint from edge to edge.
const char* const kSurfaces[] = {"wall",  "floor", "ceiling",  "sky", "grass",
                                 "earth", "road",  "sidewalk", "sea", "sand"};

struct Row {
  const char* name;
  double probability;
  int least, most;
};

// What all rooms, and all places outdoors, have alike.
const std::vector<Row> kEveryRoom = {
    {"wall", 1, 2, 3},    {"floor", 1, 1, 1},   {"ceiling", 1, 1, 1},  {"window", 0.9, 1, 2},
    {"lamp", 0.8, 1, 2},  {"plant", 0.7, 1, 2}, {"person", 0.7, 1, 2}, {"curtain", 0.35, 1, 1},
    {"door", 0.3, 1, 1},  {"rug", 0.3, 1, 1},   {"clock", 0.18, 1, 1}, {"table", 0.15, 1, 1},
    {"chair", 0.35, 1, 2}};
const std::vector<Row> kEverywhereOutdoors = {
    {"sky", 1, 1, 1},      {"cloud", 0.8, 1, 3}, {"person", 0.75, 1, 4},   {"plant", 0.65, 1, 3},
    {"tree", 0.7, 1, 4},   {"lamp", 0.55, 1, 2}, {"mountain", 0.25, 1, 1}, {"flag", 0.12, 1, 1},
    {"fence", 0.15, 1, 1}, {"rock", 0.15, 1, 2}};

struct CategoryRows {
  const char* name;
  bool indoors;
  std::vector<Row> informative;
  std::vector<Row> others;
};

const std::vector<CategoryRows>& Categories() {
  static const std::vector<CategoryRows> kCategories = {
      {"bedroom",
       true,
       {{"bed", 0.97, 1, 1}, {"pillow", 0.9, 1, 2}, {"wardrobe", 0.6, 1, 1}},
       {{"painting", 0.3, 1, 1}}},
      {"living_room",
       true,
       {{"sofa", 0.95, 1, 2}, {"television", 0.7, 1, 1}, {"fireplace", 0.5, 1, 1}},
       {{"pillow", 0.4, 1, 2}, {"painting", 0.3, 1, 1}, {"bookcase", 0.15, 1, 1}}},
      {"kitchen",
       true,
       {{"stove", 0.92, 1, 1},
        {"refrigerator", 0.85, 1, 1},
        {"cabinet", 0.85, 1, 2},
        {"kettle", 0.5, 1, 1}},
       {}},
      {"office",
       true,
       {{"desk", 0.97, 1, 2}, {"computer", 0.95, 1, 2}},
       {{"chair", 0.8, 1, 2}, {"bookcase", 0.2, 1, 1}, {"painting", 0.1, 1, 1}}},
      {"classroom",
       true,
       {{"blackboard", 0.97, 1, 1}, {"desk", 0.95, 3, 6}},
       {{"chair", 0.95, 3, 6}}},
      {"art_gallery",
       true,
       {{"painting", 1, 3, 6}, {"sculpture", 0.75, 1, 2}, {"bench", 0.5, 1, 1}},
       {}},
      {"bookstore", true, {{"bookcase", 1, 3, 5}}, {}},
      {"bathroom",
       true,
       {{"bathtub", 0.8, 1, 1},
        {"toilet", 0.85, 1, 1},
        {"sink", 0.75, 1, 1},
        {"mirror", 0.65, 1, 1}},
       {}},
      {"street",
       false,
       {{"building", 1, 5, 8},
        {"traffic light", 0.75, 1, 2},
        {"sidewalk", 1, 1, 2},
        {"bus", 0.3, 1, 1},
        {"bicycle", 0.35, 1, 1}},
       {{"road", 1, 1, 1}, {"car", 0.85, 1, 3}}},
      {"highway",
       false,
       {{"guardrail", 0.92, 1, 2}, {"truck", 0.75, 1, 2}, {"road sign", 0.75, 1, 1}},
       {{"road", 1, 1, 1}, {"grass", 0.65, 1, 1}, {"earth", 0.35, 1, 1}, {"car", 0.8, 1, 3}}},
      {"coast",
       false,
       {{"sea", 1, 1, 1},
        {"sand", 1, 1, 1},
        {"boat", 0.8, 1, 3},
        {"lighthouse", 0.5, 1, 1},
        {"parasol", 0.55, 1, 2},
        {"palm tree", 0.4, 1, 2}},
       {}},
      {"mountain",
       false,
       {{"mountain", 1, 2, 4}, {"cable car", 0.6, 1, 1}, {"pine", 0.8, 1, 4}},
       {{"grass", 0.6, 1, 1}, {"earth", 0.4, 1, 1}, {"rock", 0.5, 1, 2}}},
      {"amusement_park",
       false,
       {{"ferris wheel", 0.75, 1, 1}, {"carousel", 0.6, 1, 1}, {"roller coaster", 0.55, 1, 1}},
       {{"grass", 0.5, 1, 1}, {"earth", 0.5, 1, 1}, {"flag", 0.4, 1, 2}}},
      {"farm",
       false,
       {{"barn", 0.8, 1, 1},
        {"windmill", 0.5, 1, 1},
        {"tractor", 0.65, 1, 1},
        {"hay bale", 0.65, 1, 3}},
       {{"grass", 0.6, 1, 1}, {"earth", 0.4, 1, 1}}},
      {"construction_site",
       false,
       {{"crane", 0.85, 1, 2}, {"excavator", 0.75, 1, 1}, {"traffic cone", 0.6, 2, 4}},
       {{"grass", 0.4, 1, 1}, {"earth", 0.6, 1, 1}, {"building", 0.3, 1, 1}}},
      {"campsite",
       false,
       {{"tent", 0.97, 1, 3}, {"campfire", 0.65, 1, 1}},
       {{"grass", 0.6, 1, 1}, {"earth", 0.4, 1, 1}, {"pine", 0.35, 1, 2}, {"car", 0.2, 1, 1}}}};
  return kCategories;
}

// Of rows about one class the first counts.
void Add(SyntheticCategory& category, const SyntheticWorld& world, const std::vector<Row>& rows,
         bool informative) {
  for (const Row& row : rows) {
    const int index = world.ClassIndex(row.name);
    const auto same = [&](const SyntheticPresence& p) { return p.class_index == index; };
    if (std::any_of(category.objects.begin(), category.objects.end(), same)) continue;
    category.objects.push_back({index, row.probability, row.least, row.most, informative});
  }
}

SyntheticWorld Build() {
  SyntheticWorld world;
  for (const char* name : kSceneClasses) world.classes.push_back({name, true});
  for (const char* name : kAnimals) world.classes.push_back({name, false, true, true});
  for (const char* name : kThings) world.classes.push_back({name, false, false, true});
  for (const char* name : kPictured) {
    world.classes[static_cast<size_t>(world.ClassIndex(name))].has_picture = true;
  }
  for (const char* name : kSurfaces) {
    world.classes[static_cast<size_t>(world.ClassIndex(name))].is_surface = true;
  }
  for (size_t i = 0; i < world.classes.size(); ++i) {
    if (world.classes[i].has_picture) world.object_labels.push_back(static_cast<int>(i));
  }
  for (const CategoryRows& rows : Categories()) {
    SyntheticCategory category;
    category.name = rows.name;
    category.indoors = rows.indoors;
    Add(category, world, rows.informative, true);
    Add(category, world, rows.others, false);
    Add(category, world, rows.indoors ? kEveryRoom : kEverywhereOutdoors, false);
    world.categories.push_back(std::move(category));
  }
  return world;
}

}  // namespace

int SyntheticWorld::ClassIndex(const std::string& name) const {
  for (size_t i = 0; i < classes.size(); ++i) {
    if (classes[i].name == name) return static_cast<int>(i);
  }
  Fail("expected a class of the synthetic world, found {}", name);
}

const SyntheticWorld& TheSyntheticWorld() {
  static const SyntheticWorld kWorld = Build();
  return kWorld;
}

}  // namespace netdissect
