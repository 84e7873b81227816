#include "netdissect/base/error.h"
#include "world/synthetic_set.h"

namespace netdissect {

std::string LabelMeXml(const SyntheticImage& image, const std::string& folder,
                       const std::string& file) {
  const SyntheticWorld& world = TheSyntheticWorld();
  std::string xml = fmt::format(
      "<annotation>\n<filename>{}</filename>\n<folder>{}</folder>\n"
      "<source><submittedBy>netdissect synth</submittedBy></source>\n"
      "<imagesize><nrows>{}</nrows><ncols>{}</ncols></imagesize>\n"
      "<scenedescription>{}</scenedescription>\n",
      file, folder, image.classes.rows, image.classes.cols, folder);
  int id = 0;
  for (size_t i = 0; i < image.objects.size(); ++i) {
    const SyntheticObject& object = image.objects[i];
    const std::vector<cv::Point> outline = OutlineOfVisible(image, i);
    if (outline.empty()) continue;
    xml += fmt::format(
        "<object><name>{}</name><deleted>0</deleted><verified>1</verified><occluded>{}</occluded>"
        "<id>{}</id>\n<polygon><username>netdissect</username>",
        world.classes[static_cast<size_t>(object.class_index)].name,
        object.visible < object.area ? "yes" : "no", id++);
    for (const cv::Point& p : outline) {
      xml += fmt::format("<pt><x>{}</x><y>{}</y></pt>", p.x, p.y);
    }
    xml += "</polygon></object>\n";
  }
  return xml + "</annotation>\n";
}

}  // namespace netdissect
