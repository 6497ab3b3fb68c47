/** Checks of what the program runs on: Node, native modules, the clock, open files. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import type { ServerModule } from '../serve.js';
import { longTime } from '../text/time.js';
import { fail, ok, warn, type Finding } from './finding.js';

const NODE_MIN = [20, 19] as const;
/** This program was written after that, so an earlier clock is wrong. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);
const AHEAD_MS = 300_000;
const FILES_MIN = 1_024;
const FILES_GOOD = 10_000;

export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return enough
    ? ok('node', `Node ${version}`)
    : fail('node', `Node ${version} is too old.`, `Install Node ${NODE_MIN.join('.')} or newer.`);
}

export function checkModules(module: ServerModule): readonly Finding[] {
  return module.nativeModules().map(({ name, problem }) => {
    if (problem === undefined) return ok(name, 'The native module loads.');
    if (name === 'uws')
      return warn(
        name,
        `uWebSockets.js does not load here (${problem}).`,
        'Nothing needs to be done: ws is used instead, which serves fewer connections.',
      );
    return fail(
      name,
      `The native module does not load (${problem}).`,
      'Run npm rebuild better-sqlite3, or npm ci with this version of Node.',
    );
  });
}

/** The clock informs and does not order; but tokens expire by it. */
export function checkClock(database: string, nowMs: number = Date.now()): Finding {
  if (nowMs < EARLIEST_MS)
    return fail('clock', `The clock says ${longTime(nowMs)}, which is in the past.`, 'Set the clock, and keep it right with NTP.');
  const writtenMs = existsSync(database) ? statSync(database).mtimeMs : 0;
  if (writtenMs > nowMs + AHEAD_MS)
    return warn(
      'clock',
      `The clock says ${longTime(nowMs)}, and the database was written at ${longTime(writtenMs)}.`,
      'Check the clock, and keep it right with NTP.',
    );
  return ok('clock', longTime(nowMs));
}

/** Every connection is an open file. */
export function checkFiles(limits: string | undefined = linuxLimits()): Finding {
  const found = /^Max open files\s+(\w+)/m.exec(limits ?? '')?.[1];
  if (found === undefined) return ok('files', 'The limit of open files is not known on this system.');
  if (found === 'unlimited') return ok('files', 'No limit of open files.');
  const count = Number(found);
  const fix = 'Raise it: ulimit -n 65536, or LimitNOFILE=65536 in the systemd unit.';
  if (count < FILES_MIN) return fail('files', `At most ${count} open files, and each connection is one.`, fix);
  return count < FILES_GOOD
    ? warn('files', `At most ${count} open files, and each connection is one.`, fix)
    : ok('files', `At most ${count} open files.`);
}

function linuxLimits(): string | undefined {
  return existsSync('/proc/self/limits') ? readFileSync('/proc/self/limits', 'utf8') : undefined;
}
