"""Average precision and Jaccard index by scikit-learn of unit_0.npy, unit_1.npy, ... in a folder:
scores as shares of the largest, and the truth. Prints a list of JSON objects."""

import json
import pathlib
import sys

import numpy
from sklearn.metrics import average_precision_score, jaccard_score

answers = []
while (path := pathlib.Path(sys.argv[1]) / f"unit_{len(answers)}.npy").exists():
    scores, truth = numpy.load(path)
    levels = numpy.clip(numpy.floor(scores * 1000), 0, 999)
    answers.append(
        {
            "ap": average_precision_score(truth, scores),
            "ap_of_levels": average_precision_score(truth, levels),
            "jaccard": jaccard_score(truth, scores >= 0.4),
        }
    )
print(json.dumps(answers))
