/**
 * What people drop on the page or paste into it, recognised by its content: db_bench command lines, OPTIONS files, LOGs, scenarios, fio's
 * results, envelopes, device and host files. Everything ends up in the document or among the devices and hosts that it may name.
 */
import { envelopeDevice } from '../device/device-file.js';
import type { DeviceModel } from '../device/device.js';
import { encodeEnvelope } from '../device/envelope-file.js';
import { buildEnvelope, type EnvelopeInput, type EnvelopePoint } from '../device/envelope.js';
import { pointsOf } from '../device/points.js';
import { parseFioJson } from '../fio/json.js';
import { formatIssue, PutmodelError, type Issue } from '../kernel/errors.js';
import { lsmScenarioFromDbBench } from '../lsm/front-end.js';
import { lsmScenarioFromDocument } from '../lsm/from-document.js';
import { decodeHost } from '../lsm/host-file.js';
import { collectLogPicture, documentOfPicture } from '../lsm/log-picture.js';
import { documentOfScenario, saidOptions } from '../lsm/to-document.js';
import { parseDbBench, splitCommandLine } from '../rocksdb/db-bench.js';
import { collectLogOptions } from '../rocksdb/log-options.js';
import { createLogReader, type LogEvent } from '../rocksdb/log.js';
import { optionsFileWarnings, optionsOfFamily, parseOptionsFile } from '../rocksdb/options-file.js';
import { defaultOptions, modelledSpecs, type LsmOptions } from '../rocksdb/options.js';
import { formatVersion, referenceVersion, type RocksdbVersion } from '../rocksdb/version.js';
import { checkDocument, readDocument } from '../scenario/document.js';
import { canonicalJson } from '../scenario/json.js';
import { kindOf } from '../scenario/kinds.js';
import { lsmKind, machineOf } from '../scenario/lsm-kind.js';
import { valueAt, withValue } from './edit-document.js';
import { fieldText } from './field-text.js';
import { inputsOf, readDevice, type MachineStore, type Stored } from './machine-store.js';
import type { DocumentData } from './share-link.js';
import type { ImportOutcome, TextFile } from './simulation-api.js';

/** Options of the rate limiter, of which an OPTIONS file tells nothing and a LOG only that there is one. */
const limiterKeys = modelledSpecs.flatMap(({ key, scope }) => (scope === 'limiter' ? [key] : []));

interface Reading {
  document: DocumentData;
  /** As `readFiles` has it. */
  readonly lsmDocument: DocumentData;
  readonly notes: string[];
  readonly issues: Issue[];
  readonly fio: { readonly points: EnvelopePoint[]; readonly inputs: EnvelopeInput[]; readonly names: string[] };
}

/**
 * The document after reading the files, in their order; fio's results together are one device. What cannot be read is told and changes nothing.
 * @param lsmDocument the LSM store that options and machines are for while `document` is of another kind
 */
export async function readFiles(
  document: DocumentData,
  files: readonly TextFile[],
  store: MachineStore,
  lsmDocument: DocumentData = { kind: lsmKind.name },
): Promise<ImportOutcome> {
  const reading: Reading = { document, lsmDocument, notes: [], issues: [], fio: { points: [], inputs: [], names: [] } };
  for (const file of files) await attempt(reading, () => readFile(file, reading, store));
  if (reading.fio.names.length > 0) await attempt(reading, () => buildDevice(reading, store));
  return { document: reading.document, notes: reading.notes, issues: reading.issues };
}

async function attempt(reading: Reading, work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PutmodelError)) throw error;
    reading.issues.push(...error.issues);
  }
}

function readFile(file: TextFile, reading: Reading, store: MachineStore): void | Promise<void> {
  const text = file.text.trim();
  if (text === '') throw new PutmodelError({ code: 'INPUT_SYNTAX', message: 'the text is empty', file: file.name });
  if (text.startsWith('{') || text.startsWith('fio:')) return readJson(file, reading, store);
  if (/^\s*\[(?:Version|DBOptions|CFOptions)/m.test(text)) {
    readOptions(file, reading);
    return;
  }
  if (/^\d{4}\/\d\d\/\d\d-\d\d:/m.test(text)) {
    readLog(file, reading);
    return;
  }
  if (/^\s*kind\s*:/m.test(text)) {
    readScenario(file, reading);
    return;
  }
  if (/(?:^|[\s/])db_bench(?:\s|$)/.test(text) || text.startsWith('-')) {
    readCommand(text, reading, store);
    return;
  }
  throw new PutmodelError({
    code: 'INPUT_SYNTAX',
    message: 'not recognised',
    file: file.name,
    expected: 'a db_bench command line, an OPTIONS file, a LOG, a scenario, fio results, an envelope_model.json or a host profile',
  });
}

// ---- commands and scenarios: the whole document ----

function readCommand(text: string, reading: Reading, store: MachineStore): void {
  const words = splitCommandLine(text);
  const program = words.findIndex((word) => /(?:^|\/)db_bench$/.test(word));
  const command = parseDbBench(program === -1 ? words : words.slice(program), {
    readOptionsFile: (path) => {
      throw new PutmodelError({
        code: 'INPUT_UNSUPPORTED',
        message: 'the page cannot read this file by its name: drop it after the command',
        path: '--options_file',
        found: JSON.stringify(path),
      });
    },
  });
  const machine = machineOf(inputsOf({ ...lsmKind, fileKeys: [], moduleKey: null }, asLsm(reading), store));
  const meant = lsmScenarioFromDbBench(command, machine);
  const said = documentOfScenario(meant);
  if (meant.stores.length > 1 || (meant.stores[0]?.families.length ?? 1) > 1) {
    reading.notes.push('the page has one database with one column family: all puts go there');
  } else if (canonicalJson(lsmScenarioFromDocument(said, machine, said.name ?? '').steps) !== canonicalJson(meant.steps)) {
    reading.notes.push('its benchmarks differ in more than one workload can say: all run with that of the first');
  }
  takeScenario({ ...said }, reading);
  reading.notes.unshift(`db_bench command: ${meant.steps.map(({ benchmark }) => benchmark).join(', ')}`);
  if (command.ignoredFlags.length > 0) reading.notes.push(`without effect on the model: ${command.ignoredFlags.join(', ')}`);
  reading.notes.push(...command.warnings.map(({ message }) => message));
}

function readScenario({ name, text }: TextFile, reading: Reading): void {
  const document = readDocument(text, name);
  const kind = kindOf(document);
  const said = checkDocument(document, kind.schema) as DocumentData;
  const named = valueAt(said, 'name') === undefined ? { ...said, name: name.replace(/\.\w+$/, '').replaceAll(/[^\w.-]/g, '-') } : said;
  takeScenario(named, reading, kind.machine);
  reading.notes.push(`scenario ${name}`);
}

/** The machine that was chosen stays unless the scenario names another or runs on none. */
function takeScenario(said: DocumentData, reading: Reading, machine: readonly ('device' | 'host')[] = lsmKind.machine): void {
  const before = asLsm(reading);
  const chosen = machine.flatMap((part) => {
    const name = before[part];
    return name === undefined ? [] : [[part, name] as const];
  });
  reading.document = { ...Object.fromEntries(chosen), ...(JSON.parse(JSON.stringify(said)) as DocumentData) };
}

/** Options and machines are an LSM store's: a document of another kind gives way to it. */
function asLsm({ document, lsmDocument }: Reading): DocumentData {
  const kind = valueAt(document, 'kind');
  return kind === undefined || kind === lsmKind.name ? document : lsmDocument;
}

// ---- OPTIONS and LOG: the options alone ----

function readOptions({ name, text }: TextFile, reading: Reading): void {
  const file = parseOptionsFile(text, name);
  const version = file.rocksdbVersion ?? referenceVersion;
  const family = file.families.some((one) => one.name === 'default') ? 'default' : (file.families[0]?.name ?? 'default');
  const limiter = limiterOf(asLsm(reading));
  takeOptions(optionsOfFamily(file, defaultOptions(version, { dbBench: false }), family), version, limiter, reading);
  reading.notes.push(`OPTIONS file of RocksDB ${formatVersion(version)}, column family ${family}`);
  if (limiter.text !== null) reading.notes.push(keptText(limiter.text));
  reading.notes.push(...optionsFileWarnings(file, family).map(({ message }) => message));
}

function readLog({ name, text }: TextFile, reading: Reading): void {
  const collector = collectLogOptions();
  const pictureCollector = collectLogPicture();
  const onEvent = (event: LogEvent): void => {
    collector.onEvent(event);
    pictureCollector.onEvent(event);
  };
  const reader = createLogReader({ onEvent, file: name });
  reader.push(text);
  reader.end();
  const found = collector.finish();
  const [first] = found.families;
  if (first === undefined) {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: 'this LOG has no options: it was rolled',
      file: name,
      expected: 'the first LOG after opening',
    });
  }
  const picture = pictureCollector.finish();
  const family = picture?.family ?? (found.families.includes('default') ? 'default' : first);
  const version = found.version ?? referenceVersion;
  const limiter = limiterOf(asLsm(reading));
  if (picture !== null) takeScenario({ name: 'from-log', ...documentOfPicture(picture) }, reading);
  takeOptions(found.optionsOf(family, version), version, found.hasRateLimiter ? limiter : noLimiter, reading);
  const told = picture === null ? 'options only: no flush with its size in it' : 'options, keys, load and the tree at its end';
  reading.notes.push(`LOG of RocksDB ${formatVersion(version)}, column family ${family}: ${told}`, ...(picture?.notes ?? []));
  if (found.unread.length > 0) reading.notes.push(`not read: ${found.unread.join(', ')}`);
  if (found.hasRateLimiter && limiter.text !== null) reading.notes.push(keptText(limiter.text));
  else if (limiter.text !== null) reading.notes.push(`the page's rate limiter, ${limiter.text}, is gone: the LOG says what there is`);
  else if (found.hasRateLimiter && picture === null)
    reading.notes.push('it has a rate limiter, whose rate a LOG does not tell: set rate_limiter_bytes_per_sec');
}

interface Limiter {
  readonly said: Readonly<Record<string, unknown>>;
  /** Its rate; null where none is said. */
  readonly text: string | null;
}

const noLimiter: Limiter = { said: {}, text: null };

function limiterOf(document: DocumentData): Limiter {
  const said = limiterKeys.flatMap((key): [string, unknown][] => {
    const value = valueAt(document, `lsm.${key}`);
    return value === undefined ? [] : [[key, value]];
  });
  const rate = valueAt(document, 'lsm.rate_limiter_bytes_per_sec');
  return { said: Object.fromEntries(said), text: rate === undefined || rate === 0 ? null : fieldText({ unit: 'bytesPerSec' }, rate) };
}

function keptText(rate: string): string {
  return `rate limiter kept from the page: ${rate}`;
}

/** The document's options are these, and of the rate limiter what `limiter` says. */
function takeOptions(options: LsmOptions, version: RocksdbVersion, limiter: Limiter, reading: Reading): void {
  const said: Record<string, unknown> = { ...saidOptions(options, version), ...limiter.said };
  const whole = withValue(asLsm(reading), 'rocksdb_version', formatVersion(version));
  reading.document = { ...withValue(whole, 'lsm', undefined), ...(Object.keys(said).length === 0 ? {} : { lsm: said }) };
}

// ---- JSON: fio's results, devices, hosts ----

const deviceSchemas: readonly string[] = ['putmodel/envelope/1', 'putmodel/device/1'];

async function readJson(file: TextFile, reading: Reading, store: MachineStore): Promise<void> {
  const schema = /"schema"\s*:\s*"(putmodel\/[\w-]+\/\d+)"/.exec(file.text.slice(0, 4096))?.[1];
  if (schema === undefined && /^\s*\{\s*"?kind"?\s*:/.test(file.text)) {
    readScenario(file, reading);
  } else if (schema === 'putmodel/host/1') {
    const model = decodeHost(file.text, file.name);
    const name = keep(store.hosts, file.name, { model, text: file.text });
    reading.document = withValue(asLsm(reading), 'host', name);
    reading.notes.push(`host ${model.name}`);
  } else if (schema !== undefined && !deviceSchemas.includes(schema)) {
    throw new PutmodelError({
      code: 'INPUT_INVALID',
      message: 'this is a result, not what one starts from',
      file: file.name,
      found: schema,
      expected: "the scenario.yaml that the page downloads, or 'putmodel report' for its directory",
    });
  } else if (schema === undefined) {
    const { points, issues } = pointsOf(parseFioJson(file.text, file.name));
    reading.fio.points.push(...points);
    reading.notes.push(...issues.map(formatIssue));
    reading.fio.names.push(file.name);
    const sha256 = await sha256Of(file.text);
    if (sha256 !== null) reading.fio.inputs.push({ file: file.name, sha256 });
  } else {
    addDevice(file.name, { model: readDevice(file.text, file.name, store.devices), text: file.text }, reading, store);
  }
}

function buildDevice(reading: Reading, store: MachineStore): void {
  const { points, inputs, names } = reading.fio;
  const [first = 'fio'] = names;
  const name = names.length === 1 ? first.replace(/\.json$/, '') : 'fio results';
  const built = buildEnvelope(points, { name, source: `fio results: ${names.join(', ')}`, inputs });
  reading.notes.push(...built.issues.map(formatIssue));
  const text = encodeEnvelope(built.model);
  addDevice('envelope_model.json', { model: envelopeDevice(built.model), text }, reading, store);
}

function addDevice(fileName: string, device: Stored<DeviceModel>, reading: Reading, store: MachineStore): void {
  const name = keep(store.devices, fileName, device);
  reading.document = withValue(asLsm(reading), 'device', name);
  reading.notes.push(`device ${device.model.name}`);
}

/** Keeps a file under its name, or under `name-2.json` where another has that: pinned runs and other tabs may be on it. Returns the name. */
function keep<T>(known: Map<string, Stored<T>>, fileName: string, stored: Stored<T>): string {
  let name = fileName;
  for (let copy = 2; known.has(name) && known.get(name)?.text !== stored.text; copy++)
    name = fileName.replace(/(?=\.\w+$)|$/, `-${String(copy)}`);
  known.set(name, stored);
  return name;
}

/** Hex, or null where the browser does not hash: a page from another machine without TLS. */
async function sha256Of(text: string): Promise<string | null> {
  const subtle = crypto.subtle as typeof crypto.subtle | undefined;
  if (subtle === undefined) return null;
  const hash = new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
