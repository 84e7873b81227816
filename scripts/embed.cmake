# Writes a C++ source that holds text files, which a program then has with it wherever it is:
#   cmake -DOUT=web_files.cc "-DFILES=page.html;page.css" -P embed.cmake
# OUT is written anew only where it would change.
cmake_minimum_required(VERSION 3.18)

set(entries "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  string(FIND "${text}" ")embedded\"" end)
  if(NOT end EQUAL -1)
    message(FATAL_ERROR "${file}: expected text without )embedded\", found it")
  endif()
  string(APPEND entries "    {\"${name}\", R\"embedded(${text})embedded\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${OUT} CONTENT [[#include "report/web_files.h"

namespace netdissect {
namespace {

constexpr WebFile kWebFiles[] = {
@entries@};

}  // namespace

WebFileList AllWebFiles() { return {std::begin(kWebFiles), std::end(kWebFiles)}; }

}  // namespace netdissect
]] @ONLY)
