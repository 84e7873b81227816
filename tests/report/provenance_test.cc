#include "report/provenance.h"

#include <gtest/gtest.h>

#include "base/scratch.h"
#include "netdissect/base/version.h"

namespace netdissect {
namespace {

Provenance ExampleProvenance() {
  Provenance provenance;
  provenance.command = "record";
  provenance.options = {{"k", 100}, {"batch", 32}};
  provenance.seed = 0xffffffffffffffffull;
  provenance.network_name = "net";
  provenance.network_digest = "d1";
  provenance.images = {{"a", "d2", 10, ""}, {"b", "d3", 20, ""}};
  return provenance;
}

TEST(Provenance, HasTheContractsKeys) {
  const Json json = ToJson(ExampleProvenance());
  EXPECT_EQ(json.at("version"), Version());
  EXPECT_EQ(json.at("format"), kResultFormat);
  EXPECT_EQ(json.at("command"), "record");
  EXPECT_EQ(json.at("options").at("k"), 100);
  EXPECT_EQ(json.at("seed").get<uint64_t>(), 0xffffffffffffffffull);
  EXPECT_EQ(json.at("network"), (Json{{"name", "net"}, {"digest", "d1"}}));
  ASSERT_EQ(json.at("images").size(), 2u);
  EXPECT_EQ(json.at("images")[1], (Json{{"name", "b"}, {"digest", "d3"}, {"count", 20}}));
}

TEST(Provenance, AddsNetworksAndSets) {
  Network network({3, 4, 4});
  const Model model{"net", network, {}, {}, "digest"};
  Dataset set;
  set.name = "set";
  set.images = {{"/nowhere/a.png", "a.png", 0}};
  Provenance provenance;
  provenance.Add(model);
  provenance.Add(set);
  EXPECT_EQ(provenance.network_digest, "digest");
  ASSERT_EQ(provenance.images.size(), 1u);
  EXPECT_EQ(provenance.images[0].digest, DigestOf(set));
  EXPECT_EQ(provenance.images[0].count, 1);
}

TEST(SameInputs, ComparesNetworkAndImagesAlone) {
  const Json stored = Json::parse(ToJson(ExampleProvenance()).dump());
  EXPECT_TRUE(SameInputs(stored, ExampleProvenance()));
  Provenance other = ExampleProvenance();
  other.options["batch"] = 1;
  other.seed = 5;
  other.command = "rf";
  EXPECT_TRUE(SameInputs(stored, other));
  other = ExampleProvenance();
  other.network_digest = "d9";
  EXPECT_FALSE(SameInputs(stored, other));
  other = ExampleProvenance();
  other.images[1].digest = "d9";
  EXPECT_FALSE(SameInputs(stored, other));
  other = ExampleProvenance();
  std::swap(other.images[0], other.images[1]);
  EXPECT_FALSE(SameInputs(stored, other));
  other = ExampleProvenance();
  other.images.pop_back();
  EXPECT_FALSE(SameInputs(stored, other));
}

TEST(Provenance, ReadsBack) {
  Provenance written = ExampleProvenance();
  written.images[1].annotations = "d4";
  const Provenance read = ProvenanceFrom(Json::parse(ToJson(written).dump()));
  EXPECT_EQ(ToJson(read), ToJson(written));
  EXPECT_EQ(read.images[0].annotations, "");
  EXPECT_EQ(read.images[1].annotations, "d4");
}

TEST(SameInputs, AnnotationsCountWhereBothDependOnThem) {
  const Provenance plain = ExampleProvenance();
  Provenance annotated = plain;
  annotated.images[1].annotations = "d4";
  Provenance other = plain;
  other.images[1].annotations = "d5";
  EXPECT_TRUE(SameInputs(plain, annotated)) << "a recording serves a result that depends on them";
  EXPECT_TRUE(SameInputs(annotated, annotated));
  EXPECT_FALSE(SameInputs(annotated, other));
}

TEST(SameInputs, WhatIsNoProvenanceIsNotTheSame) {
  for (const char* text :
       {"null", "3", "[]", "{}", R"({"network": 3, "images": []})",
        R"({"network": {}, "images": []})", R"({"network": {"digest": "d1"}})"}) {
    EXPECT_FALSE(SameInputs(Json::parse(text), ExampleProvenance())) << text;
  }
}

TEST(SkippedImages, AsJson) {
  EXPECT_EQ(ToJson(std::vector<SkippedImage>{{"a.png", "why"}}),
            Json::parse(R"([{"image": "a.png", "reason": "why"}])"));
  EXPECT_EQ(ToJson(std::vector<SkippedImage>{}), Json::array());
}

}  // namespace
}  // namespace netdissect
