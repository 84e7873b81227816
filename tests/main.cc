// Of every test program: what the program itself asks of its process.

#include <gtest/gtest.h>

#include "netdissect/nn/convolution_check.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  netdissect::AvoidWrongConvolutions();
  return RUN_ALL_TESTS();
}
