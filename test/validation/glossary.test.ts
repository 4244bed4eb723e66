import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readGlossary } from '../../engine/files/reference.js';
import { PutmodelError } from '../../engine/kernel/errors.js';
import { checkUnitNames, parseGlossary, unitOf } from '../../engine/validation/glossary.js';
import { importsOf, nodesOf, readSources } from '../structure/source.js';

const glossary = parseGlossary(readGlossary(), 'glossary.json');

describe('the glossary', () => {
  it("gives units by the longest ending, by the documents' names, and to names with underscores", () => {
    expect(unitOf('writtenBytes', glossary)?.unit).toBe('bytes');
    expect(unitOf('readBytesPerSec', glossary)?.unit).toBe('bytes/s');
    expect(unitOf('beff_mib_per_sec', glossary)?.unit).toBe('MiB/s');
    expect(unitOf('wa_stat', glossary)?.unit).toBe('1');
    expect(unitOf('bandwidth', glossary)).toBeNull();
    expect(unitOf('bandwidthMB', glossary)).toBeNull();
  });

  it('finds every number without a unit, with its place; what holds it helps only percentiles and parts', () => {
    const document = {
      runs: [{ putRate: 5, lengthSec: 3, text: 'x' }],
      latencyMicros: { p50: 1, max: 2, shape: 3 },
      compressNanosPerByte: { zstd: 1 },
      claims: [{ unit: 'ops/s', claimed: 3 }],
      p50: 1,
    };
    const { numbers, faults } = checkUnitNames({ d: document }, { 'a.csv': 'run,opsPerSec,speed' }, glossary);
    expect(faults.map(({ document: file, path }) => `${file}:${path}`)).toEqual([
      'd:runs.putRate',
      'd:latencyMicros.shape',
      'd:p50',
      'a.csv:speed',
    ]);
    expect(numbers).toBe(9);
  });

  it('refuses another document', () => {
    expect(() => parseGlossary({ schema: 'x' }, 'f.json')).toThrow(PutmodelError);
  });

  it('has the unit of every numeric field of the exported results and ledgers', () => {
    const files = [
      'engine/lsm/result.ts',
      'engine/backlog/result.ts',
      'engine/ledger/ledger.ts',
      'engine/lsm/host.ts',
      'engine/lsm/features.ts',
    ];
    const sources = readSources('engine').filter(({ path }) => files.includes(path));
    expect(sources).toHaveLength(files.length);
    const names = sources.flatMap((source) =>
      [...nodesOf(source)].flatMap((node) => {
        const text = node.getText(source.ast);
        const field = /^readonly (\w+): (?:number|Float64Array)( \| null)?;$/.exec(text)?.[1];
        return field === undefined ? [] : [field];
      }),
    );
    expect(names.length).toBeGreaterThan(60);
    const known = (name: string): boolean => glossary.parts.includes(name) || unitOf(name, glossary) !== null;
    expect([...new Set(names)].filter((name) => !known(name))).toEqual([]);
  });

  it('is the only list of its kind: every entry says unit and meaning', () => {
    for (const entry of [...Object.values(glossary.endings), ...Object.values(glossary.names)]) {
      expect(entry.unit).not.toBe('');
      expect(entry.meaning).not.toBe('');
    }
    expect(importsOf(readSources('engine/validation').find(({ path }) => path.endsWith('glossary.ts'))!).length).toBe(1);
    expect(readFileSync(new URL('../../scenarios/data/glossary.json', import.meta.url), 'utf8')).toContain('putmodel/glossary/1');
  });
});
