"""Statistics by scipy and scikit-learn of series.json in a folder: {"x", "y", "z", "counts", "feature",
"area", "truth"}. Prints a JSON object."""

import json
import pathlib
import sys

import numpy
from scipy import stats
from sklearn.metrics import average_precision_score, mutual_info_score

data = {
    key: numpy.array(values, dtype=float)
    for key, values in json.loads((pathlib.Path(sys.argv[1]) / "series.json").read_text()).items()
}
x, y, z = data["x"], data["y"], data["z"]


def residual(values):
    line = stats.linregress(z, values)
    return values - line.intercept - line.slope * z


counts = numpy.sort(data["counts"][data["counts"] > 0])[::-1]
zipf = stats.linregress(numpy.log(numpy.arange(1, len(counts) + 1)), numpy.log(counts))
print(
    json.dumps(
        {
            "pearson": stats.pearsonr(x, y)[0],
            "spearman": stats.spearmanr(x, y)[0],
            "ranks": stats.rankdata(y).tolist(),
            "partial": stats.pearsonr(residual(x), residual(y))[0],
            "quantiles": numpy.percentile(x, [2.5, 50, 97.5]).tolist(),
            "zipf": [zipf.slope, zipf.intercept, zipf.stderr],
            "presence_ap": average_precision_score(data["truth"], data["feature"]),
            "area_ap": average_precision_score(data["truth"], data["area"]),
            "information": mutual_info_score(data["truth"], data["feature"]) / numpy.log(2),
        }
    )
)
