#pragma once
// A section of the report: a table or figure of the paper, what this run has of it, and how it was
// made.

#include <set>
#include <string>
#include <vector>

#include "report/summary/findings.h"
#include "report/summary/picture_store.h"
#include "report/summary/results.h"

namespace netdissect {

/// Its JSON, which the page draws:
///   id, title      "fields", "Receptive fields"
///   where          in the paper: "Section 3.2, Table 2"
///   says           a sentence on what is found
///   differs        why the paper's figures and these need not agree
///   blocks[]       in order: {"table": {caption, header, rows, csv, tex}},
///                  {"photo" or "plot": src, caption, width, height}, {"text"}
///   commands[]     that made what is shown
///   missing        the command that would make it, where nothing is there
class Section {
 public:
  Section(std::string id, std::string title, std::string where);

  void Says(const std::string& sentence) { json_["says"] = sentence; }
  /// A sentence of parts, of each network one; nothing where there is none.
  void Says(const std::vector<std::string>& parts);
  void Differs(const std::string& why) { json_["differs"] = why; }
  void Missing(const std::string& command) { json_["missing"] = command; }
  void Text(const std::string& text);
  void Add(const std::string& caption, const Table& table);
  /// Made by the result's command.
  void MadeBy(const ReadResult& result);

  /// The table NAME.csv beside a result, where there is one; files of several results once.
  void Add(const ReadResult& result, const std::string& name, const std::string& caption);
  /// The drawing NAME.svg likewise.
  void Plot(PictureStore& pictures, const ReadResult& result, const std::string& name,
            const std::string& caption);
  /// The picture at `file`, where there is one.
  void Photo(PictureStore& pictures, const std::optional<Path>& file, const std::string& caption,
             int widest = 1400);
  void Photo(PictureStore& pictures, const cv::Mat& picture, const std::string& caption,
             int widest = 1400);

  bool empty() const { return json_["blocks"].empty(); }
  const Json& json() const { return json_; }

 private:
  /// The file beside the result, where it is there and was not shown yet.
  std::optional<Path> New(const ReadResult& result, const std::string& name);

  Json json_;
  std::set<Path> shown_;
};

// In the paper's order. Each finds for itself what it shows.
Section ArchitectureSection(const Results& results);
Section AccuracySection(const Results& results, PictureStore& pictures);
Section PreferenceSection(const Results& results, PictureStore& pictures);
Section MinimalImageSection(const Results& results, PictureStore& pictures);
Section FieldSection(const Results& results, PictureStore& pictures);
Section DetectorSection(const Results& results, PictureStore& pictures);
Section SemanticsSection(const Results& results, PictureStore& pictures);
Section EmergenceSection(const Results& results, PictureStore& pictures);
Section SceneSection(const Results& results, PictureStore& pictures);
Section QualitySection(const Results& results, PictureStore& pictures);

}  // namespace netdissect
