#!/usr/bin/env python3
"""Prints the lines of zoo_check as a table."""
import json
import sys


def main():
    networks = {}
    with open(sys.argv[1]) as lines:
        for line in lines:
            result = json.loads(line)
            name, _, form = result["network"].rsplit("/", 1)[-1].rpartition(".")
            networks.setdefault(name, {})[form] = result
    print("| network | layers | ONNX | TorchScript | engine / float64 | slowest pair / full passes |")
    print("|---|---|---|---|---|---|")
    for name, forms in networks.items():
        cells = []
        for form in ("onnx", "pt"):
            result = forms.get(form, {})
            if "error" in result:
                cells.append(result["error"])
            elif result:
                cells.append("%.1e (%d)%s" % (result["largest"], result["compared"],
                                              ", not all read" if result["unread"] else ""))
            else:
                cells.append("")
        engine = forms.get("onnx", {}).get("engine")
        cells += ["%.2f" % engine["worst_multiple"], "%.2f" % engine["worst_time_ratio"]] if engine \
            else ["", ""]
        layers = forms.get("onnx", forms.get("pt", {})).get("layers", "")
        print("| %s | %s | %s |" % (name, layers, " | ".join(cells)))


if __name__ == "__main__":
    main()
