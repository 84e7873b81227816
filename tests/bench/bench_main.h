#pragma once
// What ends every benchmark that is a program of its own.

#include <exception>
#include <iostream>

namespace netdissect {

/// The exit status of `work`, whose error is printed after `name`.
template <typename Work>
int BenchMain(const char* name, const Work& work) {
  try {
    work();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << "\n";
    return 1;
  }
}

}  // namespace netdissect
