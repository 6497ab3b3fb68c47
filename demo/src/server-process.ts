/** The server as a process of its own, through the `talaria` binary. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface ServerProcess {
  readonly url: string;
  readonly port: number;
  /** The installation's first admin key. */
  readonly adminKey: string;
  /** Ends it at once, as a crash would (SIGKILL). */
  kill(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;
const LAST_WORDS_CHARS = 2_000;

/** Starts a server on a data directory and a free port. Resolves when it listens. @param register is told of the process at once */
export async function startServer(directory: string, register: (child: ChildProcess) => void): Promise<ServerProcess> {
  const args = ['start', '-o', 'json', '--data', join(directory, 'data'), '--port', '0', '--log-level', 'warn'];
  // Its own directory and no settings of the caller's: a talaria.json or a variable must not change what is shown.
  const child = spawn(process.execPath, [binary(), ...args], { cwd: directory, env: ownEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  register(child);
  const { url, port, admin_key_file: keyFile } = await started(child);
  return {
    url, port, adminKey: readFileSync(keyFile, 'utf8').trim(),
    kill: () => new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    }),
  };
}

interface Started {
  readonly url: string;
  readonly port: number;
  readonly admin_key_file: string;
}

/** What `start -o json` prints once it listens. */
function started(child: ChildProcess): Promise<Started> {
  return new Promise((resolve, reject) => {
    let out = '';
    let words = '';
    const fail = (why: string): void => reject(new Error(`the server did not start: ${why}. ${words.trim()}`));
    const timer = setTimeout(() => fail(`no answer within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`it ended with ${code ?? signal}`));
    child.stderr?.on('data', (chunk: Buffer) => void (words = (words + chunk.toString()).slice(-LAST_WORDS_CHARS)));
    child.stdout?.on('data', (chunk: Buffer) => {
      out = (out + chunk.toString()).slice(-LAST_WORDS_CHARS);
      const told = parse(out);
      if (told === undefined) return;
      clearTimeout(timer);
      resolve(told);
    });
    child.once('exit', () => clearTimeout(timer));
  });
}

function parse(text: string): Started | undefined {
  try {
    return JSON.parse(text) as Started;
  } catch {
    return undefined;
  }
}

function binary(): string {
  const manifest = createRequire(import.meta.url).resolve('talaria/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { talaria: string } };
  return join(dirname(manifest), bin.talaria);
}

function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TALARIA_')));
}
