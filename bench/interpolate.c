/* The lookup of bench/interpolate.bench.ts in C: same grid, same queries, same arithmetic, cells counted without branches.
 * Reads doubles from a file: 4 counts, whether the last three axes are log2, the number of queries, knots, values, queries (the upper weights
 * clamp). Prints the median time of a batch, nanoseconds a lookup, and the sum of the results.
 *   cc -O3 -march=native -o interpolate bench/interpolate.c -lm && ./interpolate FILE */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct axis {
  int last, log2;
  long step;
  double knots[64], lower[64], length[64];
};

static struct axis axes[4];
static double *values;

static inline double lookup(const double *query) {
  long base = 0;
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
  long s0 = axes[0].step, s1 = axes[1].step, s2 = axes[2].step, s3 = axes[3].step;
  for (int i = 0; i < 4; i++) {
    const double *p = values + base + (i & 2 ? s0 : 0) + (i & 1 ? s1 : 0);
    v[i] = (p[0] * (1 - t[3]) + p[s3] * t[3]) * (1 - t[2]) + (p[s2] * (1 - t[3]) + p[s2 + s3] * t[3]) * t[2];
  }
  return (v[0] * (1 - t[1]) + v[1] * t[1]) * (1 - t[0]) + (v[2] * (1 - t[1]) + v[3] * t[1]) * t[0];
}

static double nanos(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

static int ascending(const void *a, const void *b) { return (*(double *)a > *(double *)b) - (*(double *)a < *(double *)b); }

static double *doubles(FILE *file, long count) {
  double *data = malloc(count * sizeof *data);
  if (!data || fread(data, sizeof *data, count, file) != (size_t)count) exit(1);
  return data;
}

int main(int argc, char **argv) {
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (!file) return 1;
  double *head = doubles(file, 6);
  long count = head[5], size = 1;
  for (int i = 3; i >= 0; i--) {
    axes[i].step = size;
    size *= head[i];
  }
  for (int i = 0; i < 4; i++) {
    int n = head[i];
    double *knots = doubles(file, n);
    axes[i].log2 = i > 0 && head[4] != 0;
    axes[i].last = n - 2;
    for (int k = 0; k < n; k++) {
      axes[i].knots[k] = knots[k];
      axes[i].lower[k] = axes[i].log2 ? log2(knots[k]) : knots[k];
    }
    for (int k = 0; k + 1 < n; k++) axes[i].length[k] = axes[i].lower[k + 1] - axes[i].lower[k];
  }
  values = doubles(file, size);
  double *queries = doubles(file, 4 * count), *out = malloc(count * sizeof *out);
  static double times[1000];
  int batches = 0;
  for (double spent = 0; batches < 1000 && (spent < 1e8 || batches < 5); batches++) {
    double start = nanos();
    for (long i = 0; i < count; i++) out[i] = lookup(queries + 4 * i);
    spent += nanos() - start;
    times[batches] = (nanos() - start) / count;
  }
  qsort(times, batches, sizeof *times, ascending);
  double sum = 0;
  for (long i = 0; i < count; i++) sum += out[i];
  printf("%f %.17g\n", times[batches / 2], sum);
}
