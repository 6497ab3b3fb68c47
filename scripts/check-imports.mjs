// Checks what the linter cannot know: which package and which room may import which, and what src may not contain.
// Each finding is one line, `file:line rule message`. Usage: node scripts/check-imports.mjs [ROOT]
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCycles } from './lib/cycles.mjs';
import { listFiles, listFolders } from './lib/files.mjs';
import {
  COMPOSITION_ROOTS,
  CONSUMERS,
  DRIVERS,
  GENERATED,
  MAX_LINES,
  NATIVE_TRANSPORT,
  NATIVE_TRANSPORT_HOME,
  PACKAGE_ORDER,
  ROOMS,
  TRANSPORT_MAY_IMPORT,
} from './lib/layout.mjs';
import { readSource } from './lib/read-source.mjs';

const CODE = /\.[cm]?[jt]sx?$/;
const COUNTED = /\.(?:[cm]?[jt]sx?|sql|css|html)$/;
const SERVER = 'packages/server/src/';

/** All findings of a repository: `{ file, line, rule, message }`, in order of file and line. */
export function checkTree(root) {
  const findings = [];
  const packages = readPackages(root);
  for (const { folder } of packages) {
    if (!Object.hasOwn(PACKAGE_ORDER, folder)) {
      report(findings, `packages/${folder}/package.json`, 1, 'package-order', `${folder} has no place in the order of packages`);
    }
    checkPackage({ root, packages, findings }, folder);
  }
  for (const area of CONSUMERS) checkConsumers({ root, packages, findings }, area);
  return findings.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.rule.localeCompare(b.rule));
}

export const formatFinding = ({ file, line, rule, message }) => `${file}:${line} ${rule} ${message}`;

function report(findings, file, line, rule, message) {
  findings.push({ file, line, rule, message });
}

/** Our packages: folder, name, and the entry points they publish. */
function readPackages(root) {
  return listFolders(root, 'packages').flatMap((folder) => {
    const path = join(root, 'packages', folder, 'package.json');
    if (!existsSync(path)) return [];
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    return [{ folder, name: manifest.name, entries: entriesOf(manifest) }];
  });
}

function entriesOf({ exports, main }) {
  if (exports === undefined) return main === undefined ? [] : ['.'];
  const keys = typeof exports === 'string' ? [] : Object.keys(exports);
  // Without a key that starts with a dot, `exports` describes the main entry point alone.
  return keys.some((key) => key.startsWith('.')) ? keys : ['.'];
}

// ---- packages

function checkPackage(context, folder) {
  const { root, findings } = context;
  const graph = new Map();
  for (const file of listFiles(root, `packages/${folder}/src`, COUNTED)) {
    const text = readFileSync(join(root, file), 'utf8');
    if (!GENERATED.test(file)) checkLength(findings, file, text);
    if (!CODE.test(file)) continue;
    const source = readSource(text, file);
    if (!GENERATED.test(file)) checkConstructs(findings, file, source);
    checkNativeTransport(findings, file, source);
    if (folder === 'server') checkPlace(findings, file);
    graph.set(file, checkImports(context, folder, file, source.imports));
  }
  for (const cycle of findCycles(targetsOf(graph))) {
    const line = graph.get(cycle[0]).get(cycle[1] ?? cycle[0]);
    const path = [...cycle, cycle[0]].map((file) => file.replace(`packages/${folder}/src/`, ''));
    report(findings, cycle[0], line, 'cycle', path.join(' -> '));
  }
}

const targetsOf = (graph) => new Map([...graph].map(([file, targets]) => [file, new Set(targets.keys())]));

function checkLength(findings, file, text) {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  if (lines > MAX_LINES) report(findings, file, lines, 'file-length', `${lines} lines, at most ${MAX_LINES} allowed`);
}

function checkConstructs(findings, file, { exportStars, anys, ignores }) {
  for (const line of exportStars) report(findings, file, line, 'export-star', 'name what is exported');
  for (const line of anys) report(findings, file, line, 'any', 'use unknown or the real type');
  for (const line of ignores) report(findings, file, line, 'ts-ignore', 'the compiler is not to be silenced here');
}

function checkNativeTransport(findings, file, { literals }) {
  if (NATIVE_TRANSPORT_HOME.test(file)) return;
  for (const { text, line } of literals.filter((literal) => NATIVE_TRANSPORT.test(literal.text))) {
    report(findings, file, line, 'native-transport', `${text} belongs in transport/uws*.ts only`);
  }
}

/** Checks one file's imports; returns those that stay inside the package, as target file → line. */
function checkImports({ root, packages, findings }, folder, file, imports) {
  const inside = new Map();
  for (const { specifier, line } of imports) {
    const refuse = (rule, message) => report(findings, file, line, rule, message);
    if (specifier.startsWith('#')) refuse('deep-import', `${specifier}: import by relative path or package name`);
    else if (specifier.startsWith('.')) {
      const target = locate(root, file, specifier);
      if (!target.startsWith(`packages/${folder}/`)) refuse('deep-import', `${specifier} leaves the package`);
      else if (!target.startsWith(`packages/${folder}/src/`)) {
        // Data such as package.json stays where it is when src becomes dist; code does not.
        if (CODE.test(target)) refuse('deep-import', `${specifier} leaves src`);
      } else {
        if (!inside.has(target)) inside.set(target, line);
        if (folder === 'server') checkRooms(file, target, refuse);
      }
    } else checkPackageImport(packages, specifier, folder, refuse);
  }
  return inside;
}

function checkPackageImport(packages, specifier, folder, refuse) {
  const target = ownerOf(packages, specifier);
  if (!target) return;
  const allowed = PACKAGE_ORDER[folder] ?? [];
  if (target.folder === folder) refuse('package-order', `${folder} imports itself by name`);
  else if (!allowed.includes(target.folder)) refuse('package-order', `${folder} may not import ${target.folder}`);
  checkEntry(target, specifier, refuse);
}

const ownerOf = (packages, specifier) => packages.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`));

function checkEntry({ name, entries }, specifier, refuse) {
  const entry = `.${specifier.slice(name.length)}`;
  if (!entries.includes(entry)) refuse('deep-import', `${specifier} is not an entry point of ${name}`);
}

/** The file that a relative specifier means. TypeScript sources name the JavaScript that they become. */
function locate(root, file, specifier) {
  const plain = posix.join(posix.dirname(file), specifier);
  const bare = plain.replace(/\.[cm]?jsx?$/, '');
  const candidates = [plain, `${bare}.ts`, `${bare}.tsx`, `${bare}.mts`, `${bare}.cts`, `${bare}.d.ts`, `${plain}/index.ts`];
  return candidates.find((path) => CODE.test(path) && existsSync(join(root, path))) ?? plain.replace(/\.js(x?)$/, '.ts$1');
}

// ---- rooms of the server

const inServer = (file) => file.slice(SERVER.length);
const isRoot = (path) => COMPOSITION_ROOTS.includes(path);
const roomOf = (path) => path.split('/')[0];
const levelOf = (path) => ROOMS.findIndex((rooms) => rooms.includes(roomOf(path)));

function checkPlace(findings, file) {
  if (levelOf(inServer(file)) === -1) report(findings, file, 1, 'room', `${roomOf(inServer(file))} is not a room`);
}

function checkRooms(fromFile, toFile, refuse) {
  const from = inServer(fromFile);
  const to = inServer(toFile);
  if (isRoot(from) || levelOf(from) === -1) return;
  if (levelOf(to) === -1) return refuse('room', `${to} is in no room`);
  const driver = driverOf(to);
  if (driver !== undefined && driverOf(from) !== driver) {
    return refuse('driver', `${to} is a driver: only ${COMPOSITION_ROOTS.join(' and ')} may import it`);
  }
  if (roomOf(from) === roomOf(to)) return undefined;
  if (levelOf(to) <= levelOf(from)) return refuse('room', `${roomOf(from)} may not import ${to}: imports point down`);
  if (roomOf(from) === 'transport' && !TRANSPORT_MAY_IMPORT.test(to)) {
    return refuse('room', `transport may import gateway's port and runtime only, not ${to}`);
  }
  return undefined;
}

/** `storage/sqlite` for storage/sqlite/…, storage/sqlite.ts and storage/sqlite-….ts. */
const driverOf = (path) => DRIVERS.find((driver) => path.startsWith(driver) && /^[/.-]/.test(path.slice(driver.length)));

// ---- examples and demo

function checkConsumers({ root, packages, findings }, area) {
  const homes = existsSync(join(root, area, 'package.json')) ? [area] : listFolders(root, area).map((name) => `${area}/${name}`);
  for (const file of listFiles(root, area, CODE)) {
    const home = homes.find((path) => file.startsWith(`${path}/`)) ?? area;
    for (const { specifier, line } of readSource(readFileSync(join(root, file), 'utf8'), file).imports) {
      const refuse = (rule, message) => report(findings, file, line, rule, message);
      const target = ownerOf(packages, specifier);
      if (target) checkEntry(target, specifier, refuse);
      else if (specifier.startsWith('.') && !locate(root, file, specifier).startsWith(`${home}/`)) {
        refuse('deep-import', `${specifier} leaves ${home}`);
      }
    }
  }
}

function main(root) {
  const findings = checkTree(root);
  const lines = findings.map(formatFinding);
  process.stdout.write(lines.length > 0 ? `${lines.join('\n')}\n` : 'check-imports: nothing found\n');
  process.exitCode = findings.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url)));
