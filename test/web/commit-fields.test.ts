import { describe, expect, it } from 'vitest';
import { commitForm } from '../../engine/web/commit-fields.js';
import type { Field } from '../../engine/web/field.js';
import { valueAt, withValue } from '../../engine/web/edit-document.js';
import { createSimulation } from '../../engine/web/simulation.js';
import { pageData, testThread } from './page-data.js';

const api = createSimulation(pageData, testThread);
const workload = { kind: 'commit', duration_seconds: 20, workload: { num_writers: 2, num_compactors: 1, num_readers: 1 } };
const fieldsOf = (document: Record<string, unknown>): readonly Field[] => commitForm(document).groups.flatMap(({ fields }) => fields);

describe('the form of an object store', () => {
  it('has each field once, with what it does', () => {
    const fields = fieldsOf(workload);
    expect(new Set(fields.map(({ path }) => path)).size).toBe(fields.length);
    for (const { doc, path } of fields) expect(doc, path).not.toBe('');
    expect(fields.find(({ name }) => name === 'num_writers')).toMatchObject({ kind: 'integer', defaultValue: 1 });
    expect(fields.find(({ name }) => name === 'profile')).toMatchObject({
      kind: 'choice',
      choices: ['document', 's3-standard', 'instant'],
    });
  });

  it('asks for clients where the document has them, and by the name that it has for its duration', () => {
    const paths = fieldsOf({ kind: 'commit', clients: 4 }).map(({ path }) => path);
    expect(paths).toContain('clients');
    expect(paths.some((path) => path.startsWith('workload.'))).toBe(false);
    expect(fieldsOf({ kind: 'commit', workload: { duration: 5 } }).map(({ path }) => path)).toContain('workload.duration');
  });

  it('has sliders whose every stop can run', async () => {
    for (const { path, stops } of fieldsOf(workload)) {
      for (const stop of stops ?? []) {
        const document = withValue(withValue({ ...workload, limit: false }, path, stop), 'duration_seconds', 1);
        expect(await api.simulate(document, () => undefined), `${path} ${String(stop)}`).toMatchObject({ status: 'done' });
      }
    }
  });

  it('has switches that can run, each with the parts that it puts on', async () => {
    const fields = fieldsOf(workload);
    const switches = fields.filter(({ switchedOn }) => switchedOn !== undefined);
    expect(switches.map(({ path }) => path)).toEqual(['chaos.networkBlocks', 'chaos.cpu', 'store.slowDown']);
    for (const { path, switchedOn } of switches) {
      const document = withValue(workload, path, switchedOn);
      expect(await api.simulate(document, () => undefined)).toMatchObject({ status: 'done' });
      const parts = fields.filter(({ partOf }) => partOf === path);
      expect(parts.length).toBeGreaterThan(0);
      for (const part of parts) expect(typeof valueAt(document, part.path), part.path).toBe('number');
    }
  });
});
