"""SciPy's RegularGridInterpolator on the file that bench/interpolate.c reads. Prints nanoseconds a lookup (median) and the sum of the results."""
import sys
import time

import numpy as np
from scipy.interpolate import RegularGridInterpolator

data = np.fromfile(sys.argv[1])
counts = data[:4].astype(int)
use_log2, count = data[4] != 0, int(data[5])
at, knots = 6, []
for n in counts:
    knots.append(data[at : at + n])
    at += n
size = int(np.prod(counts))
values = data[at : at + size].reshape(counts)
queries = data[at + size :].reshape(count, 4)
scale = (lambda x, i: np.log2(x) if use_log2 and i > 0 else x)
grid = RegularGridInterpolator([scale(k, i) for i, k in enumerate(knots)], values)
times = []
while sum(times) < 0.2:
    start = time.process_time()
    points = np.column_stack([scale(queries[:, i], i) for i in range(4)])
    out = grid(points)
    times.append(time.process_time() - start)
print(sorted(times)[len(times) // 2] / count * 1e9, repr(float(out.sum())))
