#pragma once
// Modules that PyTorch has traced or scripted and saved: torch.jit.trace(model, x).save(file).

#include "netdissect/base/file.h"
#include "netdissect/nn/network.h"

namespace netdissect {

/// The graph of `forward` for an input (N, C, H, W). What belongs to a module bears the module's
/// path, "layer4.1.conv2"; what is computed between modules that of the module around and its
/// operator, "layer4.1.add". The file is in evaluation mode. Errors name the file, the operator and
/// the module.
Network ReadTorchScript(const Path& path, const Shape& input);

}  // namespace netdissect
