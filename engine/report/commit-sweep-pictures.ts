/** The pictures of the workload documents for a sweep of the object store, those that its axes make sense of. */
import type { CommitScenario } from '../commit/scenario.js';
import { PutmodelError } from '../kernel/errors.js';
import { sweepRunOf } from '../sweep/bundle.js';
import { valuesOf } from '../sweep/plan.js';
import type { StoredSweep } from '../sweep/read-sweep.js';
import { drawCommitChaos, drawLatencySweep, type CommitPoint, type CommitRole } from './charts/commit-pictures.js';
import { drawCommitSweep } from './charts/commit-sweep.js';
import type { Canvas, NamedPicture } from './charts/drawing.js';
import { shortLabels } from './sweep-text.js';

/** More configurations have no room for their names or bars. */
const latencySweepPoints = 40;
const sweepPoints = 200;
const chaosPoints = 16;

/** In the documents' order: the nine panels, latencies by writers, faults. */
export function commitSweepPictures(sweep: StoredSweep): readonly NamedPicture[] {
  const { open } = sweep;
  const isVaried = (...paths: readonly string[]): boolean =>
    open.plan.axes.some(({ path }) => paths.some((wanted) => path === wanted || path.startsWith(`${wanted}.`)));
  const count = open.plan.pointCount;
  const title = open.bundle.name;
  const draws: [name: string, isWanted: boolean, draw: (points: readonly CommitPoint[]) => NamedPicture['draw']][] = [
    [
      'sweep',
      count <= sweepPoints && isVaried('workload.num_readers', 'workload.reader_rate'),
      (points) => (canvas) =>
        drawCommitSweep(title, withShortLabels(points), { ...canvas, heightPixels: Math.max(canvas.heightPixels, sweepHeight) }),
    ],
    [
      'latency-sweep',
      count <= latencySweepPoints && isVaried('workload.num_writers', 'workload.writer_rate'),
      (points) => (canvas) => drawLatencySweep(`${title}: latency`, points, canvas),
    ],
    [
      'chaos',
      count > 1 && count <= chaosPoints && isVaried('chaos', 'store'),
      (points) => {
        const [baseline, ...faults] = withShortLabels(points);
        const tall = (canvas: Canvas): Canvas => ({ ...canvas, heightPixels: Math.max(canvas.heightPixels, sweepHeight) });
        return (canvas) =>
          baseline === undefined ? '' : drawCommitChaos(`${title}: latency under faults`, baseline, faults, tall(canvas));
      },
    ],
  ];
  const wanted = draws.filter(([, isWanted]) => isWanted);
  if (wanted.length === 0) return [];
  const points = pointsOf(sweep);
  return points.length === 0 ? [] : wanted.map(([name, , draw]) => ({ name, draw: draw(points) }));
}

/** Panels above each other need more room than one. */
const sweepHeight = 980;

function withShortLabels(points: readonly CommitPoint[]): CommitPoint[] {
  const labels = shortLabels(points.map(({ label }) => label));
  return points.map((point, index) => ({ ...point, label: labels[index] ?? '' }));
}

/** Every configuration with its figures; those that failed as scenarios are left out. */
function pointsOf({ open, table }: StoredSweep): CommitPoint[] {
  return Array.from({ length: table.pointCount }, (_, index) => index).flatMap((point) => {
    const scenario = scenarioAt(open, point);
    if (scenario === null) return [];
    const { workload } = scenario;
    const figure = (path: string): number | null => {
      const value = table.figures.get(path)?.[point] ?? Number.NaN;
      return Number.isNaN(value) ? null : value;
    };
    return {
      label: open.label(valuesOf(open.plan, point)),
      numWriters: workload.writerCount,
      writerRatePerSec: workload.writerOpsPerSec,
      numReaders: workload.readerCount,
      readerRatePerSec: workload.readerOpsPerSec,
      writer: workload.writerCount === 0 ? null : roleOf('writer', figure),
      compactor: workload.compactorCount === 0 ? null : roleOf('compactor', figure),
      reader: workload.readerCount === 0 ? null : roleOf('reader', figure),
    };
  });
}

function scenarioAt(open: StoredSweep['open'], point: number): CommitScenario | null {
  try {
    return sweepRunOf(open, point * open.plan.seeds.length).scenario as CommitScenario;
  } catch (error) {
    if (error instanceof PutmodelError) return null;
    throw error;
  }
}

/** null where the sweep did not keep what is drawn. */
function roleOf(role: string, figure: (path: string) => number | null): CommitRole | null {
  const seconds = figure('simulatedSec');
  const rate = (name: string): number | null => {
    const count = figure(`${role}.${name}`);
    return count === null || seconds === null || seconds === 0 ? null : count / seconds;
  };
  const [opsPerSec, attemptsPerSec] = [rate('operations'), rate('attempts')];
  const [preconditionFailuresPerSec, retryFailuresPerSec] = [rate('preconditionFailures'), rate('retryFailures')];
  if (opsPerSec === null || attemptsPerSec === null || preconditionFailuresPerSec === null || retryFailuresPerSec === null) return null;
  const micros = (at: string): number | null => {
    const millis = figure(`${role}.latencyMillis.${at}`);
    return millis === null ? null : millis * 1000;
  };
  return {
    ...{ p50Micros: micros('p50'), p95Micros: micros('p95'), p99Micros: micros('p99') },
    ...{ opsPerSec, attemptsPerSec, preconditionFailuresPerSec, retryFailuresPerSec },
  };
}
