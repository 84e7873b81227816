#include "base/http_answerers.h"

#include <gtest/gtest.h>

#include "base/no_more_threads.h"
#include "base/scratch.h"

namespace netdissect {
namespace {

TEST(HttpAnswerers, ThreadsThatCannotBeStartedAreAnError) {
  const NoMoreThreads none;
  const HttpResponder respond = [](const std::string&) { return HttpReply{}; };
  EXPECT_TRUE(HasAll(ErrorOf([&] { HttpAnswerers(7, respond, -1); }), {"threads: 7"}));
}

}  // namespace
}  // namespace netdissect
