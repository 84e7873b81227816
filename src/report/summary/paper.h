#pragma once
// The paper's figures (Zhou, Khosla, Lapedriza, Oliva, Torralba, "Object Detectors Emerge in Deep
// Scene CNNs", ICLR 2015), beside which a report sets a run's own.

#include <array>

namespace netdissect {

// Section 2: accuracy on scenes, of Places-CNN itself and of a linear SVM on ImageNet-CNN's
// features.
constexpr double kPaperPlacesTop1 = 0.500;
constexpr double kPaperImageNetSvm = 0.408;

// Figure 1: share of images of the object-centric set among the hundred that a layer likes most.
struct PaperPreference {
  const char* layer;
  double imagenet_cnn, places_cnn;
};
constexpr std::array<PaperPreference, 2> kPaperPreference = {
    {{"pool2", 0.55, 0.47}, {"fc7", 0.78, 0.24}}};

// Section 3.1: share of the minimal images of a category that keep an object.
struct PaperKept {
  const char* category;
  const char* object;
  double share;
};
constexpr std::array<PaperKept, 3> kPaperKept = {
    {{"bedroom", "bed", 0.87}, {"bedroom", "wall", 0.28}, {"bedroom", "window", 0.21}}};

// Table 2: sizes of receptive fields, pixels.
struct PaperField {
  const char* layer;
  double theoretical, places, places_std, imagenet, imagenet_std;
};
constexpr std::array<PaperField, 4> kPaperFields = {{{"pool1", 19, 17.8, 1.6, 17.9, 1.6},
                                                     {"pool2", 67, 37.4, 5.9, 36.7, 5.4},
                                                     {"conv4", 131, 60.0, 13.7, 60.4, 16.0},
                                                     {"pool5", 195, 72.0, 20.0, 70.3, 21.6}}};

// Section 4.1: correlation over objects of frequency with units, and of units with the categories
// that an object tells best.
constexpr double kPaperFrequencyUnits = 0.54;
constexpr double kPaperUnitsInformative = 0.84;

}  // namespace netdissect
