/** The points of one document. Runs that can't be placed or trusted become issues, one each, and no point. */
export function pointsOf(document) {
    const points = [];
    const issues = [...document.warnings];
    const unusable = (message) => {
        issues.push({ code: 'INPUT_UNSUPPORTED', message: `not used: ${message}`, file: document.file });
    };
    const hosts = new Set(document.entries.map((entry) => entry.host).filter((host) => host !== null));
    if (hosts.size > 1) {
        unusable(`${String(hosts.size)} clients (${[...hosts].join(', ')}) ran at once; an envelope is of one machine's device`);
        return { points, issues };
    }
    for (const group of groupsOf(document.entries)) {
        const problems = group.flatMap((entry) => entry.problems);
        const placed = problems.length > 0 ? null : placeOf(group, unusable);
        for (const problem of problems)
            issues.push({ ...problem, message: `not used: ${problem.message}` });
        if (placed === null)
            continue;
        const columns = columnsOf(group, placed.readPercent);
        if ((columns.get('totalBytesPerSec') ?? 0) <= 0) {
            unusable(`job "${group[0]?.name ?? ''}" moved no bytes`);
            continue;
        }
        points.push({ file: document.file, timestampSec: document.timestampSec, ...placed, columns });
    }
    const [point] = points;
    if (point !== undefined && points.length === 1) {
        const contradiction = contradictionOf(point);
        if (contradiction !== null)
            issues.push({ code: 'INPUT_INVALID', message: contradiction, file: document.file });
    }
    return { points, issues };
}
/** Entries that ran at the same time. fio starts a new group at each `stonewall` or `new_group`. */
function groupsOf(entries) {
    const groups = new Map();
    for (const entry of entries) {
        const group = groups.get(entry.group);
        if (group === undefined)
            groups.set(entry.group, [entry]);
        else
            group.push(entry);
    }
    return [...groups.values()];
}
/** The axes of a group, or null with the reason told. */
function placeOf(group, unusable) {
    const [first] = group;
    if (first === undefined)
        return null;
    const name = `job "${first.name}"`;
    const options = first.options;
    if (options === null) {
        unusable(`${name} does not say its options (fio 2.1 prints none), so it has no place on the axes`);
        return null;
    }
    if (group.some((entry) => !sameAxes(entry.options, options))) {
        unusable(`${name} ran at the same time as jobs with other options; their bandwidth can't be told apart`);
        return null;
    }
    const { pattern, readPercent, iodepth, numjobs, blockBytes } = options;
    const missing = [
        pattern === null || readPercent === null ? `rw=${options.echoed['rw'] ?? ''} is not a mix of reads and writes` : null,
        blockBytes === null ? `bs=${options.echoed['bs'] ?? options.echoed['bssplit'] ?? ''} is not one size in bytes` : null,
        iodepth === null ? `iodepth=${options.echoed['iodepth'] ?? ''} is not a whole number above 0` : null,
        numjobs === null ? `numjobs=${options.echoed['numjobs'] ?? ''} is not a whole number above 0` : null,
    ].filter((reason) => reason !== null);
    if (pattern === null || readPercent === null || blockBytes === null || iodepth === null || numjobs === null) {
        unusable(`${name}: ${missing.join('; ')}`);
        return null;
    }
    // One entry for all jobs (group_reporting, which a bare flag does not echo), or one for each.
    if (group.length !== 1 && group.length !== numjobs) {
        unusable(`${name} has ${String(group.length)} entries for numjobs=${String(numjobs)}: some are missing`);
        return null;
    }
    return { pattern, readPercent, iodepth, numjobs, bsKib: blockBytes / 1024 };
}
function sameAxes(a, b) {
    return (a !== null &&
        a.pattern === b.pattern &&
        a.readPercent === b.readPercent &&
        a.iodepth === b.iodepth &&
        a.numjobs === b.numjobs &&
        a.blockBytes === b.blockBytes);
}
function columnsOf(group, readPercent) {
    const columns = new Map();
    const mixed = transfersOf(group, 'mixed');
    const read = transfersOf(group, 'read');
    const write = transfersOf(group, 'write');
    if (read.length + write.length > 0) {
        // unified_rw_reporting=both prints `mixed` as well: the same bytes again.
        setRates(columns, 'read', read, 1);
        setRates(columns, 'write', write, 1);
        setLatencies(columns, 'read', read);
        setLatencies(columns, 'write', write);
    }
    else {
        // unified_rw_reporting=mixed: the directions are split as they were asked for; latencies are of both together.
        setRates(columns, 'read', mixed, readPercent / 100);
        setRates(columns, 'write', mixed, 1 - readPercent / 100);
        if (readPercent > 0)
            setLatencies(columns, 'read', mixed);
        if (readPercent < 100)
            setLatencies(columns, 'write', mixed);
    }
    for (const unit of ['BytesPerSec', 'OpsPerSec'])
        columns.set(`total${unit}`, (columns.get(`read${unit}`) ?? 0) + (columns.get(`write${unit}`) ?? 0));
    return columns;
}
function transfersOf(group, section) {
    return group.map((entry) => entry[section]).filter((transfer) => transfer !== null);
}
function setRates(columns, direction, transfers, part) {
    columns.set(`${direction}BytesPerSec`, part * transfers.reduce((sum, transfer) => sum + transfer.bytesPerSec, 0));
    columns.set(`${direction}OpsPerSec`, part * transfers.reduce((sum, transfer) => sum + transfer.opsPerSec, 0));
}
/** Several entries (one a job) are merged by their numbers of requests; percentiles of equal jobs too, which is an approximation. */
function setLatencies(columns, direction, transfers) {
    for (const kind of ['slat', 'clat', 'lat']) {
        const parts = [];
        for (const transfer of transfers) {
            const latency = transfer[kind];
            if (latency !== null)
                parts.push({ latency, weight: Math.max(1, transfer.requests) });
        }
        const [first] = parts;
        if (first === undefined)
            continue;
        const name = `${direction}${kind.charAt(0).toUpperCase()}${kind.slice(1)}Micros`;
        const total = parts.reduce((sum, { weight }) => sum + weight, 0);
        const mean = (read) => parts.length === 1 ? read(first.latency) : parts.reduce((sum, { latency, weight }) => sum + weight * read(latency), 0) / total;
        const meanMicros = mean((latency) => latency.meanMicros);
        columns.set(`${name}.min`, Math.min(...parts.map(({ latency }) => latency.minMicros)));
        columns.set(`${name}.max`, Math.max(...parts.map(({ latency }) => latency.maxMicros)));
        columns.set(`${name}.mean`, meanMicros);
        // Variance of a union: the parts' own, and that of their means.
        const variance = mean((latency) => latency.stddevMicros * latency.stddevMicros + (latency.meanMicros - meanMicros) * (latency.meanMicros - meanMicros));
        columns.set(`${name}.stddev`, parts.length === 1 ? first.latency.stddevMicros : Math.sqrt(variance));
        first.latency.percentiles.forEach(({ percent }) => {
            if (!parts.every(({ latency }) => percentileOf(latency, percent) !== undefined))
                return;
            columns.set(`${name}.p${String(percent)}`, mean((latency) => percentileOf(latency, percent) ?? 0));
        });
    }
}
function percentileOf(latency, percent) {
    return latency.percentiles.find((entry) => entry.percent === percent)?.micros;
}
/** What a file's name claims against its options, for the two naming schemes in use; null when they agree or the name claims nothing. */
function contradictionOf(point) {
    const name = point.file.slice(Math.max(point.file.lastIndexOf('/'), point.file.lastIndexOf('\\')) + 1);
    const claims = [];
    const grid = /^result_(\d+)_(\d+)_(\d+)_(\d+)\.json$/.exec(name);
    if (grid !== null) {
        claims.push(['rwmixread', Number(grid[1]), point.readPercent], ['iodepth', Number(grid[2]), point.iodepth]);
        claims.push(['numjobs', Number(grid[3]), point.numjobs], ['bs (KiB)', Number(grid[4]), point.bsKib]);
    }
    const fioPlot = /^(?:rand)?(read|write)-(\d+)-(\d+)\.json$/.exec(name);
    if (fioPlot !== null) {
        claims.push(['read percent', fioPlot[1] === 'read' ? 100 : 0, point.readPercent]);
        claims.push(['iodepth', Number(fioPlot[2]), point.iodepth], ['numjobs', Number(fioPlot[3]), point.numjobs]);
    }
    const wrong = claims.filter(([, claimed, actual]) => claimed !== actual);
    if (wrong.length === 0)
        return null;
    const list = wrong.map(([axis, claimed, actual]) => `${axis} ${String(claimed)}, its options ${String(actual)}`);
    return `the file name says ${list.join('; ')}: the options count`;
}
//# sourceMappingURL=points.js.map