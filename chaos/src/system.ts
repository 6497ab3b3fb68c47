/** What some faults need of the machine: tools, packages, mounts. */
import type { Scene } from '@talaria/probe/harness';
import { execFile, execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const INSTALL_MS = 180_000;
const PROGRAM_MS = 30_000;

/** Runs a program. @throws Error with the last of its own words */
export function run(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stderr = '', message } = error as Error & { readonly stderr?: string };
    throw new Error(`${program} ${args[0] ?? ''} failed: ${stderr.trim().split('\n').at(-1) || message}`, { cause: error });
  }
}

/** The same without waiting for it here. */
export async function runLater(program: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)(program, args, { timeout: PROGRAM_MS });
}

export const isRoot = (): boolean => process.getuid?.() === 0;

/** Whether a program is found. System directories count even where the path leaves them out. */
export function hasProgram(name: string): boolean {
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Installs a Debian package where that is allowed. @returns why it could not, or undefined */
export function install(debianPackage: string): string | undefined {
  if (!isRoot() || !hasProgram('apt-get')) return `needs the Debian package ${debianPackage}; install it, or run as root on Debian`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', debianPackage], { env, stdio: 'ignore', timeout: INSTALL_MS });
    return undefined;
  } catch {
    return `the Debian package ${debianPackage} could not be installed with apt-get`;
  }
}

/** Why file systems cannot be mounted here, or undefined. */
export function noMounts(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (!isRoot()) return 'needs root, to mount a file system';
  return hasProgram('mount') ? undefined : 'needs the program mount';
}

/** Mounts something in a new directory of the scene, until the scene is closed. @throws Error */
export function mount(scene: Scene, directory: string, args: readonly string[]): void {
  mkdirSync(directory);
  run('mount', [...args, directory]);
  scene.onRemove(() => unmount(directory));
}

/** Harmless where nothing is mounted. A file that is still open keeps nothing from it. */
export function unmount(directory: string): void {
  if (!existsSync(directory)) return;
  try {
    execFileSync('umount', ['--lazy', directory], { stdio: 'ignore' });
  } catch {
    // It was not mounted any more.
  }
}
