/* The lookup of bench/interpolate.bench.ts in C: same grid, same arithmetic, cells counted without branches.
 * Prints the median time of a batch, nanoseconds a lookup, for linear and for log2 axes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { QUERIES = 65536, BATCHES = 301 };

struct axis {
  int last, log2, step;
  double knots[8], lower[8], length[8];
};

static struct axis axes[4];
static double values[180], queries[4 * QUERIES], out[QUERIES];
static const double knots[4][5] = {{0, 25, 50, 75, 100}, {1, 4, 16, 64}, {1, 2, 4}, {4, 64, 1024}};
static const int counts[4] = {5, 4, 3, 3}, strides[4] = {36, 9, 3, 1};

static double lookup(const double *query) {
  int base = 0;
  double t[4], v[4];
  for (int i = 0; i < 4; i++) {
    const struct axis *a = &axes[i];
    double x = query[i];
    int cell = 0;
    for (int k = 1; k <= a->last; k++) cell += x >= a->knots[k];
    double w = ((a->log2 ? log2(x) : x) - a->lower[cell]) / a->length[cell];
    t[i] = fmin(1, fmax(0, w));
    base += cell * a->step;
  }
  int s0 = axes[0].step, s1 = axes[1].step, s2 = axes[2].step, s3 = axes[3].step;
  for (int i = 0; i < 4; i++) {
    const double *p = values + base + (i & 2 ? s0 : 0) + (i & 1 ? s1 : 0);
    v[i] = (p[0] * (1 - t[3]) + p[s3] * t[3]) * (1 - t[2]) + (p[s2] * (1 - t[3]) + p[s2 + s3] * t[3]) * t[2];
  }
  return (v[0] * (1 - t[1]) + v[1] * t[1]) * (1 - t[0]) + (v[2] * (1 - t[1]) + v[3] * t[1]) * t[0];
}

static double uniform(void) {
  static unsigned long long state = 42;
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (double)(state >> 11) / 9007199254740992.0;
}

static double nanos(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

static int by_value(const void *a, const void *b) {
  double d = *(const double *)a - *(const double *)b;
  return (d > 0) - (d < 0);
}

int main(void) {
  for (int i = 0; i < 180; i++) values[i] = 1e8 + 5e9 * uniform();
  for (int i = 0; i < QUERIES; i++) {
    queries[4 * i] = 100 * uniform();
    queries[4 * i + 1] = 1 + 63 * uniform();
    queries[4 * i + 2] = 1 + 3 * uniform();
    queries[4 * i + 3] = 4 + 1020 * uniform();
  }
  for (int use_log2 = 0; use_log2 <= 1; use_log2++) {
    for (int i = 0; i < 4; i++) {
      axes[i].log2 = use_log2 && i > 0;
      axes[i].last = counts[i] - 2;
      axes[i].step = strides[i];
      for (int k = 0; k < counts[i]; k++) {
        axes[i].knots[k] = knots[i][k];
        axes[i].lower[k] = axes[i].log2 ? log2(knots[i][k]) : knots[i][k];
      }
      for (int k = 0; k + 1 < counts[i]; k++) axes[i].length[k] = axes[i].lower[k + 1] - axes[i].lower[k];
    }
    static double times[BATCHES];
    for (int b = 0; b < BATCHES; b++) {
      double start = nanos();
      for (int i = 0; i < QUERIES; i++) out[i] = lookup(queries + 4 * i);
      times[b] = (nanos() - start) / QUERIES;
    }
    qsort(times, BATCHES, sizeof *times, by_value);
    printf("%s: %.1f ns a lookup (last result %.17g)\n", use_log2 ? "log2" : "linear", times[BATCHES / 2], out[QUERIES - 1]);
  }
}
