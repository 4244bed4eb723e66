/**
 * A device file with memory (`putmodel/device/1` with a `base`): what is written in it, checked. Presets of buckets are named instead of
 * spelled out: `{"preset": "ebs-gp2", "sizeGib": 100}`.
 */
import { z } from 'zod';
import { PutmodelError, type Issue } from '../kernel/errors.js';
import { dramCache, ebsGp2, ebsGp3, ebsIo2, ebsSt1, gcpPdSsd, iopsCap, samsung970Evo, slcCache, throughputCap } from './bucket-presets.js';
import { deviceSchemaName } from './device-file.js';
import { checkSchema } from './json-fields.js';
import { bucketIssues, type BucketModel } from './bucket.js';
import { degradationTimeline, fitDegradation } from './degradation.js';
import { garbageIssues, type GarbageModel } from './garbage.js';
import { MIB } from '../kernel/units.js';
import type { DeviceModel, LayeredModel } from './device.js';
import type { Timeline } from './timeline.js';

/** What such a file holds, bucket presets spelled out. */
export interface MemoryParts {
  readonly name: string;
  readonly source: string;
  /** The device underneath, as `--device` takes it. */
  readonly base: string;
  /** fio bandwidth logs, relative to the file. */
  readonly timelineLogs: readonly string[];
  /** What the drive loses over time, from two measurements; null where the logs say it, or nothing does. */
  readonly degradation: Timeline | null;
  readonly buckets: readonly BucketModel[];
  readonly garbage: GarbageModel | null;
}

const above0 = z.number().positive();
const cache = { source: z.string(), capacityBytes: above0, cachedBytesPerSec: above0.nullable(), flashBytesPerSec: above0 };

const presets = z.discriminatedUnion('preset', [
  z.strictObject({ preset: z.literal('slc-cache'), ...cache, foldBytesPerSec: above0 }),
  z.strictObject({ preset: z.literal('dram-cache'), ...cache }),
  z.strictObject({ preset: z.literal('samsung-970-evo'), sizeGigabytes: z.literal([250, 500, 1000, 2000]) }),
  z.strictObject({ preset: z.literal('ebs-gp2'), sizeGib: above0 }),
  z.strictObject({ preset: z.literal('ebs-gp3'), opsPerSec: above0.optional(), mibPerSec: above0.optional() }),
  z.strictObject({ preset: z.literal('ebs-io2'), opsPerSec: above0, mibPerSec: above0.optional() }),
  z.strictObject({ preset: z.literal('ebs-st1'), sizeTib: above0 }),
  z.strictObject({
    preset: z.literal('gcp-pd-ssd'),
    sizeGigabytes: above0,
    opsPerSecMax: above0.optional(),
    megabytesPerSecMax: above0.optional(),
  }),
  z.strictObject({ preset: z.literal('iops-cap'), opsPerSec: above0, source: z.string() }),
  z.strictObject({ preset: z.literal('throughput-cap'), bytesPerSec: above0, source: z.string() }),
]);

const bucket = z.union([
  z.strictObject({
    name: z.string(),
    source: z.string(),
    counts: z.enum(['bytes', 'requests']),
    directions: z.enum(['read', 'write', 'both']),
    capacityCount: z.number(),
    refillPerSec: z.number(),
    refills: z.enum(['always', 'idle']),
    fullPerSec: z.number().nullable(),
    emptyPerSec: z.number(),
  }),
  presets,
]);

const memoryFile = z.strictObject({
  schema: z.literal(deviceSchemaName),
  name: z.string(),
  source: z.string(),
  base: z.string().min(1),
  timelineLogs: z.array(z.string().min(1)).optional(),
  degradation: z
    .strictObject({
      source: z.string(),
      shape: z.enum(['linear', 'exponential', 'settling']),
      freshMibPerSec: above0,
      laterMibPerSec: above0,
      laterSec: above0.max(31_536_000),
      reads: z.boolean().optional(),
    })
    .optional(),
  buckets: z.array(bucket).optional(),
  garbage: z
    .strictObject({
      source: z.string(),
      capacityBytes: z.number(),
      spareFraction: z.number(),
      fillFraction: z.number(),
      writtenSinceTrimBytes: z.number(),
      randomFraction: z.number(),
    })
    .optional(),
});

/**
 * The parts of a device file with memory; null for text that is no such file (another device, or no JSON).
 * @throws PutmodelError INPUT_UNSUPPORTED for another schema; INPUT_INVALID with every problem and its path
 */
export function memoryPartsOf(text: string, file: string): MemoryParts | null {
  const value = jsonOf(text);
  if (typeof value !== 'object' || value === null || !('base' in value)) return null;
  checkSchema(value, [deviceSchemaName], file);
  const outcome = memoryFile.safeParse(value);
  if (!outcome.success) {
    throw new PutmodelError(outcome.error.issues.flatMap((issue) => issuesOf(issue, value, [])).map((issue) => ({ ...issue, file })));
  }
  const { name, source, base, timelineLogs, degradation, buckets, garbage } = outcome.data;
  const spelled = (buckets ?? []).flatMap(bucketsOf);
  const issues = [
    ...spelled.flatMap((model, index) => bucketIssues(model, `buckets.${String(index)}.`)),
    ...(garbage === undefined ? [] : garbageIssues(garbage, 'garbage.')),
  ];
  if (issues.length > 0) throw new PutmodelError(issues.map((issue) => ({ ...issue, file })));
  if (degradation !== undefined && timelineLogs !== undefined) {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: 'a device is limited by logs or by a degradation, not by both',
      file,
      path: 'degradation',
    });
  }
  const limits = degradation === undefined ? null : degradationOf(degradation);
  return { name, source, base, timelineLogs: timelineLogs ?? [], degradation: limits, buckets: spelled, garbage: garbage ?? null };
}

/** What zod found, in our words where a bucket is none of its two kinds. `found` is what stands at `above`. */
function issuesOf(issue: z.core.$ZodIssue, found: unknown, above: readonly PropertyKey[]): Issue[] {
  const path = [...above, ...issue.path];
  const at = issue.path.reduce<unknown>((value, key) => (value as Readonly<Record<PropertyKey, unknown>> | undefined)?.[key], found);
  const said = { code: 'INPUT_INVALID', path: path.join('.') } as const;
  if (issue.code !== 'invalid_union') return [{ ...said, message: issue.message }];
  if (issue.discriminator !== undefined) {
    const expected = presets.options.map(({ shape }) => shape.preset.value).join(', ');
    return [{ ...said, message: 'no such bucket', found: JSON.stringify(at), expected: `one of ${expected}` }];
  }
  const isPreset = typeof at === 'object' && at !== null && 'preset' in at;
  return (issue.errors[isPreset ? 1 : 0] ?? []).flatMap((inner) => issuesOf(inner, at, path));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A step a minute, or a 120th of the time where that is shorter. */
function degradationOf(said: NonNullable<z.infer<typeof memoryFile>['degradation']>): Timeline {
  const fresh = { atSec: 0, bytesPerSec: said.freshMibPerSec * MIB };
  const later = { atSec: said.laterSec, bytesPerSec: said.laterMibPerSec * MIB };
  const profile = fitDegradation(fresh, later, said.shape);
  return degradationTimeline(profile, { source: said.source, stepSec: Math.min(60, said.laterSec / 120), reads: said.reads === true });
}

function bucketsOf(said: z.infer<typeof bucket>): readonly BucketModel[] {
  if (!('preset' in said)) return [said];
  switch (said.preset) {
    case 'slc-cache':
      return [slcCache(said)];
    case 'dram-cache':
      return [dramCache(said)];
    case 'samsung-970-evo':
      return [samsung970Evo[said.sizeGigabytes]];
    case 'ebs-gp2':
      return [ebsGp2(said.sizeGib)];
    case 'ebs-gp3':
      return ebsGp3(said.opsPerSec, said.mibPerSec);
    case 'ebs-io2':
      return ebsIo2(said.opsPerSec, said.mibPerSec);
    case 'gcp-pd-ssd':
      return gcpPdSsd(said.sizeGigabytes, said.opsPerSecMax, said.megabytesPerSecMax);
    case 'ebs-st1':
      return [ebsSt1(said.sizeTib)];
    case 'iops-cap':
      return [iopsCap(said.opsPerSec, said.source)];
    case 'throughput-cap':
      return [throughputCap(said.bytesPerSec, said.source)];
  }
}

/** The device that these parts make on their base. `logged`: what the bandwidth logs say, where the file names some. */
export function memoryDevice(parts: MemoryParts, base: DeviceModel, file: string, logged: Timeline | null = null): LayeredModel {
  if (base.kind === 'layered')
    throw new PutmodelError({ code: 'INPUT_INVALID', message: 'a device with memory cannot be the base of another', file, path: 'base' });
  const { name, source, buckets, garbage, degradation } = parts;
  return { kind: 'layered', name, source, base, timeline: logged ?? degradation, buckets, garbage };
}
