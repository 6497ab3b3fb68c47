/** A real server for a test: `talaria dev`, on a free port; and the example's own. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

export interface Running {
  stop(): Promise<void>;
}

export interface DevServer extends Running {
  readonly url: string;
  readonly app_public_key: string;
  readonly app_key: string;
}

export interface PageServer extends Running {
  readonly url: string;
}

/** Starts a program, and waits until it has written what it is waited for. */
async function start<T>(words: readonly string[], told: (out: string) => T | undefined): Promise<T & Running> {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const found = await new Promise<T>((resolve, reject) => {
    let out = '';
    child.once('exit', (code) => reject(new Error(`${words[0] ?? ''} ended with ${code}: ${out}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const value = told(out);
      if (value !== undefined) resolve(value);
    });
  });
  return { ...found, stop: () => stop(child) };
}

export function startDevServer(): Promise<DevServer> {
  const manifest = require.resolve('talaria/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { talaria: string } };
  const words = [join(dirname(manifest), bin.talaria), 'dev', '-o', 'json', '--port', '0', '--log-level', 'warn'];
  return start(words, (out) => (out.trimEnd().endsWith('\n}') ? JSON.parse(out) as Omit<DevServer, 'stop'> : undefined));
}

/** Builds the example, as `npm start` does, and serves its page. */
export function startPageServer(server: DevServer): Promise<PageServer> {
  const example = fileURLToPath(new URL('..', import.meta.url));
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-b'], { cwd: example, stdio: 'inherit' });
  const words = [join(example, 'dist/main.js'), '--app', server.app_public_key, '--key', server.app_key, '--url', server.url, '--port', '0'];
  return start(words, (out) => {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(out)?.[0];
    return url === undefined ? undefined : { url };
  });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
