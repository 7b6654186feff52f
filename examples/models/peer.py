"""Least seconds of onnxruntime on a model: `peer.py MODEL.onnx SHAPES THREADS`, where SHAPES is a JSON object by input."""

import json
import sys
import time

import numpy as np
import onnxruntime

model, shapes, threads = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
options.log_severity_level = 3
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
feed = {}
for port in session.get_inputs():
    shape = shapes.get(port.name, [size if isinstance(size, int) else 1 for size in port.shape])
    values = np.arange(np.prod(shape)) % 97
    feed[port.name] = (values.astype(np.int32) if "int32" in port.type else (values / 97).astype(np.float32)).reshape(shape)
session.run(None, feed)
least, begun = float("inf"), time.perf_counter()
while time.perf_counter() - begun < 0.4:
    started = time.perf_counter()
    session.run(None, feed)
    least = min(least, time.perf_counter() - started)
print(least)
