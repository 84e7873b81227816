#include "report/consensus_report.h"

#include <gtest/gtest.h>

#include "study/consensus.h"

namespace netdissect {
namespace {

UnitLabel Answered(int unit, const std::vector<std::pair<std::string, double>>& answers) {
  std::vector<UnitAnswer> all;
  for (const auto& [group, precision] : answers) {
    all.push_back({"someone", group, group, precision, 20, std::vector<int>{}});
  }
  return Consensus(unit, std::move(all));
}

TEST(ConsensusReportTest, UnitsInMoreDoubtComeFirst) {
  const UnitLabel sure = Answered(0, {{"a", 0.5}, {"a", 0.6}});
  const UnitLabel apart = Answered(1, {{"a", 0.5}, {"a", 0.9}});
  const UnitLabel all = Answered(2, {{"a", 0.5}, {"b", 0.8}});
  const UnitLabel further = Answered(3, {{"a", 0.1}, {"a", 0.9}});
  const std::vector<LayerLabels> layers = {{"pool5", {sure, apart, all, further}}};
  EXPECT_EQ(CountDoubts(layers), 3);
  const Table table = SecondLookTable(layers, 0);
  ASSERT_EQ(table.rows.size(), 3u);
  EXPECT_EQ(table.rows[0], (std::vector<std::string>{"pool5", "2", "label, group, precision", "b",
                                                     "a | b", "a | b", "50% | 80%"}));
  EXPECT_EQ(table.rows[1][1], "3");
  EXPECT_EQ(table.rows[2][1], "1");
  EXPECT_EQ(SecondLookTable(layers, 2).rows.size(), 2u);
}

TEST(ConsensusReportTest, AgreementThatIsNoneIsNull) {
  const Json none = ToJson(AgreementOf({{"pool5", {Answered(0, {{"a", 1}})}}}));
  EXPECT_TRUE(none["kappa"].is_null());
  EXPECT_TRUE(none["alpha"].is_null());
  EXPECT_TRUE(none["crossed"].is_null());
  EXPECT_EQ(none["units"], 0);
  EXPECT_EQ(none["single"], 1);
  const LabelAgreement full = AgreementOf(
      {{"pool5", {Answered(0, {{"a", 1}, {"a", 1}}), Answered(1, {{"b", 1}, {"b", 1}})}}});
  const Json json = ToJson(full);
  EXPECT_DOUBLE_EQ(json["kappa"].get<double>(), 1);
  EXPECT_DOUBLE_EQ(json["crossed"].get<double>(), 1);
  EXPECT_EQ(AgreementTable({{"net", full}}).rows.at(0),
            (std::vector<std::string>{"net", "2", "1.000", "1.000", "1.000"}));
}

}  // namespace
}  // namespace netdissect
