"""Weights of scikit-learn's LinearSVC(dual=False) on standardised rows.npy with labels.npy of a
folder, for each cost a list for each class, whose last number is that of the constant 1. Arguments:
folder, costs."""

import json
import pathlib
import sys

import numpy
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

folder = pathlib.Path(sys.argv[1])
rows = StandardScaler().fit_transform(numpy.load(folder / "rows.npy").astype(float))
labels = numpy.load(folder / "labels.npy").astype(int)
answers = []
for cost in sys.argv[2:]:
    svm = LinearSVC(dual=False, C=float(cost), tol=1e-11, max_iter=100000)
    svm.fit(rows, labels)
    answers.append(numpy.column_stack([svm.coef_, svm.intercept_]).tolist())
print(json.dumps(answers))
