/**
 * fio's JSON output, versions 2.x to 3.4x, as data in our units.
 *
 * fio changed units under unchanged names, so the keys present decide, never the version string: `*_ns` latencies (or `io_kbytes`)
 * mean 3.x, where `io_bytes` is bytes; plain `slat`, `clat`, `lat` mean 2.x, where they are microseconds and `io_bytes` is KiB. `bw` is
 * KiB/s in both; `bw_bytes` (3.2 and later) is exact and preferred.
 * A file may hold text before and after the JSON (stderr, client banners, `--output-format=json,normal`) and several documents in a
 * row (`--status-interval`), of which the last complete one counts.
 */
import { PutmodelError } from '../kernel/errors.js';
import { readFioOptions } from './options.js';
/**
 * Reads a file's text.
 * @param file its name, for messages
 * @throws PutmodelError INPUT_SYNTAX: empty, cut off, or malformed (with line and column); INPUT_UNSUPPORTED: only fio's error messages
 *   (the first is quoted); INPUT_INVALID: JSON that is not fio's
 */
export function parseFioJson(text, file) {
    const warnings = [];
    const document = lastDocument(text, file, warnings);
    const globalOptions = isRecord(document['global options']) ? document['global options'] : undefined;
    const isClients = Array.isArray(document['client_stats']);
    const rows = isClients
        ? document['client_stats']
        : Array.isArray(document['jobs'])
            ? document['jobs']
            : [];
    if (rows.length === 0)
        throw invalid(file, 'jobs', 'the document has no jobs', 'at least one job');
    const all = rows.map((row, index) => {
        const path = `${isClients ? 'client_stats' : 'jobs'}[${String(index)}]`;
        if (!isRecord(row))
            throw invalid(file, path, 'a job must be an object', 'an object');
        return readEntry(row, globalOptions, file, path, isClients);
    });
    const isTotal = (entry) => isClients && entry.name === 'All clients';
    return {
        file,
        version: typeof document['fio version'] === 'string' ? document['fio version'] : '',
        timestampSec: finite(document['timestamp']),
        entries: all.filter((entry) => !isTotal(entry)),
        allClients: all.find(isTotal) ?? null,
        warnings,
    };
}
function isRecord(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function finite(value) {
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
function invalid(file, path, message, expected) {
    return new PutmodelError({ code: 'INPUT_INVALID', message, expected, file, path });
}
/** The last complete JSON object that looks like fio's. Text around it is skipped. */
function lastDocument(text, file, warnings) {
    let found = null;
    let failure = null;
    let count = 0;
    for (let from = findStart(text, 0); from !== -1;) {
        const end = findEnd(text, from);
        if (end === -1) {
            failure = {
                code: 'INPUT_SYNTAX',
                message: 'the JSON is cut off: it ends before its last brace',
                file,
                ...placeOf(text, text.length),
                expected: 'a complete document',
            };
            break;
        }
        const parsed = parseObject(text.slice(from, end));
        if (!parsed.ok) {
            failure = {
                code: 'INPUT_SYNTAX',
                message: 'not valid JSON',
                file,
                ...placeOf(text, from + parsed.offset),
                found: snippet(text, from + parsed.offset),
            };
        }
        else if ('jobs' in parsed.value || 'client_stats' in parsed.value) {
            found = parsed.value;
            failure = null;
            count++;
        }
        else {
            failure ??= {
                code: 'INPUT_INVALID',
                message: "JSON, but not fio's",
                file,
                ...placeOf(text, from),
                expected: 'the key "jobs" or "client_stats"',
            };
        }
        from = findStart(text, end);
    }
    if (found === null)
        throw new PutmodelError(failure ?? nothingFound(text, file));
    if (failure !== null)
        warnings.push({ ...failure, message: `${failure.message}; the complete document before it is used` });
    if (count > 1) {
        warnings.push({
            code: 'INPUT_UNSUPPORTED',
            message: `${String(count)} documents in one file (--status-interval); the last one counts`,
            file,
        });
    }
    return found;
}
function nothingFound(text, file) {
    const said = text.split(/\r?\n/).find((line) => line.trim() !== '');
    if (said === undefined)
        return { code: 'INPUT_SYNTAX', message: 'the file is empty', file, expected: 'the output of fio --output-format=json' };
    return {
        code: 'INPUT_UNSUPPORTED',
        message: 'fio failed: there is no JSON in its output',
        file,
        found: JSON.stringify(said.trim().slice(0, 120)),
        expected: 'the output of fio --output-format=json',
    };
}
/** Where an object begins: a brace followed by a key or by its end. A brace in a banner has neither. */
function findStart(text, from) {
    const pattern = /\{\s*["}]/g;
    pattern.lastIndex = from;
    return pattern.exec(text)?.index ?? -1;
}
/** The index after the brace that closes the one at `from`; -1 when the text ends first. */
function findEnd(text, from) {
    let depth = 0;
    let inString = false;
    for (let i = from; i < text.length; i++) {
        const char = text.charCodeAt(i);
        if (inString) {
            if (char === 0x5c)
                i++;
            else if (char === 0x22)
                inString = false;
        }
        else if (char === 0x22)
            inString = true;
        else if (char === 0x7b)
            depth++;
        else if (char === 0x7d && --depth === 0)
            return i + 1;
    }
    return -1;
}
/** Some versions print a division by zero as nan or inf, which JSON does not know; they are read as "not printed". */
function parseObject(text) {
    const clean = text.replace(/(:\s*)[-+]?(?:nan|inf(?:inity)?)\b/gi, '$1null');
    try {
        const value = JSON.parse(clean);
        return isRecord(value) ? { ok: true, value } : { ok: false, offset: 0 };
    }
    catch (error) {
        const position = error instanceof SyntaxError ? /position (\d+)/.exec(error.message)?.[1] : undefined;
        return { ok: false, offset: position === undefined ? 0 : Math.min(Number(position), text.length) };
    }
}
function placeOf(text, offset) {
    const before = text.slice(0, offset);
    return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
function snippet(text, offset) {
    return JSON.stringify(text.slice(offset, offset + 30));
}
/** Sections of a job that hold transfers; anything else of their shape belongs to a fio we do not know. */
const sections = ['read', 'write', 'trim', 'mixed'];
function readEntry(row, globalOptions, file, path, isClients) {
    const problems = [];
    const problem = (message, where = path) => {
        problems.push({ code: 'INPUT_UNSUPPORTED', message, file, path: where });
    };
    const name = typeof row['jobname'] === 'string' ? row['jobname'] : '';
    const error = finite(row['error']) ?? 0;
    if (error !== 0)
        problem(`job "${name}" failed with error ${String(error)}; its figures are not those of a whole run`);
    const foreign = Object.keys(row).filter((key) => !sections.some((section) => section === key) && looksLikeTransfer(row[key]));
    if (foreign.length > 0) {
        problem(`job "${name}" has sections fio does not have: ${foreign.map((key) => JSON.stringify(key)).join(', ')} (a modified fio); its figures can't be told apart`);
    }
    else if (!isRecord(row['mixed']) && !(isRecord(row['read']) && isRecord(row['write']))) {
        problem(`job "${name}" has neither "read" and "write" nor "mixed"`);
    }
    const own = isRecord(row['job options']) ? row['job options'] : undefined;
    const hasOptions = name !== 'All clients' && (own !== undefined || globalOptions !== undefined);
    const transfer = (section) => {
        const value = row[section];
        return isRecord(value) && foreign.length === 0 ? readTransfer(value, `${path}.${section}`, problem) : null;
    };
    return {
        name,
        host: isClients && typeof row['hostname'] === 'string' ? row['hostname'] : null,
        group: finite(row['groupid']) ?? 0,
        error,
        options: hasOptions ? readFioOptions({ ...globalOptions, ...own }) : null,
        read: transfer('read'),
        write: transfer('write'),
        trim: transfer('trim'),
        mixed: transfer('mixed'),
        problems,
    };
}
function looksLikeTransfer(value) {
    return isRecord(value) && 'io_bytes' in value && 'bw' in value;
}
function readTransfer(section, path, problem) {
    const isMicros = !('slat_ns' in section || 'clat_ns' in section || 'lat_ns' in section || 'io_kbytes' in section);
    const number = (key) => {
        const value = section[key];
        if (value === undefined || value === null)
            return 0;
        const known = finite(value);
        if (known !== null && known >= 0)
            return known;
        problem(`a number was expected, found ${JSON.stringify(value)}`, `${path}.${key}`);
        return 0;
    };
    if (!('bw' in section) && !('bw_bytes' in section))
        problem('there is no bandwidth', path);
    const runtimeSec = number('runtime') / 1000;
    const opsPerSec = number('iops');
    const latency = (key) => {
        const value = section[isMicros ? key : `${key}_ns`];
        return isRecord(value) ? readLatency(value, isMicros ? 1 : 1000) : null;
    };
    return {
        bytes: number('io_bytes') * (isMicros ? 1024 : 1),
        bytesPerSec: 'bw_bytes' in section ? number('bw_bytes') : number('bw') * 1024,
        opsPerSec,
        requests: 'total_ios' in section ? number('total_ios') : Math.round(opsPerSec * runtimeSec),
        runtimeSec,
        slat: latency('slat'),
        clat: latency('clat'),
        lat: latency('lat'),
    };
}
/** null when nothing was timed: fio then prints zeros (3.x with N 0; 2.x with zero mean and maximum). */
function readLatency(value, unitsPerMicro) {
    const micros = (key) => (finite(value[key]) ?? 0) / unitsPerMicro;
    if (value['N'] === 0 || (micros('max') === 0 && micros('mean') === 0))
        return null;
    const percentiles = [];
    if (isRecord(value['percentile'])) {
        for (const [key, found] of Object.entries(value['percentile'])) {
            const percent = Number(key);
            const units = finite(found);
            // 2.1.4 pads the list with "0.00": 0.
            if (percent > 0 && percent <= 100 && units !== null)
                percentiles.push({ percent, micros: units / unitsPerMicro });
        }
        percentiles.sort((a, b) => a.percent - b.percent);
    }
    return { minMicros: micros('min'), maxMicros: micros('max'), meanMicros: micros('mean'), stddevMicros: micros('stddev'), percentiles };
}
//# sourceMappingURL=json.js.map