// Pictures and their annotations.

#include "data/pictures.h"

#include "base/base64.h"
#include "data/annotation_format.h"
#include "fuzz/target.h"
#include "netdissect/data/annotation.h"
#include "netdissect/data/decode.h"

namespace netdissect {
namespace {

const AddTarget picture(
    {"picture",
     [](const std::string& bytes) {
       DecodeOptions options;
       options.max_pixels = 1'000'000;
       DecodeImage(FuzzFile("image", bytes), options);
     },
     [] {
       std::vector<std::string> seeds;
       for (const char* extension : {".jpg", ".png", ".bmp", ".ppm", ".tiff", ".webp", ".jp2"}) {
         seeds.push_back(Encoded(Gradient(64, 80), extension));
       }
       return seeds;
     }});

// The annotation of the one image of a set, as it is used.
void ReadAnnotation(const std::string& format, const Path& root, const Path& names = {}) {
  static const Path image = FuzzFile("pictures/a.png", Encoded(Gradient(12, 10), ".png"));
  Dataset set;
  set.name = "annotated";
  set.images.push_back({image, "a.png", -1});
  set.annotations = AnnotationSource{format, root, "", names, {}, {}};
  const std::optional<Annotation> annotation = AnnotationReader(set).Read(0);
  if (annotation) VisibleObjects(*annotation, 16, 16);
}

const AddTarget labelme_xml(
    {"labelme_xml",
     [](const std::string& bytes) {
       ReadAnnotation("labelme", FuzzFile("xml/a.xml", bytes).parent_path());
     },
     [] {
       return std::vector<std::string>{
           R"(<?xml version="1.0"?><annotation><imagesize><nrows>12</nrows><ncols>10</ncols>
              </imagesize><object><name>trees</name><deleted>0</deleted><polygon>
              <pt><x>1</x><y>1</y></pt><pt><x>8.5</x><y>2</y></pt><pt><x>4</x><y>9</y></pt>
              </polygon></object></annotation>)",
           R"(<annotation><size><width>10</width><height>12</height></size><object>
              <name>dog</name><bndbox><xmin>2</xmin><ymin>3</ymin><xmax>8</xmax><ymax>9</ymax>
              </bndbox></object></annotation>)"};
     }});

const AddTarget labelme_json(
    {"labelme_json",
     [](const std::string& bytes) {
       ReadAnnotation("labelme", FuzzFile("json/a.json", bytes).parent_path());
     },
     [] {
       return std::vector<std::string>{
           R"({"imageHeight": 12, "imageWidth": 10, "imageData": "aGk=", "shapes": [
               {"label": "bed", "points": [[1, 1], [8.5, 2], [4, 9]], "group_id": 1},
               {"label": "bed", "points": [[0, 0], [5, 6]], "shape_type": "rectangle", "group_id": 1},
               {"label": "lamp", "points": [[4, 4], [6, 5]], "shape_type": "circle"}]})",
           R"({"shapes": [{"label": "m", "shape_type": "mask", "points": [[2, 2], [3, 3]], "mask": ")" +
               Base64(Encoded(cv::Mat(2, 2, CV_8U, cv::Scalar(255)), ".png")) + "\"}]}"};
     }});

const AddTarget label_map({"label_map",
                           [](const std::string& bytes) {
                             static const Path names = FuzzFile("names.txt", "wall\nfloor\nlamp\n");
                             ReadAnnotation("label-map", FuzzFile("map/a.png", bytes).parent_path(),
                                            names);
                           },
                           [] {
                             cv::Mat grey(12, 10, CV_8U, cv::Scalar(2)),
                                 deep(12, 10, CV_16U, cv::Scalar(3));
                             cv::Mat color(12, 10, CV_8UC3, cv::Scalar(1, 1, 0));
                             return std::vector<std::string>{Encoded(grey, ".png"),
                                                             Encoded(deep, ".png"),
                                                             Encoded(color, ".png")};
                           }});

const AddTarget coco(
    {"coco", [](const std::string& bytes) { ReadAnnotation("coco", FuzzFile("coco.json", bytes)); },
     [] {
       return std::vector<std::string>{
           R"({"images": [{"id": 1, "file_name": "a.png", "height": 12, "width": 10}],
               "categories": [{"id": 7, "name": "dog"}], "annotations": [
               {"id": 1, "image_id": 1, "category_id": 7, "segmentation": [[1, 1, 8, 2, 4, 9.5]]},
               {"id": 2, "image_id": 1, "category_id": 7, "segmentation":
                 {"size": [12, 10], "counts": [10, 5, 105]}},
               {"id": 3, "image_id": 1, "category_id": 7, "segmentation":
                 {"size": [12, 10], "counts": "X16W1"}}]})"};
     }});

}  // namespace
}  // namespace netdissect
