#pragma once
// Tests of real data skip themselves where its folder is not named.

#include <gtest/gtest.h>

#include <cstdlib>

#include "netdissect/base/file.h"

namespace netdissect {

/// `Base` is testing::Test or testing::TestWithParam.
template <typename Base = testing::Test>
class RealData : public Base {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("NETDISSECT_REAL_DATA");
    if (folder == nullptr) GTEST_SKIP() << "NETDISSECT_REAL_DATA is not set";
    folder_ = folder;
  }
  Path folder_;
};

}  // namespace netdissect
