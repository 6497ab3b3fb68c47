/** CPU time of a process with those that it has started: Postgres has one for each connection. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second, 100 wherever Node runs. */
const TICKS_PER_S = 100;

interface Stat {
  readonly parent: number;
  /** Its own, and that of its children that have ended. */
  readonly ticks: number;
}

/** CPU time so far, in microseconds, to the nearest 10 ms. */
export function treeCpuUs(root: number): number {
  const all = new Map(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    const stat = statOf(Number(name));
    return stat ? [[Number(name), stat] as const] : [];
  }));
  const ticksOf = (pid: number): number => {
    const children = [...all].filter(([, { parent }]) => parent === pid);
    return (all.get(pid)?.ticks ?? 0) + children.reduce((sum, [child]) => sum + ticksOf(child), 0);
  };
  return (ticksOf(root) / TICKS_PER_S) * 1e6;
}

/** @returns undefined when it has ended meanwhile */
function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in brackets, and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number);
    return { parent: fields[1]!, ticks: fields[11]! + fields[12]! + fields[13]! + fields[14]! };
  } catch {
    return undefined;
  }
}
