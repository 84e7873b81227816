#!/usr/bin/env python3
"""Writes networks of torchvision with random weights, for zoo_check to compare.

usage: export.py OUT [NAME ...]; names: all classifiers and segmentation heads where none is given,
`--list` prints them. OUT/NAME.onnx, OUT/NAME.pt (traced) and OUT/NAME.safetensors: "input" (two
photographs, (2, 3, H, W)) and, by module path, the outputs of all modules in evaluation mode. Its
metadata says what the tensor of a module is called in the ONNX file.
"""
import json
import math
import os
import sys
import warnings

import numpy as np
import torch
import torchvision
from PIL import Image

warnings.filterwarnings("ignore")
FAMILIES = ("alexnet", "vgg", "squeezenet", "resnet", "resnext", "wide_resnet", "googlenet",
            "inception", "densenet", "mobilenet", "mnasnet", "shufflenet", "efficientnet", "regnet",
            "convnext")
HEADS = ("fcn", "deeplab", "lraspp")
# 2.6 GB of weights: more than a file of ONNX holds.
TOO_LARGE = ("regnet_y_128gf",)


def names():
    found = []
    for name in torchvision.models.list_models(module=torchvision.models):
        if name.startswith(FAMILIES) and name not in TOO_LARGE:
            found.append(name)
    return found + torchvision.models.list_models(module=torchvision.models.segmentation)


def make(name):
    torch.manual_seed(sum(map(ord, name)))
    options = {"weights": None}
    if name.startswith(HEADS):
        options["weights_backbone"] = None
    if name.startswith(("googlenet", "inception")):
        options["init_weights"] = True
        options["transform_input"] = True  # as pretrained ones come
    network = torchvision.models.get_model(name, **options).eval()
    # Statistics as training would leave them: none is 0 or 1.
    for module in network.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
            if module.affine:
                module.weight.data.uniform_(0.5, 1.5)
                module.bias.data.normal_(0, 0.1)
    return network


class Scores(torch.nn.Module):
    """A segmentation head's result without its dictionary."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network(x)["out"]


def photographs(size):
    folder = os.environ["NETDISSECT_REAL_DATA"] + "/places"
    with open(folder + "/list.txt") as lines:
        paths = [line.split()[0] for line in lines]
    rows = []
    for path in (paths[0], paths[len(paths) // 2]):
        picture = Image.open(os.path.join(folder, path)).convert("RGB").resize((size, size))
        rows.append((np.asarray(picture, np.float32) / 255 - 0.45) / 0.225)
    return torch.from_numpy(np.stack(rows).transpose(0, 3, 1, 2).copy())


def module_outputs(network, x):
    """Outputs by module path, in order of execution, and what feeds each batch normalisation."""
    outputs, made_by, feeds = {}, {}, {}

    def hook(path, module):
        def remember(_, inputs, output):
            if not isinstance(output, torch.Tensor):
                return
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                feeds[path] = made_by.get(id(inputs[0]))
            # Of the first call; later modules may overwrite it in place.
            outputs.setdefault(path, output.detach().clone())
            made_by[id(output)] = path
            keep.append(output)
        return remember

    keep = []
    for path, module in network.named_modules():
        module.register_forward_hook(hook(path, module))
    with torch.no_grad():
        network(x)
    return outputs, feeds


def path_of(scope):
    """layer1.0.conv1 of /layer1/layer1.0/conv1"""
    path, last = [], ""
    for part in scope.split("/"):
        if not part:
            continue
        path.append(part[len(last) + 1:] if last and part.startswith(last + ".") else part)
        last = part
    return ".".join(path)


def onnx_names(file, feeds):
    import onnx
    graph = onnx.load(file, load_external_data=False).graph
    tensors = {}
    for node in graph.node:
        scope, _, operator = node.name.rpartition("/")
        while scope:
            tensors[path_of(scope)] = node.output[0]
            scope = scope.rpartition("/")[0]
    # The exporter folds batch normalisation into what feeds it.
    for path, feeding in feeds.items():
        if path not in tensors and feeding in tensors:
            tensors[path] = tensors.pop(feeding)
    return tensors


def write_safetensors(file, tensors, metadata):
    header, offset = {"__metadata__": metadata}, 0
    for name, tensor in tensors.items():
        size = 4 * tensor.numel()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(file, "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            out.write(tensor.contiguous().numpy().astype("<f4").tobytes())


def export(out, name):
    size = 299 if name.startswith("inception") else 224
    network = make(name)
    x = photographs(size)
    outputs, feeds = module_outputs(network, x)
    for module in network.modules():
        module._forward_hooks.clear()
    if name.startswith(HEADS):
        network = Scores(network).eval()
        outputs = {"network." + path if path else "network": t for path, t in outputs.items()}
        feeds = {"network." + a: "network." + b for a, b in feeds.items() if b is not None}
    base = os.path.join(out, name)
    torch.onnx.export(network, x[:1], base + ".onnx", opset_version=13, input_names=["input"],
                      output_names=["scores"])
    torch.jit.trace(network, x[:1], check_trace=False).save(base + ".pt")
    with torch.no_grad():
        outputs[""] = network(x)
    names_in_onnx = onnx_names(base + ".onnx", feeds)
    names_in_onnx[""] = "scores"
    kept = {path: t for path, t in outputs.items() if t.dim() in (2, 4) and t.dtype == torch.float32}
    tensors = {"input": x}
    tensors.update({"at " + path: t for path, t in kept.items()})
    write_safetensors(base + ".safetensors", tensors,
                      {path: tensor for path, tensor in names_in_onnx.items() if path in kept})


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(names()))
        return
    torch.set_num_threads(2)
    for name in sys.argv[2:] or names():
        export(sys.argv[1], name)


if __name__ == "__main__":
    main()
