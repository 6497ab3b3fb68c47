/** A program with all the processes that it has made. */
import { readdirSync, readFileSync } from 'node:fs';
import { sleep } from './clock.js';

const STOP_MS = 5_000;

/** Every process below one, itself first. */
export function familyOf(pid: number): number[] {
  const family = [pid];
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => ({ pid: Number(name), ...statusOf(Number(name)) }));
  for (const parent of family) family.push(...all.filter((one) => one.parent === parent).map((one) => one.pid));
  return family;
}

/** Stops all of them (SIGSTOP), and resolves when none runs any more. @throws Error when one does not stop */
export async function freezeFamily(pid: number): Promise<void> {
  for (const endMs = performance.now() + STOP_MS; performance.now() < endMs; await sleep(10)) {
    // The first before the others: one that is stopped makes no more of them.
    for (const one of familyOf(pid)) send(one, 'SIGSTOP');
    if (familyOf(pid).every((one) => ['T', 'Z', ''].includes(statusOf(one).state))) return;
  }
  throw new Error(`process ${pid} was not stopped within ${STOP_MS} ms`);
}

/** Kills all of them, stopped ones too. */
export function killFamily(pid: number): void {
  for (const one of familyOf(pid)) send(one, 'SIGKILL');
}

export function isAlive(pid: number): boolean {
  return statusOf(pid).state !== '';
}

/** Its state is one letter, and empty where there is no such process. */
function statusOf(pid: number): { readonly state: string; readonly parent: number } {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a name in brackets, and may hold anything.
    const [state = '', parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return { state: '', parent: 0 };
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}
