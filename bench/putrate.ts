/**
 * What the specification of the closed-form models claims, beside what its own formulas give on its own data: every factor, accuracy and
 * derived figure. Writes results/reference/putrate.json.
 *
 *   npx tsx bench/putrate.ts [--out FILE]
 */
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../engine/files/write.js';
import { encodeJson } from '../engine/scenario/json.js';
import { putRateReference } from '../engine/putrate/reproduce.js';

const { values } = parseArgs({
  options: { out: { type: 'string', default: fileURLToPath(new URL('../results/reference/putrate.json', import.meta.url)) } },
});
const reference = putRateReference();
writeFileAtomic(values.out, encodeJson({ ...reference, command: 'npx tsx bench/putrate.ts' }));
for (const { figure, unit, claimed, reproduced, note } of reference.comparisons) {
  const figures = [claimed, reproduced].map((value) => (value === null ? '-' : String(Number(value.toPrecision(6)))).padStart(14)).join('');
  console.log(`${figure.padEnd(54)}${figures}  ${unit}${note === null ? '' : ` (${note})`}`);
}
