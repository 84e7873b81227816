#include "report/summary/report_page.h"

#include "netdissect/base/version.h"
#include "report/page.h"
#include "report/summary/headline.h"
#include "report/summary/section.h"
#include "report/summary/unit_cards.h"

namespace netdissect {

ReportPage MakeReportPage(const Results& results, const ReportText& text, PictureStore& pictures,
                          bool beside, Observer& observer) {
  Json sections = Json::array();
  for (const Section& section :
       {AccuracySection(results, pictures), ArchitectureSection(results),
        PreferenceSection(results, pictures), MinimalImageSection(results, pictures),
        FieldSection(results, pictures), DetectorSection(results, pictures),
        SemanticsSection(results, pictures), EmergenceSection(results, pictures),
        SceneSection(results, pictures), QualitySection(results, pictures)}) {
    sections.push_back(section.json());
  }
  const Table paper = PaperTable(results);
  const Json cards = UnitCards(results, pictures, observer);
  const Json data = {{"title", text.title},
                     {"about", text.about},
                     {"version", Version()},
                     {"folder", results.folder().string()},
                     {"results", results.size()},
                     {"left_out", results.left_out()},
                     {"found", FiveSentences(results)},
                     {"paper",
                      {{"caption", "The paper's figures and this run's"},
                       {"header", paper.header},
                       {"rows", paper.rows},
                       {"csv", paper.Csv()},
                       {"tex", paper.Latex()}}},
                     {"sections", std::move(sections)},
                     {"networks", cards.at("networks")},
                     {"units", cards.at("units")}};
  return {MakePage("report", text.title, data, beside),
          static_cast<int64_t>(cards.at("units").size()), static_cast<int64_t>(results.size())};
}

}  // namespace netdissect
