#!/usr/bin/env bash
# Records what the replay is checked with, on the drive under DIR: a small envelope grid and five jobs off its points, three times each
# and in turns, so that a drive that drifts shows in the spread and not as an error of the replay. About 6 minutes, 1 GiB.
#
#   bench/record-fio.sh DIR          leaves DIR/grid/*.json, DIR/<job>.<round>.iolog and DIR/<job>.<round>_clat.1.log, gzipped
#   npx tsx bench/replay.ts DIR      replays them and writes results/reference/replay.json
set -euo pipefail
dir=${1:?usage: bench/record-fio.sh DIR}
mkdir -p "$dir/grid"
scratch=$(mktemp -d /dev/shm/record-fio.XXXXXX) # logs of a request each must not share the drive
trap 'rm -rf "$scratch" "$dir/target"' EXIT
common=(--filename="$dir/target" --size=1g --ioengine=libaio --direct=1 --norandommap=1 --randrepeat=0)

fio --name=fill --filename="$dir/target" --size=1g --rw=write --bs=1m --direct=1 --ioengine=libaio --iodepth=8 --end_fsync=1 >/dev/null

grid() { # ROUND
  local read depth bs
  for read in 0 50 100; do
    for depth in 1 4 16; do
      for bs in 4 16 64 256; do
        fio --name=grid "${common[@]}" --rw=randrw --rwmixread="$read" --iodepth="$depth" --numjobs=1 --bs="${bs}k" \
          --time_based --runtime=2 --ramp_time=0.3 --group_reporting --output-format=json >"$dir/grid/round${1}_${read}_${depth}_1_${bs}.json"
      done
    done
  done
}

job() { # NAME ROUND OPTIONS...
  local name=$1 round=$2
  shift 2
  (cd "$scratch" && fio --name="$name" "${common[@]}" --time_based --runtime=3 --write_iolog="$name.iolog" --write_lat_log="$name" "$@" >/dev/null)
  # The trace names the file it was recorded on: that path is of no use to anyone else.
  sed "s#$dir/target#target#" "$scratch/$name.iolog" | gzip -9n >"$dir/$name.$round.iolog.gz"
  gzip -9nc "$scratch/${name}_clat.1.log" >"$dir/$name.${round}_clat.1.log.gz"
  rm -f "$scratch"/*
}

jobs() { # ROUND
  job randread-8k-qd8 "$1" --rw=randread --bs=8k --iodepth=8
  job randwrite-8k-qd2 "$1" --rw=randwrite --bs=8k --iodepth=2
  job mix70-32k-qd2 "$1" --rw=randrw --rwmixread=70 --bs=32k --iodepth=2
  job mix50-split-qd8 "$1" --rw=randrw --rwmixread=50 --bssplit=8k/60:32k/40 --iodepth=8
  job poisson-8k-600 "$1" --rw=randread --bs=8k --iodepth=32 --rate_iops=600 --rate_process=poisson
}

jobs 1
grid 1
jobs 2
grid 2
jobs 3
grid 3
fio --version >"$dir/fio-version.txt"
