#!/usr/bin/env python3
"""Train logistic regressions on the iris data: iris.json, two-classes.json, and what they say in expected.json."""

import json
from pathlib import Path

from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

HERE = Path(__file__).resolve().parent


def write(name, value):
    text = json.dumps(value, indent=1, allow_nan=False)
    (HERE / name).write_text(text + "\n")


def main():
    iris = load_iris()
    names, expected = iris.target_names[iris.target], {}
    for file, rows in [("iris.json", slice(0, 150)), ("two-classes.json", slice(50, 150))]:
        model = LogisticRegression(max_iter=1000).fit(iris.data[rows], names[rows])
        write(file, {
            "kind": "logistic_regression",
            "coefficients": model.coef_.tolist(),
            "intercepts": model.intercept_.tolist(),
            "classes": model.classes_.tolist(),
        })
        flowers = iris.data[::10]
        expected[file] = {"flowers": flowers.tolist(), "probabilities": model.predict_proba(flowers).tolist()}
        print(f"{file}: {model.score(iris.data[rows], names[rows]):.1%} of the flowers that it learned from are right")
    write("expected.json", expected)


if __name__ == "__main__":
    main()
