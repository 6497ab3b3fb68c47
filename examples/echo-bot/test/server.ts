/** A real server for a test: `talaria dev`, on a free port. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

export interface DevServer {
  readonly url: string;
  readonly app_public_key: string;
  readonly app_key: string;
  stop(): Promise<void>;
}

export async function startDevServer(): Promise<DevServer> {
  const manifest = require.resolve('talaria/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { talaria: string } };
  const child = spawn(process.execPath, [join(dirname(manifest), bin.talaria), 'dev', '-o', 'json', '--port', '0', '--log-level', 'warn'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const told = await new Promise<Omit<DevServer, 'stop'>>((resolve, reject) => {
    let out = '';
    child.once('exit', (code) => reject(new Error(`talaria dev ended with ${code}: ${out}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.trimEnd().endsWith('\n}')) resolve(JSON.parse(out) as DevServer);
    });
  });
  return { ...told, stop: () => stop(child) };
}

/** Builds the example, as `npm start` does. @returns its program */
export function build(): string {
  const example = fileURLToPath(new URL('..', import.meta.url));
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-b'], { cwd: example, stdio: 'inherit' });
  return join(example, 'dist/main.js');
}

export function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
