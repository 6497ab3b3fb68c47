/** Whether a server is back to what it used before the faults, and how soon. */
import { until } from '@talaria/probe';
import { memoryBytes, openFiles } from '@talaria/probe/harness';

/** What the server uses while its clients are connected and do nothing. */
export interface Use {
  readonly memory_bytes: number;
  readonly open_files: number;
}

export interface Settled {
  readonly problems: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** Within this time after the last answer, */
export const SETTLE_WITHIN_MS = 30_000;
/** open files are back at their base but for so many, */
export const OPEN_FILES_MORE = 16;
/** and memory is, but for so much: a heap that has grown does not shrink at once. */
export const MEMORY_BYTES_MORE = 96 * 2 ** 20;

const MIB = 2 ** 20;

type Processes = readonly { readonly pid: number }[];

/** Of all nodes together. */
export function useOf(servers: Processes): Use {
  const sum = (of: (pid: number) => number): number => servers.reduce((total, { pid }) => total + of(pid), 0);
  return { memory_bytes: sum(memoryBytes), open_files: sum(openFiles) };
}

/** @param servers as they are now: not always the processes that `base` was of */
export async function settle(servers: Processes, base: Use): Promise<Settled> {
  const startedMs = performance.now();
  let now = useOf(servers);
  const near = (): boolean => now.open_files <= base.open_files + servers.length * OPEN_FILES_MORE && now.memory_bytes <= base.memory_bytes + servers.length * MEMORY_BYTES_MORE;
  const settled = await until(() => {
    now = useOf(servers);
    return near();
  }, SETTLE_WITHIN_MS);
  const found = `${now.open_files} open files of ${base.open_files}, ${mib(now.memory_bytes)} MiB of ${mib(base.memory_bytes)}`;
  return {
    problems: settled ? [] : [`the server is not back at its base after ${SETTLE_WITHIN_MS / 1_000} s: ${found}`],
    figures: {
      base_memory_mib: mib(base.memory_bytes), memory_mib: mib(now.memory_bytes), base_open_files: base.open_files, open_files: now.open_files,
      settled_ms: Math.round(performance.now() - startedMs),
    },
  };
}

const mib = (bytes: number): number => Math.round(bytes / MIB);
