/** Runs the built command line tool as a process of its own, as a user would. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/talaria.js', import.meta.url));

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  /** Another user, for the rights of files; only root can ask for it. */
  readonly uid?: number;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the tests of a file leave behind goes at its end, also when they fail. */
const root = mkdtempSync(join(tmpdir(), 'talaria-cli-'));
const alive = new Set<ChildProcessWithoutNullStreams>();
afterAll(async () => {
  await Promise.all(
    [...alive].map(
      (child) =>
        new Promise((resolve) => {
          child.once('close', resolve);
          child.kill('SIGKILL');
        }),
    ),
  );
  rmSync(root, { recursive: true, force: true });
});

/** A directory of its own for each caller. Its way is open to other users of the machine, as that of any data directory may be. */
export function tempDirectory(): string {
  chmodSync(root, 0o755);
  return mkdtempSync(join(root, 'd-'));
}

function launch(args: readonly string[], options: RunOptions): ChildProcessWithoutNullStreams {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: options.cwd ?? root,
    env: { PATH, HOME, COLUMNS: '80', ...options.env },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  alive.add(child);
  child.once('close', () => alive.delete(child));
  return child;
}

function collect(child: ChildProcessWithoutNullStreams): { readonly text: { out: string; err: string }; readonly ended: Promise<Ended> } {
  const text = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => void (text.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (text.err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, stdout: text.out, stderr: text.err })));
  return { text, ended };
}

/** Runs a command to its end. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = launch(args, options);
  child.stdin.end(options.input ?? '');
  return collect(child).ended;
}

/** The one line of an error, and that nothing went to standard output. */
export async function failing(
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ readonly code: number | null; readonly line: string; readonly stdout: string }> {
  const { code, stdout, stderr } = await run(args, options);
  const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{"level"'));
  return { code, stdout, line: lines.length === 1 ? lines[0]! : `not one line but ${lines.length}: ${stderr}` };
}

/** The data of a command that is expected to be done. */
export async function json<Data = Record<string, unknown>>(args: readonly string[], options: RunOptions = {}): Promise<Data> {
  const { code, stdout, stderr } = await run([...args, '-o', 'json'], options);
  if (code !== 0) throw new Error(`talaria ${args.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as Data;
}

export interface Running {
  readonly process: ChildProcessWithoutNullStreams;
  /** What it has printed so far. */
  readonly text: { readonly out: string; readonly err: string };
  readonly ended: Promise<Ended>;
  /** Resolves when standard output holds the text. */
  printed(text: string): Promise<void>;
  /** Resolves when standard error does. */
  logged(text: string): Promise<void>;
  /** SIGTERM, and what came of it. */
  stop(): Promise<Ended>;
}

/** Starts a command that goes on. */
export function launchRunning(args: readonly string[], options: RunOptions = {}): Running {
  const child = launch(args, options);
  const { text, ended } = collect(child);
  let over = false;
  void ended.then(() => void (over = true));
  const holds = async (stream: 'out' | 'err', wanted: string): Promise<void> => {
    while (!text[stream].includes(wanted)) {
      if (over) throw new Error(`talaria ${args.join(' ')} ended early: ${text.out}${text.err}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  return {
    process: child,
    text,
    ended,
    printed: (wanted) => holds('out', wanted),
    logged: (wanted) => holds('err', wanted),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

export interface Started extends Running {
  readonly url: string;
  readonly port: number;
  readonly data: string;
  readonly screen: Readonly<Record<string, unknown>>;
}

/** A server on a free port, as soon as it listens. */
export async function startServer(data: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Started> {
  const running = launchRunning(['start', '--data', data, '--port', '0', '-o', 'json', ...args], options);
  await running.printed('\n}\n');
  const screen = JSON.parse(running.text.out) as Record<string, unknown>;
  return { ...running, url: String(screen['url']), port: Number(screen['port']), data, screen };
}

/** Asks again, until it is as wanted. The test's own time ends it. */
export async function until<T>(ask: () => Promise<T>, wanted: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await ask();
    if (wanted(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
