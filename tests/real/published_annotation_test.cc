// The published annotation of the paper's two networks.
#include <gtest/gtest.h>

#include "base/scratch.h"
#include "experiment/annotate_import.h"
#include "experiment/semantics.h"
#include "real/real_data.h"
#include "report/semantics_report.h"

namespace netdissect {
namespace {

class RealPublishedAnnotation : public RealData<> {};

TEST_F(RealPublishedAnnotation, SemanticsAreTheKnownOnesToTheDigit) {
  const ScratchFolder scratch;
  ImportExperiment import;
  import.out = (scratch.path() / "labels").string();
  import.strict = true;
  import.taxonomy = Path(NETDISSECT_SOURCE_DIR) / "configs/taxonomies/published.json";
  for (const char* name : {"imagenet-alexnet", "places205-alexnet"}) {
    import.published.push_back((folder_ / fmt::format("annotations/amt_{}.csv", name)).string());
  }
  ASSERT_EQ(ImportPublished(import, Silent()).size(), 2u);
  SemanticsExperiment semantics;
  semantics.labels = {import.out};
  semantics.out = (scratch.path() / "semantics").string();
  const SemanticsRun run = RunSemantics(semantics, Silent());
  const Table table = SemanticsTable(run.networks, run.taxonomy);
  // Units, mean precision, and units of each level as means over three annotators.
  const std::vector<std::vector<std::string>> known = {
      {"imagenet-alexnet", "pool1", "96", "78.9%", "69.7", "16.3", "10.0"},
      {"imagenet-alexnet", "pool2", "256", "74.9%", "154.0", "28.7", "73.3"},
      {"imagenet-alexnet", "conv3", "384", "72.6%", "167.0", "30.7", "186.3"},
      {"imagenet-alexnet", "conv4", "384", "70.7%", "134.7", "28.3", "221.0"},
      {"imagenet-alexnet", "pool5", "256", "71.2%", "73.3", "20.3", "162.3"},
      {"places205-alexnet", "pool1", "96", "79.7%", "76.0", "14.7", "5.3"},
      {"places205-alexnet", "pool2", "256", "74.3%", "143.0", "24.7", "88.3"},
      {"places205-alexnet", "conv3", "384", "74.3%", "120.3", "21.7", "242.0"},
      {"places205-alexnet", "conv4", "384", "74.0%", "85.7", "29.0", "269.3"},
      {"places205-alexnet", "pool5", "256", "77.8%", "28.0", "13.7", "214.3"}};
  ASSERT_EQ(table.rows.size(), known.size());
  for (size_t i = 0; i < known.size(); ++i) {
    std::vector<std::string> row = table.rows[i];
    row.erase(row.begin() + 4);  // the half of the interval
    row.pop_back();              // units without a label
    EXPECT_EQ(row, known[i]);
  }
  // By pairs of ratings, computed apart.
  EXPECT_NEAR(run.networks[0].agreement.kappa.value.value(), 0.245198, 1e-6);
  EXPECT_NEAR(run.networks[0].agreement.alpha.value.value(), 0.245381, 1e-6);
  EXPECT_NEAR(run.networks[1].agreement.kappa.value.value(), 0.280261, 1e-6);
  EXPECT_NEAR(run.networks[1].agreement.alpha.value.value(), 0.280435, 1e-6);
  EXPECT_NEAR(run.agreement.kappa.value.value(), 0.269422, 1e-6);
  EXPECT_FALSE(run.agreement.crossed.value.has_value());
}

}  // namespace
}  // namespace netdissect
