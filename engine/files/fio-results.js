/** Files and directories of fio results as the points of one envelope. */
import { basename } from 'node:path';
import { buildEnvelope } from '../device/envelope.js';
import { pointsOf } from '../device/points.js';
import { parseFioJson } from '../fio/json.js';
import { PutmodelError } from '../kernel/errors.js';
import { isDirectory, listFiles, readHashedText } from './read.js';
/**
 * Builds an envelope from fio's JSON files. A directory stands for its `*.json` and `*.json.gz`, in order of name.
 * Failed jobs and output that is only an error message are told and left out.
 * @throws PutmodelError with every problem at once: files that are missing, empty, cut off or not fio's; fewer than two usable runs
 */
export function buildEnvelopeFromFiles(paths, options = {}) {
    const fatal = [];
    const issues = [];
    const points = [];
    const inputs = [];
    let fileCount = 0;
    for (const path of resultFiles(paths, fatal)) {
        try {
            const { text, sha256 } = readHashedText(path);
            const found = pointsOf(parseFioJson(text, path));
            points.push(...found.points);
            issues.push(...found.issues);
            inputs.push({ file: basename(path), sha256 });
            if (found.points.length > 0)
                fileCount++;
        }
        catch (error) {
            if (!(error instanceof PutmodelError))
                throw error;
            // A run that failed is a missing point; a file that can't be read or parsed is a mistake somebody wants to know of.
            (error.code === 'INPUT_UNSUPPORTED' ? issues : fatal).push(...error.issues);
        }
    }
    if (fatal.length > 0)
        throw new PutmodelError(fatal);
    try {
        const name = options.name ?? nameOf(paths);
        const built = buildEnvelope(points, {
            name,
            source: options.source ?? `fio results: ${paths.map((path) => basename(path)).join(', ')}`,
            inputs,
            outliers: options.outliers,
        });
        return { model: built.model, issues: [...issues, ...built.issues], fileCount, pointCount: points.length };
    }
    catch (error) {
        // The reasons why runs were left out belong to "too few points".
        if (error instanceof PutmodelError)
            throw new PutmodelError([...issues, ...error.issues]);
        throw error;
    }
}
function resultFiles(paths, fatal) {
    const files = [];
    for (const path of paths) {
        if (!isDirectory(path)) {
            files.push(path);
            continue;
        }
        const inside = listFiles(path).filter((name) => /\.json(?:\.gz)?$/.test(name));
        if (inside.length === 0)
            fatal.push({ code: 'INPUT_MISSING', message: 'no fio results in this directory', file: path, expected: 'files named *.json' });
        files.push(...inside.map((name) => `${path.replace(/[/\\]+$/, '')}/${name}`));
    }
    return files;
}
function nameOf(paths) {
    const [first = ''] = paths;
    return basename(first).replace(/\.json(?:\.gz)?$/, '') || 'envelope';
}
//# sourceMappingURL=fio-results.js.map