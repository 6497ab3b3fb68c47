/** Where published figures come from. */
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

const GIB = 2 ** 30;

/** This machine in words. */
export function machineText(): string {
  const all = cpus();
  const model = all[0]?.model.replaceAll(/\s+/g, ' ').trim() ?? 'unknown';
  return `${all.length} cores of ${model}, ${Math.round(totalmem() / GIB)} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

/** @param root of a checkout @throws Error when it is none */
export function headCommit(root: string): string {
  return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
}

/** As YYYY-MM-DD. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}
