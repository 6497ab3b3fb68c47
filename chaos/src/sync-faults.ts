/** A server whose every `fsync` and `fdatasync` fails for a while, as on a broken disk: libfiu. */
import type { Scene } from '@talaria/probe/harness';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasProgram, install, runLater } from './system.js';

const PRELOADS = ['/usr/lib/fiu/fiu_run_preload.so', '/usr/lib/fiu/fiu_posix_preload.so'];
const CALLS = ['posix/io/sync/fsync', 'posix/io/sync/fdatasync'];
/** EIO. */
const ERROR_NUMBER = 5;

export interface SyncFaults {
  /** For the process that is to fail. */
  readonly env: NodeJS.ProcessEnv;
  /** A process that is stopped takes the order when it goes on. */
  fail(pid: number): Promise<void>;
  succeed(pid: number): Promise<void>;
}

/** Gets what it needs. @returns why it cannot be had, or undefined */
export function noSyncFaults(): string | undefined {
  return isReady() ? undefined : install('fiu-utils') ?? (isReady() ? undefined : `the package fiu-utils has no ${PRELOADS[0]}`);
}

export function syncFaults(scene: Scene): SyncFaults {
  const folder = join(scene.directory, 'fiu');
  mkdirSync(folder, { recursive: true });
  const control = join(folder, 'control');
  const order = (commands: readonly string[], pid: number): Promise<void> => runLater('fiu-ctrl', ['-f', control, ...commands.flatMap((one) => ['-c', one]), String(pid)]);
  return {
    env: { LD_PRELOAD: PRELOADS.join(' '), FIU_CTRL_FIFO: control },
    fail: (pid) => order(CALLS.map((name) => `enable name=${name},failinfo=${ERROR_NUMBER}`), pid),
    succeed: (pid) => order(CALLS.map((name) => `disable name=${name}`), pid),
  };
}

const isReady = (): boolean => hasProgram('fiu-ctrl') && PRELOADS.every((file) => existsSync(file));
