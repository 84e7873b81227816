#include <iostream>

#include "netdissect/base/version.h"

int main() { std::cout << netdissect::Version() << "\n"; }
