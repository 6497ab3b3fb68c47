/** A real server for a test: `talaria dev`, on a free port; and the example's own program. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

export interface Running {
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface DevServer extends Running {
  readonly url: string;
  readonly app_public_key: string;
  readonly app_key: string;
}

export interface Backend extends Running {
  readonly url: string;
}

/** Starts a program, and waits until it has written what it is waited for. */
async function start<T>(words: readonly string[], env: NodeJS.ProcessEnv, told: (out: string) => T | undefined): Promise<T & Running> {
  const child = spawn(process.execPath, words, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const found = await new Promise<T>((resolve, reject) => {
    let out = '';
    child.once('exit', (code) => reject(new Error(`${words[0] ?? ''} ended with ${code}: ${out}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const value = told(out);
      if (value !== undefined) resolve(value);
    });
  });
  return { ...found, stop: (signal) => stop(child, signal) };
}

export function startDevServer(): Promise<DevServer> {
  const manifest = require.resolve('talaria/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { talaria: string } };
  const words = [join(dirname(manifest), bin.talaria), 'dev', '-o', 'json', '--port', '0', '--log-level', 'warn'];
  return start(words, {}, (out) => (out.trimEnd().endsWith('\n}') ? JSON.parse(out) as Omit<DevServer, 'stop'> : undefined));
}

/** Builds the example, as `npm start` does. @returns its program */
export function build(): string {
  const example = fileURLToPath(new URL('..', import.meta.url));
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-b'], { cwd: example, stdio: 'inherit' });
  return join(example, 'dist/main.js');
}

/** @param store the file of the bot's cursor and outbox */
export function startBackend(main: string, server: DevServer, store: string): Promise<Backend> {
  const env = { TALARIA_URL: server.url, TALARIA_APP: server.app_public_key, TALARIA_KEY: server.app_key };
  return start([main, '--port', '0', '--token-life', '10', '--store', store], env, (out) => {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(out)?.[0];
    return url === undefined ? undefined : { url };
  });
}

function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
