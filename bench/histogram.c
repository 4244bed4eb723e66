/* The recorder of bench/histogram.bench.ts in C, with HdrHistogram's layout: what a compiled program needs for the same work.
 * Prints the median time of a batch, nanoseconds a value, for 20-3000 us and for all magnitudes up to an hour. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { VALUES = 65536, BATCHES = 301, SLOT_BITS = 10 };

struct histogram {
  int64_t highest, min, max, clamped;
  int64_t counts[24 << SLOT_BITS];
};

__attribute__((noinline)) static void record(struct histogram *h, double micros) {
  int64_t value = (int64_t)micros;
  if (value > h->highest) {
    value = h->highest;
    h->clamped++;
  }
  int bucket = 63 - SLOT_BITS - __builtin_clzll(value | ((2 << SLOT_BITS) - 1));
  h->counts[(bucket << SLOT_BITS) + (value >> bucket)]++;
  if (value < h->min) h->min = value;
  if (value > h->max) h->max = value;
}

static double nanos(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

static int ascending(const void *a, const void *b) { return (*(double *)a > *(double *)b) - (*(double *)a < *(double *)b); }

int main(void) {
  static struct histogram h = {3600000000, INT64_MAX, -1, 0, {0}};
  static double values[VALUES], batches[BATCHES];
  for (int wide = 0; wide < 2; wide++) {
    uint32_t state = 1;
    for (int i = 0; i < VALUES; i++) {
      state = state * 1664525 + 1013904223;
      values[i] = floor(wide ? exp(state / 4294967296.0 * 22) : 20 + state / 4294967296.0 * 2980);
    }
    for (int batch = 0; batch < BATCHES; batch++) {
      double start = nanos();
      for (int i = 0; i < VALUES; i++) record(&h, values[i]);
      batches[batch] = (nanos() - start) / VALUES;
    }
    qsort(batches, BATCHES, sizeof *batches, ascending);
    printf("%f\n", batches[BATCHES / 2]);
  }
}
