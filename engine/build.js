/**
 * Compiles engine/ into dist/, bundles the threads that simulate into one file each and the page into dist/web/page (npm run build; also run
 * by prepare, start and test).
 *
 * `tsc -b` alone decides from its build record, so it neither restores an output that was deleted nor removes one whose source is
 * gone, and it leaves the command without the executable bit that `npx putmodel` needs inside a checkout. Plain JavaScript, because
 * it must run before anything is compiled.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const rootDir = fileURLToPath(new URL('..', import.meta.url));
const distDir = join(rootDir, 'dist');
const commandFile = join(distDir, 'cli/main.js');
/** Entries of threads, each beside its bundle. */
const threads = ['sweep/worker', 'files/module-worker'];
const bundles = threads.map((name) => `${name}-bundle.js`);

const expected = expectedOutputs();
removeOrphans(expected);
const complete = expected.every((name) => existsSync(join(distDir, name)));
const status = runCompiler(complete ? ['-b'] : ['-b', '--force']);
if (existsSync(commandFile)) chmodSync(commandFile, 0o755);
process.exitCode = status;
if (status === 0 && areThreadsStale()) await bundleThreads();
if (status === 0 && isPageStale()) await buildPage();

/** Paths below dist/ that the sources of engine/ compile to, but for the page's, which are bundled. */
function expectedOutputs() {
  const sources = filesBelow(join(rootDir, 'engine')).filter((name) => /(?<!\.d)\.ts$/.test(name) && !name.startsWith('web/page/'));
  return sources.flatMap((name) => ['.js', '.js.map', '.d.ts'].map((extension) => name.replace(/\.ts$/, extension)));
}

/** @param {string[]} kept */
function removeOrphans(kept) {
  const wanted = new Set(kept);
  for (const name of filesBelow(distDir)) {
    if (name.startsWith('web/page/') || bundles.includes(name)) continue;
    if (/\.(js|js\.map|d\.ts)$/.test(name) && !wanted.has(name)) rmSync(join(distDir, name), { force: true });
  }
}

/** @param {string} directory */
function filesBelow(directory) {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return names.map((name) => name.replaceAll('\\', '/')).sort();
}

/** @param {string[]} args */
function runCompiler(args) {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const run = spawnSync(process.execPath, [compiler, ...args], { cwd: rootDir, stdio: 'inherit' });
  return run.status ?? 1;
}

/** Whether anything that was compiled is newer than a thread's one file. */
function areThreadsStale() {
  const modifiedMillis = (/** @type {string} */ path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const bundledMillis = Math.min(...bundles.map((name) => modifiedMillis(join(distDir, name))));
  const compiled = filesBelow(distDir).filter((name) => name.endsWith('.js') && !name.startsWith('web/page/') && !bundles.includes(name));
  return [...compiled.map((name) => join(distDir, name)), join(rootDir, 'package-lock.json')].some(
    (path) => modifiedMillis(path) > bundledMillis,
  );
}

/** One file instead of four hundred: reading them one by one is half of what a thread needs before its first run. */
async function bundleThreads() {
  const { build } = await import('vite');
  for (const name of threads) await build(threadBuild(name));
}

/** @param {string} name */
function threadBuild(name) {
  return /** @type {const} */ ({
    root: rootDir,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    // Piscina looks in the thread for the copy of itself that started it.
    ssr: { noExternal: true, external: ['piscina'] },
    build: {
      ssr: join(distDir, `${name}.js`),
      outDir: distDir,
      emptyOutDir: false,
      target: 'es2022',
      minify: true,
      // hdr-histogram-js has an eval for engines without WebAssembly; nothing here calls it.
      rolldownOptions: {
        output: { entryFileNames: `${name}-bundle.js`, codeSplitting: false },
        checks: { eval: false, pluginTimings: false },
      },
    },
  });
}

/** Whether anything that the page is made of is newer than the page. */
function isPageStale() {
  const built = statSync(join(distDir, 'web/page/index.html'), { throwIfNoEntry: false });
  if (built === undefined) return true;
  const made = ['engine', 'scenarios', 'results/reference'].flatMap((folder) =>
    filesBelow(join(rootDir, folder)).map((name) => join(rootDir, folder, name)),
  );
  return [...made, join(rootDir, 'package-lock.json')].some(
    (path) => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > built.mtimeMs,
  );
}

/** Hosts name the LOGs that they were fitted on, hundreds of hashes that no simulation needs and no compression shrinks. */
function hostsWithoutLogs() {
  return {
    name: 'hosts-without-logs',
    enforce: /** @type {const} */ ('pre'),
    load(/** @type {string} */ id) {
      const [path = '', query] = id.split('?');
      if (query !== 'raw' || !/[\\/]data[\\/]hosts[\\/]/.test(path)) return null;
      const host = { ...JSON.parse(readFileSync(path, 'utf8')), calibratedOn: undefined };
      return `export default ${JSON.stringify(JSON.stringify(host))};`;
    },
  };
}

/** Relative links, so that the page works from any folder of any server; no inlined files, which its policy would refuse. */
async function buildPage() {
  const { build } = await import('vite');
  await build({
    root: join(rootDir, 'engine/web/page'),
    base: './',
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir: join(distDir, 'web/page'),
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { checks: { pluginTimings: false } },
    },
    // hdr-histogram-js has an eval for engines without WebAssembly; nothing here calls it, and the page's policy would refuse it.
    worker: { format: 'es', plugins: () => [hostsWithoutLogs()], rolldownOptions: { checks: { eval: false, pluginTimings: false } } },
  });
}
