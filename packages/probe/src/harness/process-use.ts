/** What a process uses, read from outside of it. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second: what the kernel counts CPU time in, 100 wherever Node runs. */
const TICKS_PER_S = 100;

/** CPU time of all threads so far, in microseconds, to the nearest 10 ms. */
export function cpuUs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is a name in brackets, and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_S) * 1e6;
}

/** Memory that is the process's own or its share, in bytes. */
export function memoryBytes(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? Number.NaN) * 1_024;
}

/** Files, sockets and pipes that the process has open. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}
