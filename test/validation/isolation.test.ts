import { describe, expect, it } from 'vitest';
import { nestedCalibrations, sharedFiles } from '../../engine/validation/isolation.js';

const run = { directory: 't/run', inputs: [{ name: 'LOG.gz', sha256: 'aa', textSha256: 'bb' }] };

describe('isolation of calibration and hold-out', () => {
  it('names each file that both have, packed or not', () => {
    const issues = sharedFiles([{ of: 'host', name: 'LOG', sha256: 'bb' }], [run]);
    expect(issues).toEqual([
      {
        code: 'INPUT_INVALID',
        message: 'the host was calibrated on this file (LOG), so this run cannot validate it',
        file: 't/run/LOG.gz',
        expected: 'runs that no calibration has seen',
      },
    ]);
    expect(sharedFiles([{ of: 'device', name: 'LOG.gz', sha256: 'aa' }], [run])).toHaveLength(1);
    expect(sharedFiles([{ of: 'device', name: 'LOG.gz', sha256: 'cc' }], [run])).toEqual([]);
    expect(sharedFiles([{ of: 'host', name: 'LOG.gz', sha256: 'cc', textSha256: 'bb' }], [run])).toHaveLength(1);
  });

  it('a calibration inside a held-out directory is refused, one beside it is not', () => {
    expect(nestedCalibrations(['t/run/host.json'], ['t/run'])).toHaveLength(1);
    expect(nestedCalibrations(['t/run'], ['./t/run'])).toHaveLength(1);
    expect(nestedCalibrations(['t/runs/host.json', 'host.json'], ['t/run'])).toEqual([]);
  });
});
