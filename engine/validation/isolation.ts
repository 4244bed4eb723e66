/**
 * A run that something was calibrated on says nothing about predictions: it must not be validated with. Files are told apart by the hashes
 * of their bytes and of their text, so a renamed or packed copy is found too.
 */
import { resolve, sep } from 'node:path';
import type { EvidenceFile } from '../files/presets.js';
import type { Issue } from '../kernel/errors.js';
import type { TruthInput } from './truth.js';

/** A file that a calibration was made from. */
export interface CalibrationFile extends EvidenceFile {
  readonly of: 'device' | 'host';
}

/** A run as isolation sees it. */
export interface HeldOut {
  readonly directory: string;
  readonly inputs: readonly TruthInput[];
}

/** One issue for each file of a run that is also a calibration's; empty when calibration and hold-out share nothing. */
export function sharedFiles(calibration: readonly CalibrationFile[], runs: readonly HeldOut[]): Issue[] {
  const used = new Map(calibration.flatMap((file) => [file.sha256, file.textSha256 ?? file.sha256].map((hash) => [hash, file] as const)));
  return runs.flatMap(({ directory, inputs }) =>
    inputs.flatMap(({ name, sha256, textSha256 }) => {
      const file = used.get(sha256) ?? used.get(textSha256);
      if (file === undefined) return [];
      const message = `the ${file.of} was calibrated on this file (${file.name}), so this run cannot validate it`;
      return [{ code: 'INPUT_INVALID' as const, message, file: `${directory}/${name}`, expected: 'runs that no calibration has seen' }];
    }),
  );
}

/** One issue for each calibration (a path; presets have none) that lies inside a directory of held-out runs: the two live apart. */
export function nestedCalibrations(paths: readonly string[], directories: readonly string[]): Issue[] {
  return paths.flatMap((path) =>
    directories
      .filter((directory) => `${resolve(path)}${sep}`.startsWith(`${resolve(directory)}${sep}`))
      .map((directory) => {
        const message = `a calibration inside the held-out run ${directory}`;
        return { code: 'INPUT_INVALID' as const, message, file: path, expected: 'calibrations and held-out runs in folders of their own' };
      }),
  );
}
