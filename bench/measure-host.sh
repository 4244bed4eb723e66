#!/usr/bin/env bash
# Measures this machine for a host profile and a device envelope: short fills of a real db_bench, its codecs, the file system's own
# figures and a small fio grid. bench/measure-host.ts then fits scenarios/data/hosts/NAME.json from what this leaves behind.
#
#   bench/measure-host.sh [-n NAME] [-d SCRATCH] [-r REPEATS] [STEP...]
#
#   NAME     of the profile; default debian-vm
#   SCRATCH  a directory on the disk to be measured, with 10 GiB free; default ./measure-host.scratch. Raw output stays in SCRATCH/raw.
#   REPEATS  of every short run; the fit takes the fastest, because other load on the machine only ever adds time. Default 5.
#   STEP     any of: merges blocks inserts threads fills paced limited direct cold codecs files fio; default all, about 50 minutes with 5 repeats. What
#            the committed digest holds is kept, if it is of the same kind of machine: repeats are added to those there are.
#
# Needs db_bench (Debian: rocksdb-tools), fio, and node with this project's packages (npm ci). Let nothing else run meanwhile.
# A run that is already in SCRATCH/raw is not repeated, so an interrupted measurement goes on where it stopped.
set -euo pipefail

name=debian-vm scratch=$PWD/measure-host.scratch repeats=5
while getopts n:d:r: option; do
  case $option in
    n) name=$OPTARG ;;
    d) scratch=$OPTARG ;;
    r) repeats=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))
steps=${*:-merges blocks inserts threads fills paced limited direct cold codecs files fio}

root=$(cd "$(dirname "$0")/.." && pwd)
missing=0
need() { command -v "$1" >/dev/null || { echo "missing: $1 ($2)" >&2; missing=1; }; }
need db_bench "Debian: apt-get install rocksdb-tools"
need fio "Debian: apt-get install fio"
need npx "Node.js 20.19 or later, then npm ci"
[ $missing = 0 ] || exit 2
analyse() { (cd "$root" && npx tsx bench/measure-host.ts "$@"); }

raw=$scratch/raw
mkdir -p "$raw/runs" "$raw/codecs" "$raw/fio"
scratch=$(cd "$scratch" && pwd) raw=$scratch/raw
db=$scratch/db

# Free memory that the machine under a virtual machine has to fetch first would be charged to the run that touches it (step files
# measures that cost by itself): touch enough before each run.
warm() {
  for _ in 1 2; do
    dd if=/dev/zero of="$scratch/warm" bs=1M count=1300 status=none
    rm -f "$scratch/warm"
  done
}

# run NAME FLAGS...: one db_bench run; keeps its LOG, its own output and the process's CPU seconds.
run() {
  local id=$1
  shift
  [ -e "$raw/runs/$id.LOG.gz" ] && return
  rm -rf "$db"
  warm
  echo "$id"
  (
    TIMEFORMAT='cpuSec %U %S wallSec %R'
    time db_bench --db="$db" --key_size=16 --seed=42 --stats_dump_period_sec=0 "$@" >"$raw/runs/$id.out" 2>&1
  ) 2>"$raw/runs/$id.time"
  echo "db_bench --key_size=16 --seed=42 --stats_dump_period_sec=0 $*" >"$raw/runs/$id.command"
  gzip -c "$db/LOG" >"$raw/runs/$id.LOG.gz"
  rm -rf "$db"
}

# A merge of N runs: N memtables' worth of L0 files, then CompactRange, one job, nothing beside it.
merge_flags() { # value bytes, memtable MiB
  echo --benchmarks=fillrandom,compact --disable_wal=1 --disable_auto_compactions=1 --max_background_jobs=2 \
    --num=$((268435456 / ($1 + 16))) --value_size="$1" --write_buffer_size=$(($2 << 20)) --target_file_size_base=16777216
}
store="--write_buffer_size=16777216 --target_file_size_base=16777216 --max_bytes_for_level_base=67108864 --max_background_jobs=2"

step_merges() {
  for r in $(seq "$repeats"); do
    for spec in 1000:1 1000:4 1000:16 1000:64 100:1 100:8 100:64 4096:4 4096:32; do
      # shellcheck disable=SC2046
      run "merge-v${spec%:*}-m${spec#*:}-r$r" --compression_type=none $(merge_flags "${spec%:*}" "${spec#*:}")
    done
  done
}

# Larger blocks, merged alone and flushed in a running store (step paced has the small ones).
step_blocks() {
  for r in $(seq "$repeats"); do
    for spec in 1000:16384 1000:65536 100:65536 4096:65536; do
      # shellcheck disable=SC2046
      run "merge-v${spec%:*}-m16-b${spec#*:}-r$r" --compression_type=none --block_size="${spec#*:}" $(merge_flags "${spec%:*}" 16)
    done
    for spec in 1000:16384 1000:65536 100:65536; do paced "${spec%:*}" "${spec#*:}" "paced-v${spec%:*}-b${spec#*:}-r$r"; done
  done
}

# Puts into memory only: nothing is flushed before the end.
step_inserts() {
  for r in $(seq "$repeats"); do
    for v in 100 1000 4096; do
      for wal in 0 1; do
        for batch in 1 100; do
          run "insert-v$v-wal$wal-b$batch-r$r" --benchmarks=fillrandom --compression_type=none --value_size=$v \
            --num=$((v == 100 ? 1000000 : 600000000 / v)) --batch_size=$batch --disable_wal=$((1 - wal)) \
            --write_buffer_size=16777216 --max_write_buffer_number=130 --min_write_buffer_number_to_merge=128 --disable_auto_compactions=1
        done
      done
    done
    # Larger memtables: a skip list that has left the caches takes longer to search.
    for spec in 100:64 100:256 1000:64 1000:256 4096:64 4096:256; do
      v=${spec%:*} m=${spec#*:}
      run "insert-v$v-m$m-r$r" --benchmarks=fillrandom --compression_type=none --value_size=$v --disable_wal=1 \
        --num=$((m * 980000 / (v + 56))) --write_buffer_size=$((m << 20)) --max_write_buffer_number=130 \
        --min_write_buffer_number_to_merge=128 --disable_auto_compactions=1
    done
    run "insert-v1000-statistics-r$r" --benchmarks=fillrandom --compression_type=none --value_size=1000 --num=600000 --disable_wal=1 \
      --statistics=1 --histogram=1 --write_buffer_size=16777216 --max_write_buffer_number=130 --min_write_buffer_number_to_merge=128 \
      --disable_auto_compactions=1
  done
}

# Writing threads that take turns: as many as there are cores, and four times as many.
step_threads() {
  for r in $(seq "$repeats"); do
    for wal in 0 1; do
      for t in "$(nproc)" $(($(nproc) * 4)); do
        run "threads-wal$wal-t$t-r$r" --benchmarks=fillrandom --compression_type=none --value_size=1000 --num=$((320000 / t)) --threads="$t" \
          --disable_wal=$((1 - wal)) --enable_pipelined_write=0 --write_buffer_size=16777216 --max_write_buffer_number=130 \
          --min_write_buffer_number_to_merge=128 --disable_auto_compactions=1
      done
    done
  done
}

# Everything at once, unlimited: three threads on the cores there are. The key space is kept small enough for warm memory.
step_fills() {
  for v in 100 1000; do
    # shellcheck disable=SC2086
    run "fill-v$v" --benchmarks=fillrandom --compression_type=none --value_size=$v --num=$((400000000 / (v + 16))) --writes=400000000 \
      --duration=25 --disable_wal=1 $store
  done
  # shellcheck disable=SC2086
  run "fill-v1000-wal" --benchmarks=fillrandom --compression_type=none --value_size=1000 --num=400000 --writes=400000000 --duration=15 $store
}

# Files that are written back as they grow (bytes_per_sync, which a limiter sets to 1 MiB), closed while another thread writes. Timing
# every write costs CPU time, so nothing but the waits is taken from these.
step_limited() {
  for r in $(seq $((repeats < 3 ? repeats : 3))); do
    # shellcheck disable=SC2086
    run "limited-v1000-r$r" --benchmarks=fillrandom --compression_type=none --value_size=1000 --num=10000000 --duration=30 --disable_wal=1 \
      --rate_limiter_bytes_per_sec=100000000 --report_bg_io_stats=1 $store
  done
}

# A running store behind a limiter: what a flush costs beside compactions, with a memtable that has left the caches.
paced() { # value bytes, block bytes, name of the run
  # shellcheck disable=SC2086
  run "$3" --benchmarks=fillrandom --compression_type=none --value_size="$1" --num=10000000 --duration=25 --disable_wal=1 \
    --rate_limiter_bytes_per_sec=100000000 --block_size="$2" $store
}
step_paced() {
  for r in $(seq "$repeats"); do
    for v in 100 1000 4096; do paced $v 4096 "paced-v$v-r$r"; done
  done
}

step_direct() {
  for r in $(seq "$repeats"); do
    # shellcheck disable=SC2046
    run "direct-v1000-m16-r$r" --compression_type=none --use_direct_io_for_flush_and_compaction=1 --use_direct_reads=1 $(merge_flags 1000 16)
    # With a limiter that never binds, bytes_per_sync is 1 MiB.
    # shellcheck disable=SC2046
    run "limiter-v1000-m16-r$r" --compression_type=none --rate_limiter_bytes_per_sec=8589934592 $(merge_flags 1000 16)
  done
}

# A store that outgrows the memory which the page cache can have at once: under a hypervisor, pages that were not used lately have to be
# fetched from the machine below, and whoever writes to them first pays.
step_cold() {
  for r in $(seq $((repeats < 3 ? repeats : 3))); do
    # shellcheck disable=SC2086
    run "cold-v1000-r$r" --benchmarks=fillrandom --compression_type=none --value_size=1000 --num=20000000 --duration=90 --disable_wal=1 $store
  done
}

step_codecs() {
  for r in $(seq "$repeats"); do
    for codec in none snappy lz4 lz4hc zlib bzip2 zstd; do
      # shellcheck disable=SC2046
      run "codec-$codec-r$r" --compression_type=$codec $(merge_flags 1000 16) --num=130000
    done
  done
  for codec in snappy lz4 lz4hc zlib bzip2 zstd; do
    [ -e "$raw/codecs/$codec.out" ] && continue
    echo "uncompress $codec"
    db_bench --benchmarks=crc32c,uncompress --compression_type=$codec >"$raw/codecs/$codec.part" 2>&1
    mv "$raw/codecs/$codec.part" "$raw/codecs/$codec.out"
  done
}

step_files() { analyse files "$scratch" "$raw/files.json"; }

step_fio() (
  cd "$scratch"
  for read in 0 50 100; do
    for depth in 1 4 16; do
      for jobs in 1 2; do
        for block in 4 64 1024; do
          local out=$raw/fio/result_${read}_${depth}_${jobs}_${block}.json
          [ -e "$out" ] && continue
          fio --name=measure --filename=fio.data --size=4g --direct=1 --ioengine=libaio --rw=randrw --rwmixread=$read \
            --iodepth=$depth --numjobs=$jobs --bs=${block}k --time_based --runtime=3 --ramp_time=1 --group_reporting --randrepeat=1 \
            --output-format=json --output="$out.part"
          mv "$out.part" "$out"
        done
      done
    done
  done
  rm -f fio.data
)

for step in $steps; do "step_$step"; done

if [ -n "$(ls "$raw/runs")" ] || [ -e "$raw/files.json" ]; then
  mkdir -p "$root/results/reference/measure-host"
  analyse fit "$raw" "$name" | tee "$root/results/reference/measure-host/$name.txt"
fi
if [ "$(ls "$raw/fio" | wc -l)" = 54 ]; then
  kept=$root/results/reference/measure-host/$name-fio
  mkdir -p "$kept"
  for file in "$raw"/fio/*.json; do gzip -9nc "$file" >"$kept/$(basename "$file").gz"; done
  (cd "$root" && npx tsx engine/cli/main.ts envelope build "$kept" --name "$name" -o "scenarios/data/devices/$name.json" --source \
    "bench/measure-host.sh: $(fio --version), libaio direct, rw=randrw on a 4 GiB file, 3 s after a ramp of 1 s")
fi
