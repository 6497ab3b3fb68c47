/** What the tests of an example start: `talaria dev`, and the example's own program. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Running {
  /** @param signal default SIGTERM */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** A server with an app in it, which forgets everything when it ends. */
export interface DevServer extends Running {
  readonly url: string;
  readonly app_public_key: string;
  readonly app_key: string;
}

/**
 * `talaria dev`, on a free port.
 *
 * @param from the URL of a module whose package depends on `talaria`
 * @throws Error with what it has said when it does not start
 */
export function startDevServer(from: string): Promise<DevServer> {
  const manifest = createRequire(from).resolve('talaria/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { talaria: string } };
  const words = [join(dirname(manifest), bin.talaria), 'dev', '-o', 'json', '--port', '0', '--log-level', 'warn'];
  return startProgram(words, (out) => (out.trimEnd().endsWith('\n}') ? JSON.parse(out) as Omit<DevServer, 'stop'> : undefined));
}

/** Builds an example, as its `npm start` does. @param from the URL of a module in its tests @returns its folder */
export function buildExample(from: string): string {
  const example = fileURLToPath(new URL('..', from));
  execFileSync(process.execPath, [createRequire(from).resolve('typescript/bin/tsc'), '-b'], { cwd: example, stdio: 'inherit' });
  return example;
}

/**
 * Starts a program of Node's, and waits until it has written what it is waited for.
 *
 * @param told what its output says; undefined until it has said all of it
 * @param env beside the caller's variables
 * @throws Error with its output when it ends before
 */
export async function startProgram<T>(words: readonly string[], told: (out: string) => T | undefined, env: NodeJS.ProcessEnv = {}): Promise<T & Running> {
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
  return { ...found, stop: (signal) => stopProgram(child, signal) };
}

/** Resolves when it has ended. */
export function stopProgram(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}
