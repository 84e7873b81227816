// Lists, names, tables, maps of numbers, studies.

#include "base/csv.h"
#include "base/npy.h"
#include "base/npy_rows.h"
#include "data/class_list.h"
#include "data/image_list.h"
#include "data/label_match.h"
#include "data/object_names.h"
#include "experiment/study_file.h"
#include "fuzz/target.h"
#include "netdissect/data/dataset.h"
#include "report/published_labels.h"

namespace netdissect {
namespace {

using Seeds = std::vector<std::string>;

const AddTarget list({"image_list",
                      [](const std::string& bytes) {
                        const Path file = FuzzFile("list.txt", bytes);
                        ReadImageList(file, file.parent_path(), 3);
                        ReadImageList(file, file.parent_path(), 0);
                      },
                      [] { return Seeds{"# pictures\na/b c.jpg 2\n\"d\".png\t1\r\ne.png\n"}; }});

const AddTarget dataset(
    {"dataset", [](const std::string& bytes) { LoadDataset(FuzzFile("set.json", bytes)); },
     [] {
       FuzzFile("root/two.txt", "a.png 0\nb.png 1\n");
       FuzzFile("root/labels.txt", "cat\ndog\n");
       return Seeds{R"({"name": "s", "kind": "scene", "root": "root", "list": "two.txt", "labels":
                        "labels.txt", "annotations": {"format": "labelme", "root": ".", "strip":
                        "x/", "suffix": ".xml"}, "about": "what"})"};
     }});

const AddTarget names({"names",
                       [](const std::string& bytes) {
                         const Path file = FuzzFile("names.txt", bytes);
                         ReadLabels(file);
                         ReadClassList(file);
                       },
                       [] {
                         return Seeds{"1: cat\n2: dog, hound\n", "n02012849 crane\nn0123 b\n",
                                      "/a/abbey 0\n/b/barn 1\n", "Idx,Ratio,Name\n1,0.1,wall\n"};
                       }});

const AddTarget aliases({"aliases",
                         [](const std::string& bytes) {
                           const ObjectNames read(FuzzFile("aliases.json", bytes));
                           read.Normalize("Potted Plants crop");
                         },
                         [] { return Seeds{R"({"potted plant": "plant", "tv": "television"})"}; }});

const AddTarget label_map_text({"label_pairs",
                                [](const std::string& bytes) {
                                  ReadLabelMap(FuzzFile("pairs.txt", bytes), 5, 7);
                                },
                                [] { return Seeds{"0 3\n1 -1\n2 6\n"}; }});

const AddTarget npy({"npy",
                     [](const std::string& bytes) {
                       const Path file = FuzzFile("a.npy", bytes);
                       ReadNpy(file);
                       NpyRowReader rows(file);
                       if (rows.rows() == 0) return;
                       std::vector<float> row(static_cast<size_t>(rows.columns()));
                       rows.Read(rows.rows() - 1, 1, row.data());
                     },
                     [] {
                       const float values[] = {1, 2, 3, 4, 5, 6};
                       const Path file = FuzzFile("seed.npy", "");
                       WriteNpy(file, {2, 3}, values);
                       return Seeds{ReadFile(file)};
                     }});

const AddTarget published({"published",
                           [](const std::string& bytes) {
                             ReadPublished({FuzzFile("p.csv", bytes).string()}, Taxonomy(), 20,
                                           [](const std::string&) {});
                           },
                           [] {
                             return Seeds{
                                 "network,layer,unit,annotator,label,category,precision\r\n"
                                 "a,pool5,49,2,\"lamp, \"\"old\"\"\",2,0.95\nb,pool1,1,1,x,9,2\n"};
                           }});

const AddTarget study({"study",
                       [](const std::string& bytes) {
                         ReadStudy(FuzzFile("study.json", bytes), {{"net"}, {"pictures"}});
                       },
                       [] {
                         return Seeds{
                             R"({"name": "demo", "title": "t", "about": "a", "limit": 3,
                                 "networks": ["net", {"network": "net", "name": "b", "layers":
                                   ["pool5"], "classifies": ["pictures"]},
                                   {"train": {"images": "pictures", "epochs": 2}, "name": "c",
                                    "layers": ["pool1"]}],
                                 "images": ["pictures"], "annotated": "pictures",
                                 "layers": ["pool1", "pool5"], "experiments": {"rf": {"sample": 2},
                                   "localize": false, "segment": [{"variant": "v"}]}})"};
                       }});

}  // namespace
}  // namespace netdissect
