import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadScenario, runScenario } from '../../engine/node.js';
import type { LsmResult } from '../../engine/lsm/result.js';
import { lsmPage } from '../../engine/report/lsm-page.js';
import { rootDir } from '../structure/source.js';

function pageOf(name: string) {
  const loaded = loadScenario(join(rootDir, 'scenarios', name), { set: ['duration_seconds=3'] });
  const result = runScenario(loaded).result as LsmResult;
  return { result, page: lsmPage(result, { log: null }) };
}

const cellsOf = (page: ReturnType<typeof lsmPage>, heading: string): readonly (readonly unknown[])[] => {
  const section = page.sections.find((one) => one.heading === heading);
  return section?.blocks.flatMap((block) => (block.kind === 'table' ? block.rows : [])) ?? [];
};

test('reads have a section with a row for memtables and each level', () => {
  const { result, page } = pageOf('read-while-writing.yaml');
  expect(cellsOf(page, 'Gets').map(([level]) => level)).toEqual(
    result.reads!.point!.levels.map(({ level }) => (level === null ? 'mem' : `L${String(level)}`)),
  );
  expect(page.sections.map(({ heading }) => heading)).not.toContain('Seeks');
  expect(page.sections.map(({ heading }) => heading)).not.toContain('Column families');
});

test('several families and databases have a row each', () => {
  const { result, page } = pageOf('two-databases.yaml');
  const names = result.databases!.flatMap(({ name, families }) => families.map((family) => `${name}/${family.name}`));
  expect(cellsOf(page, 'Column families').map(([name]) => name)).toEqual(names);
  expect(cellsOf(pageOf('column-families.yaml').page, 'Column families').length).toBeGreaterThan(1);
  expect(page.sections.map(({ heading }) => heading)).not.toContain('Gets');
});
