/** A program with several processes, of which every `fsync` and `fdatasync` fails for a while: strace answers them instead of the kernel. */
import { until } from '@talaria/probe';
import type { Scene } from '@talaria/probe/harness';
import { unpackedPackage } from '@talaria/services';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { familyOf } from './family.js';
import { hasProgram, isRoot } from './system.js';

const CALLS = 'fsync,fdatasync';
const ATTACH_MS = 10_000;

export interface TracedSyncs {
  /** From now on they succeed again. */
  end(): Promise<void>;
}

/** Gets the program. @returns why it cannot be had, or undefined */
export function noTraces(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (!isRoot()) return 'needs root, to trace Postgres';
  try {
    strace();
    return undefined;
  } catch {
    return 'needs the Debian package strace, and apt-get could not fetch it';
  }
}

/** All processes below one fail from now on, and those that they make. @throws Error when they cannot be traced */
export async function traceSyncs(scene: Scene, pid: number): Promise<TracedSyncs> {
  const { program, env } = strace();
  const family = familyOf(pid);
  const child = spawn(program, ['-q', '-f', '-e', `trace=${CALLS}`, '-e', `inject=${CALLS}:error=EIO`, '-o', '/dev/null', ...family.flatMap((one) => ['-p', String(one)])], { env, stdio: 'ignore' });
  scene.register(child);
  const ended = once(child, 'exit');
  const attached = await until(() => child.exitCode !== null || family.every((one) => isTraced(one)), ATTACH_MS);
  if (!attached || child.exitCode !== null) throw new Error(`the processes of ${pid} could not be traced`);
  return {
    async end() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** One that has ended meanwhile need not be. */
function isTraced(pid: number): boolean {
  try {
    return !/^TracerPid:\s+0$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

function strace(): { readonly program: string; readonly env: NodeJS.ProcessEnv } {
  if (hasProgram('strace')) return { program: 'strace', env: process.env };
  const folder = join(unpackedPackage('strace', ['libunwind8', 'liblzma5']), 'usr');
  const libraries = readdirSync(join(folder, 'lib')).map((name) => join(folder, 'lib', name)).filter((path) => existsSync(path));
  return { program: join(folder, 'bin/strace'), env: { ...process.env, LD_LIBRARY_PATH: libraries.join(':') } };
}
