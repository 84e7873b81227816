#include "nn/describe.h"

#include <iostream>

#include "base/limits.h"
#include "command.h"

namespace netdissect {

void AddDescribeCommand(CLI::App& app, Context& context) {
  struct Arguments {
    std::string file;
    int size = 224;
  };
  auto options = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "describe", "A descriptor to start from, for any network's file, and what is in the file");
  command->add_option("FILE", options->file, "ONNX, TorchScript, Caffe or safetensors file")
      ->required()
      ->type_name("");
  command->add_option("--size", options->size, "Pixels a side where the file leaves them free")
      ->check(CLI::Range(1, kLongestInputSide))
      ->type_name("N")
      ->capture_default_str();
  command->footer(
      "The descriptor goes to standard output, what was found to standard error:\n"
      "  netdissect describe net.onnx > net.json");
  command->callback([=, &context] {
    context.run = [=] {
      const Description description = DescribeNetworkFile(options->file, options->size);
      for (const std::string& line : description.found) std::cerr << line << '\n';
      std::cerr << "to fill in:\n";
      for (const std::string& line : description.missing) std::cerr << "  " << line << '\n';
      std::cout << description.descriptor << '\n';
    };
  });
}

}  // namespace netdissect
