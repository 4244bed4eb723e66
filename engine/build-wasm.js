/**
 * Builds engine/kernel/interpolate-wasm.ts from engine/kernel/interpolate.as with AssemblyScript (`npm run build:wasm`). The build is checked in, so
 * that nobody needs the compiler to install or run the package; a test builds it again and compares. `--print` prints instead of writing.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { argv, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const source = readFileSync(fileURLToPath(new URL('./kernel/interpolate.as', import.meta.url)), 'utf8');
const options = [
  'input.ts',
  '-o',
  'out.wasm',
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--use',
  'abort=',
  '--initialMemory',
  '1',
  '--enable',
  'simd',
];
let binary = null;
const { error, stderr } = await asc.main(options, {
  readFile: (name) => (name === 'input.ts' ? source : null),
  writeFile: (name, contents) => {
    if (name === 'out.wasm') binary = contents;
  },
  listFiles: () => [],
});
if (error !== null || binary === null) throw new Error(`AssemblyScript: ${stderr.toString()}`);

const lines =
  Buffer.from(binary)
    .toString('base64')
    .match(/.{1,120}/g) ?? [];
const text = `/** The WebAssembly build of interpolate.as, in base64. Made by \`npm run build:wasm\`: do not edit. */
export const interpolateWasm =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`;
if (argv.includes('--print')) stdout.write(text);
else writeFileSync(new URL('./kernel/interpolate-wasm.ts', import.meta.url), text);
