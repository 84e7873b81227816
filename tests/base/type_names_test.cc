#include "base/type_names.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/text.h"
#include "netdissect/base/file.h"

namespace netdissect {
namespace {

using Names = std::vector<std::string>;

TEST(TypeNames, AreThoseThatOtherFilesCanMeet) {
  const std::pair<const char*, Names> cases[] = {
      {"struct A { int x; };", {"A"}},
      {"struct A;\nclass B final : public C<int> {};", {"B"}},
      {"namespace n { enum class A : int { kOne }; enum B { kTwo }; union C {}; }",
       {"n::A", "n::B", "n::C"}},
      {"namespace n {\nnamespace {\nstruct Hidden {};\n}\nstruct Seen {};\n}", {"n::Seen"}},
      {"namespace a::b { struct A { struct Inner {}; }; }", {"a::b::A"}},
      {"void F() { struct Local {}; }\nstruct A { void G() { struct Local {}; } };", {"A"}},
      {"struct Cache::State { int x = 0; };", {"Cache::State"}},
      {"template <class T, typename U> struct A {};\ntemplate <> struct A<int, B<int>> {};",
       {"A", "A<int,B<int>>"}},
      {"class NETDISSECT_API [[nodiscard]] A {};", {"A"}},
      {"namespace n NETDISSECT_PUBLIC { struct A {}; }", {"n::A"}},
      {"// struct A {};\n/* struct B {}; */\n#define X struct C {}; \\\n struct D {};\n", {}},
      {"auto t = \"struct A {\"; auto u = R\"(struct B { \")\"; char c = '{';\nstruct C {};",
       {"C"}},
      {"struct A MakeA() { return {}; }\nnamespace short_name = a::b;\nint x = 1'000;\nstruct B "
       "{};",
       {"B"}},
  };
  for (const auto& [source, expected] : cases)
    EXPECT_EQ(TypesDefinedIn(source), expected) << source;
}

TEST(TypeNames, EachHasOneDefinition) {
  const Path root = NETDISSECT_SOURCE_DIR;
  std::map<std::string, Names> files_of;
  for (const char* folder : {"include", "src", "tools", "tests"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      const Path extension = entry.path().extension();
      if (extension != ".h" && extension != ".cc") continue;
      for (const std::string& name : TypesDefinedIn(ReadFile(entry.path()))) {
        files_of[name].push_back(entry.path().lexically_relative(root).generic_string());
      }
    }
  }
  for (const auto& [name, files] : files_of)
    EXPECT_EQ(files.size(), 1u) << name << ": " << Join(files);
  // The walk saw what it should have seen.
  EXPECT_EQ(files_of["netdissect::Network"], Names{"include/netdissect/nn/network.h"});
  EXPECT_GT(files_of.size(), 200u);
}

}  // namespace
}  // namespace netdissect
