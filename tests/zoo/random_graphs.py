#!/usr/bin/env python3
"""Random ONNX graphs of the operators that are read, against ONNX Runtime.

usage: random_graphs.py ZOO_CHECK RUNTIME COUNT [FIRST_SEED]; RUNTIME is a folder in which
`npm install --ignore-scripts onnxruntime-node` was run. Every tensor of four or two axes is
compared. Prints the graphs that are not read as a whole or differ, and the counts.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RUN = """
const ort = require('onnxruntime-node'), fs = require('fs');
(async () => {
  for (const job of JSON.parse(fs.readFileSync(process.argv[2]))) {
    const result = {};
    try {
      const session = await ort.InferenceSession.create(job.model,
          {graphOptimizationLevel: 'disabled', intraOpNumThreads: 1, logSeverityLevel: 3});
      const raw = fs.readFileSync(job.input);
      const data = new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4);
      const found = await session.run({x: new ort.Tensor('float32', data, job.dims)});
      result.outputs = session.outputNames.map((name, i) => {
        const t = found[name];
        fs.writeFileSync(job.out + '.' + i, Buffer.from(t.data.buffer, t.data.byteOffset,
                                                        t.data.length * 4));
        return {name, dims: t.dims};
      });
    } catch (error) { result.error = String(error).slice(0, 300); }
    fs.writeFileSync(job.out + '.json', JSON.stringify(result));
  }
})();
"""


class Graph:
    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.opset = int(self.random.choice([11, 13, 17]))
        self.nodes, self.weights, self.outputs = [], [], []
        self.count = 0

    def pick(self, *choices):
        return choices[self.random.integers(len(choices))]

    def weight(self, values):
        name = "w%d" % len(self.weights)
        self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def floats(self, *shape, low=None):
        if low is not None:
            return self.weight(self.random.uniform(low, low + 1, shape).astype(np.float32))
        return self.weight(self.random.standard_normal(shape).astype(np.float32))

    def ints(self, *values):
        return self.weight(np.array(values, np.int64))

    def node(self, op, inputs, outputs=1, hidden=False, **attributes):
        names = []
        for _ in range(outputs):
            self.count += 1
            names.append("t%d" % self.count)
        self.nodes.append(helper.make_node(op, inputs, names, name="n%d" % self.count, **attributes))
        if not hidden:
            self.outputs += names
        return names[0] if outputs == 1 else names

    # Each takes (name, (C, H, W)) and gives the same.
    def conv(self, x, shape):
        c, h, w = shape
        groups = self.pick(1, 1, c, 2 if c % 2 == 0 else 1)
        units = groups * int(self.random.integers(1, 5))
        k = self.pick(1, 3, 3, 5)
        d = self.pick(1, 1, 2)
        s = self.pick(1, 1, 2)
        if d * (k - 1) + 1 > min(h, w):
            k = d = 1
        p = self.random.integers(0, k, 4).tolist()
        inputs = [x, self.floats(units, c // groups, k, k)]
        if self.pick(True, False):
            inputs.append(self.floats(units))
        y = self.node("Conv", inputs, kernel_shape=[k, k], strides=[s, s], dilations=[d, d], pads=p,
                      group=groups)
        e = d * (k - 1) + 1
        return y, (units, (h + p[0] + p[2] - e) // s + 1, (w + p[1] + p[3] - e) // s + 1)

    def transposed(self, x, shape):
        c, h, w = shape
        units, k, s = int(self.random.integers(1, 5)), self.pick(2, 3), self.pick(1, 2)
        p = int(self.random.integers(0, 2))
        more = self.pick(0, s - 1)
        y = self.node("ConvTranspose", [x, self.floats(c, units, k, k)], kernel_shape=[k, k],
                      strides=[s, s], pads=[p] * 4, output_padding=[more, more])
        return y, (units, s * (h - 1) + k - 2 * p + more, s * (w - 1) + k - 2 * p + more)

    def norm(self, x, shape):
        c = shape[0]
        if self.pick(True, False):
            return self.node("BatchNormalization", [x, self.floats(c), self.floats(c), self.floats(c),
                                                    self.floats(c, low=0.5)]), shape
        return self.node("InstanceNormalization", [x, self.floats(c), self.floats(c)],
                         epsilon=1e-3), shape

    def group_norm(self, x, shape):
        c, h, w = shape
        if c % 2:
            return x, shape
        split = self.node("Reshape", [x, self.ints(0, 2, -1)], hidden=True)
        y = self.node("InstanceNormalization", [split, self.floats(2), self.floats(2)], hidden=True,
                      epsilon=1e-3)
        y = self.node("Reshape", [y, self.ints(0, c, h, w)])
        y = self.node("Mul", [y, self.floats(c, 1, 1)])
        return y, shape

    def unary(self, x, shape):
        op = self.pick("Relu", "Sigmoid", "Tanh", "Elu", "Selu", "Softplus", "HardSigmoid", "LeakyRelu",
                       "Abs", "Neg", "Exp", "Erf", "Softsign", "Clip", "HardSwish", "PRelu", "Swish",
                       "Mish", "Pow", "Sqrt")
        if op == "Clip":
            return self.node(op, [x, self.weight(np.float32(-0.5)), self.weight(np.float32(0.7))]), shape
        if op == "PRelu":
            return self.node(op, [x, self.floats(shape[0], 1, 1)]), shape
        if op == "Swish":
            return self.node("Mul", [x, self.node("Sigmoid", [x])]), shape
        if op == "Mish":
            return self.node("Mul", [x, self.node("Tanh", [self.node("Softplus", [x])])]), shape
        if op == "Pow":
            return self.node(op, [x, self.weight(np.float32(2))]), shape
        if op == "Sqrt":
            return self.node(op, [self.node("Abs", [x])]), shape
        if op == "Exp":
            return self.node(op, [self.node("Tanh", [x])]), shape
        if op == "HardSwish" and self.opset < 14:
            op = "HardSigmoid"
        return self.node(op, [x]), shape

    def constant(self, x, shape):
        op = self.pick("Add", "Sub", "Mul", "Div", "Max", "Min")
        if op in ("Max", "Min"):
            return self.node(op, [x, self.weight(np.float32(0.3))]), shape
        c = self.pick(self.floats(shape[0], 1, 1, low=0.5), self.floats(1, low=0.5),
                      self.floats(1, shape[0], 1, 1, low=0.5))
        first = op != "Div" and self.pick(True, False)
        return self.node(op, [c, x] if first else [x, c]), shape

    def pool(self, x, shape):
        c, h, w = shape
        k, s = self.pick(2, 3), self.pick(1, 2)
        if min(h, w) < k:
            return x, shape
        p = self.random.integers(0, k, 4).tolist()
        op = self.pick("MaxPool", "AveragePool")
        more = {} if op == "MaxPool" else {"count_include_pad": int(self.random.integers(2))}
        y = self.node(op, [x], kernel_shape=[k, k], strides=[s, s], pads=p, **more)
        return y, (c, (h + p[0] + p[2] - k) // s + 1, (w + p[1] + p[3] - k) // s + 1)

    def gate(self, x, shape):
        c = shape[0]
        g = self.node(self.pick("GlobalAveragePool", "GlobalMaxPool"), [x])
        g = self.node("Conv", [g, self.floats(c, c, 1, 1)], kernel_shape=[1, 1])
        g = self.node("Sigmoid", [g])
        return self.node(self.pick("Mul", "Add", "Max"), [x, g] if self.pick(0, 1) else [g, x]), shape

    def spatial_gate(self, x, shape):
        g = self.node(self.pick("ReduceMean", "ReduceMax"), [x], axes=[1], keepdims=1)
        return self.node("Mul", [x, self.node("Sigmoid", [g])]), shape

    def axis_gate(self, x, shape):
        g = self.node("ReduceMean", [x], axes=[self.pick(2, 3)], keepdims=1)
        return self.node("Sub", [x, g]), shape

    def branch(self, x, shape):
        y, _ = self.unary(x, shape)
        z, _ = self.constant(x, shape)
        op = self.pick("Add", "Mul", "Sub", "Max", "Min", "Sum", "Mean", "Concat")
        if op == "Concat":
            return self.node(op, [y, x, z], axis=self.pick(1, -3)), (3 * shape[0], *shape[1:])
        return self.node(op, [y, z]), shape

    def parts(self, x, shape):
        c, h, w = shape
        if c < 2:
            return x, shape
        kind = self.pick("split", "slice", "gather", "rows")
        if kind == "split":
            cut = int(self.random.integers(1, c))
            if self.opset < 13:
                a, b = self.node("Split", [x], 2, axis=1, split=[cut, c - cut])
            else:
                a, b = self.node("Split", [x, self.ints(cut, c - cut)], 2, axis=1)
            return self.node("Concat", [b, a], axis=1), shape
        if kind == "slice":
            begin, step = int(self.random.integers(0, c)), self.pick(1, 2)
            y = self.node("Slice", [x, self.ints(begin), self.ints(2 ** 40), self.ints(1),
                                    self.ints(step)])
            return y, ((c - begin + step - 1) // step, h, w)
        if kind == "gather":
            places = self.random.integers(0, c, self.random.integers(1, c + 1))
            return self.node("Gather", [x, self.ints(*places)], axis=1), (len(places), h, w)
        if h < 3 or w < 3:
            return x, shape
        y = self.node("Slice", [x, self.ints(1, 0), self.ints(-1, w), self.ints(2, 3), self.ints(1, 2)])
        return y, (c, h - 2, (w + 1) // 2)

    def shuffle(self, x, shape):
        c, h, w = shape
        groups = [g for g in range(1, c + 1) if c % g == 0]
        g = groups[self.random.integers(len(groups))]
        y = self.node("Reshape", [x, self.ints(self.pick(0, 1, -1), g, c // g, h, w)], hidden=True)
        y = self.node("Transpose", [y], hidden=True, perm=[0, 2, 1, 3, 4])
        return self.node("Reshape", [y, self.ints(self.pick(0, 1), -1, h, w)]), shape

    def channels_last(self, x, shape):
        c, h, w = shape
        y = self.node("Transpose", [x], hidden=True, perm=[0, 2, 3, 1])
        if self.opset >= 17 and self.pick(True, False):
            y = self.node("LayerNormalization", [y, self.floats(c), self.floats(c)], hidden=True,
                          axis=-1)
        else:
            mean = self.node("ReduceMean", [y], hidden=True, axes=[-1])
            y = self.node("Sub", [y, mean], hidden=True)
        units = int(self.random.integers(1, 6))
        y = self.node("MatMul", [y, self.floats(c, units)], hidden=True)
        y = self.node("Add", [y, self.floats(units)], hidden=True)
        return self.node("Transpose", [y], perm=[0, 3, 1, 2]), (units, h, w)

    def pad(self, x, shape):
        c, h, w = shape
        mode = self.pick("constant", "reflect", "edge")
        p = self.random.integers(0, 3, 4)
        if mode == "reflect":
            p = np.minimum(p, np.array([h - 1, w - 1, h - 1, w - 1]))
        inputs = [x, self.ints(0, 0, *p[:2], 0, 0, *p[2:])]
        if mode == "constant" and self.pick(True, False):
            inputs.append(self.weight(np.float32(self.pick(0, 0.5))))
        return self.node("Pad", inputs, mode=mode), (c, h + p[0] + p[2], w + p[1] + p[3])

    def resize(self, x, shape):
        c, h, w = shape
        mode = self.pick("nearest", "linear", "cubic")
        how = self.pick("half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners")
        size = [int(self.random.integers(1, 13)), int(self.random.integers(1, 13))]
        more = {"nearest_mode": self.pick("floor", "round_prefer_floor", "ceil",
                                          "round_prefer_ceil")} if mode == "nearest" else {}
        inputs = [x, self.floats(0), self.floats(0), self.ints(1, c, *size)]
        if how != "align_corners" and self.pick(True, False):
            factor = self.pick(2.0, 3.0, 0.5)
            size = [int(h * factor), int(w * factor)]
            if min(size) < 1:
                return x, shape
            inputs = [x, self.floats(0), self.weight(np.array([1, 1, factor, factor], np.float32))]
        y = self.node("Resize", inputs, mode=mode, coordinate_transformation_mode=how, **more)
        return y, (c, *size)

    def depth(self, x, shape):
        c, h, w = shape
        if c % 4 == 0:
            y = self.node("DepthToSpace", [x], blocksize=2, mode=self.pick("DCR", "CRD"))
            return y, (c // 4, 2 * h, 2 * w)
        if h % 2 == 0 and w % 2 == 0:
            return self.node("SpaceToDepth", [x], blocksize=2), (4 * c, h // 2, w // 2)
        return x, shape

    def norms(self, x, shape):
        kind = self.pick("LRN", "Softmax", "LogSoftmax", "LpNormalization")
        if kind == "LRN":
            return self.node(kind, [x], size=self.pick(1, 3, 5), alpha=0.1), shape
        if kind == "LpNormalization":
            return self.node(kind, [self.constant(self.node("Sigmoid", [x]), shape)[0]], axis=1, p=2), \
                shape
        return self.node(kind, [x], axis=1 if self.opset >= 13 else 1), \
            shape if self.opset >= 13 else shape

    def head(self, x, shape):
        c, h, w = shape
        kind = self.pick("flatten", "reshape", "last", "mean")
        if kind == "mean":
            flat = self.node("ReduceMean", [x], axes=[2, 3], keepdims=0)
            values = c
        elif kind == "last":
            y = self.node("Transpose", [x], hidden=True, perm=[0, 2, 3, 1])
            flat = self.node("Flatten", [y], hidden=True, axis=1)
            values = c * h * w
        elif kind == "reshape":
            sizes = self.node("Shape", [x], hidden=True)
            first = self.node("Slice", [sizes, self.ints(0), self.ints(1)], hidden=True)
            sizes = self.node("Concat", [first, self.ints(-1)], hidden=True, axis=0)
            flat = self.node("Reshape", [x, sizes])
            values = c * h * w
        else:
            flat = self.node("Flatten", [x], axis=1)
            values = c * h * w
        y = self.node("Gemm", [flat, self.floats(3, values), self.floats(3)], transB=1)
        return self.node("Softmax", [y], axis=1), (3, 1, 1)

    def build(self):
        shape = (int(self.random.integers(1, 5)), int(self.random.integers(4, 12)),
                 int(self.random.integers(4, 12)))
        first, x = shape, "x"
        steps = [self.conv, self.conv, self.conv, self.unary, self.unary, self.constant, self.pool,
                 self.norm, self.gate, self.spatial_gate, self.axis_gate, self.branch, self.parts,
                 self.shuffle, self.channels_last, self.pad, self.resize, self.depth, self.transposed,
                 self.group_norm, self.norms]
        for _ in range(int(self.random.integers(2, 10))):
            if np.prod(shape) > 20000 or min(shape) < 1:
                break
            step = steps[self.random.integers(len(steps))]
            if step == self.norms and self.opset < 13:
                continue  # a softmax over several axes
            x, shape = step(x, tuple(int(s) for s in shape))
            shape = tuple(int(s) for s in shape)
        if min(shape) >= 1 and self.pick(True, False):
            x, shape = self.head(x, shape)
        if not self.nodes:
            x, shape = self.unary(x, shape)
        outputs = [x] + [name for name in self.outputs if name != x]
        graph = helper.make_graph(
            self.nodes, "random", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, *first])],
            [helper.make_empty_tensor_value_info(name) for name in outputs], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)])
        model.ir_version = 8
        return onnx.shape_inference.infer_shapes(model), (1, *first)


def write_safetensors(file, tensors):
    header, offset = {}, 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + tensor.nbytes]}
        offset += tensor.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(file, "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            out.write(tensor.astype("<f4").tobytes())


def main():
    check, runtime, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    first = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    counts = {"equal": 0, "refused": 0, "wrong": 0, "not run by ONNX Runtime": 0}
    tensors_compared = 0
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(runtime, "netdissect_run.js")
        with open(script, "w") as out:
            out.write(RUN)
        jobs, inputs = [], {}
        for seed in range(first, first + count):
            model, dims = Graph(seed).build()
            base = os.path.join(folder, str(seed))
            onnx.save(model, base + ".onnx")
            inputs[seed] = np.random.default_rng(seed).standard_normal(dims).astype(np.float32)
            inputs[seed].tofile(base + ".in")
            jobs.append({"model": base + ".onnx", "input": base + ".in", "dims": list(dims),
                         "out": base})
        with open(os.path.join(folder, "jobs.json"), "w") as out:
            json.dump(jobs, out)
        subprocess.run(["node", script, os.path.join(folder, "jobs.json")], cwd=runtime, check=True)
        pairs = []
        for job in jobs:
            with open(job["out"] + ".json") as lines:
                result = json.load(lines)
            if "error" in result:
                counts["not run by ONNX Runtime"] += 1
                if "--verbose" in sys.argv:
                    print(job["model"], result["error"])
                continue
            seed = int(os.path.basename(job["out"]))
            tensors = {"input": inputs[seed]}
            for i, output in enumerate(result["outputs"]):
                values = np.fromfile("%s.%d" % (job["out"], i), np.float32)
                tensors["at " + output["name"]] = values.reshape(output["dims"])
            write_safetensors(job["out"] + ".safetensors", tensors)
            pairs += [job["model"], job["out"] + ".safetensors"]
        found = subprocess.run([check] + pairs, stdout=subprocess.PIPE, text=True, check=False)
        for line in found.stdout.splitlines():
            result = json.loads(line)
            if "error" in result:
                outcome = "refused"
            elif result["largest"] is None or not result["largest"] < 1e-3:
                outcome = "wrong"
            elif result["unread"] or result["absent"]:
                outcome = "refused"
            else:
                outcome = "equal"
            tensors_compared += result.get("compared", 0)
            counts[outcome] += 1
            if outcome != "equal":
                print(outcome, line[:600])
    print("%d graphs: %s; %d tensors compared" % (
        count, ", ".join("%d %s" % (n, what) for what, n in counts.items()), tensors_compared))


if __name__ == "__main__":
    main()
