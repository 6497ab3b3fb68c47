/** The server that the story plays on: one that the environment names, or one of its own, and the command line for it. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const require = createRequire(import.meta.url);

export interface Server {
  readonly url: string;
  /** A key of the installation, `tk_…`. */
  readonly adminKey: string;
  stop(): Promise<void>;
}

/** Runs `talaria` with `-o json`. @returns what it prints, parsed. @throws Error with what it says went wrong */
export type Cli = (words: readonly string[], key?: string) => Promise<unknown>;

/** Where the command is: `npx talaria` finds the same. */
function program(): string {
  const manifest = require.resolve('talaria/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { talaria: string } };
  return join(dirname(manifest), bin.talaria);
}

export function commandLine({ url, adminKey }: Pick<Server, 'url' | 'adminKey'>): Cli {
  return async (words, key = adminKey) => {
    const { stdout } = await promisify(execFile)(process.execPath, [program(), ...words, '-o', 'json'], { env: { ...process.env, TALARIA_URL: url, TALARIA_KEY: key } });
    return JSON.parse(stdout) as unknown;
  };
}

/** @throws Error when the environment names a server and no key, or when the server does not start */
export async function findOrStartServer(env: NodeJS.ProcessEnv): Promise<Server> {
  const { TALARIA_URL: url, TALARIA_KEY: adminKey } = env;
  if (!url) return startServer();
  if (!adminKey) throw new Error('TALARIA_URL needs TALARIA_KEY beside it: an admin key, such as the file admin-key of the data directory holds');
  return { url, adminKey, stop: () => Promise.resolve() };
}

async function startServer(): Promise<Server> {
  const data = mkdtempSync(join(tmpdir(), 'talaria-walkthrough-'));
  // What is thrown away need not survive power loss.
  const settings = ['--data', data, '--port', '0', '--durability', 'relaxed', '--drain-ms', '0', '--log-level', 'error'];
  const child = spawn(process.execPath, [program(), 'start', ...settings, '-o', 'json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => {
    child.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  const told = await new Promise<{ readonly url: string; readonly admin_key_file: string }>((resolve, reject) => {
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.trimEnd().endsWith('\n}')) resolve(JSON.parse(out) as { url: string; admin_key_file: string });
    });
    void ended.then((code) => reject(new Error(`talaria start ended with ${code}`)));
  });
  return {
    url: told.url, adminKey: readFileSync(told.admin_key_file, 'utf8').trim(),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
