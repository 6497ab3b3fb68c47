/** Runs the process that attacks a target, and understands how it ends. */
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Found, HuntResult } from './hunt.js';
import type { Answer, Order } from './messages.js';

const HUNTER = fileURLToPath(new URL('./hunter.js', import.meta.url));
/** Several times what the largest target needs. */
const HEAP_MIB_MAX = 768;
/** A process that tells of no progress for this long hangs: no input waits for more than a minute. */
const SILENT_MS_MAX = 300_000;
const LAST_WORDS_CHARS = 4_000;

export interface HuntOrder extends Omit<Order, 'note'> {
  /** Told how many inputs are done. */
  readonly onProgress: (done: number) => void;
}

/** The program that attacks, and how much memory it may take. */
export interface Hunter {
  readonly program: string;
  readonly heap_mib_max: number;
}

/** Attacks a target in a process of its own. A process that dies or hangs is a finding. */
export async function huntInProcess(order: HuntOrder, hunter: Hunter = { program: HUNTER, heap_mib_max: HEAP_MIB_MAX }): Promise<HuntResult> {
  const directory = mkdtempSync(join(tmpdir(), 'talaria-fuzz-note-'));
  const startedMs = performance.now();
  const note = join(directory, 'note');
  // The servers that it attacks leave nothing behind, however it ends.
  const child = fork(hunter.program, [], { execArgv: ['--expose-gc', `--max-old-space-size=${hunter.heap_mib_max}`], stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: { ...process.env, TMPDIR: directory } });
  const end = (): void => {
    child.kill('SIGKILL');
    // What it was writing a moment ago may still appear.
    rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  process.once('exit', end);
  try {
    const { target, inputs, seed, path } = order;
    child.send({ target, inputs, seed, path, note } satisfies Order);
    const ended = await outcome(child, order.onProgress);
    if (typeof ended === 'object') return ended;
    return { target, inputs: 0, elapsed_ms: performance.now() - startedMs, codes: {}, heap_growth_bytes: undefined, found: foundAt(order, note, ended) };
  } finally {
    process.off('exit', end);
    end();
  }
}

/** @returns the result, or how the process ended without one */
function outcome(child: ChildProcess, onProgress: (done: number) => void): Promise<HuntResult | string> {
  return new Promise((resolve) => {
    let words = '';
    const hangs = (): void => {
      resolve(`the process hangs: nothing was done for ${SILENT_MS_MAX / 1_000} s`);
      child.kill('SIGKILL');
    };
    let timer = setTimeout(hangs, SILENT_MS_MAX);
    child.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-LAST_WORDS_CHARS);
    });
    child.on('message', (answer: Answer) => {
      clearTimeout(timer);
      timer = setTimeout(hangs, SILENT_MS_MAX);
      if (answer.kind === 'progress') onProgress(answer.done);
      else resolve(answer.result);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve(`the process ended with ${code ?? signal}:\n${words.trim()}`);
    });
  });
}

/** What it was doing, by its own note. It could not make the input smaller any more. */
function foundAt({ target, seed, path }: HuntOrder, note: string, message: string): Found {
  const [batch, at] = (existsSync(note) ? readFileSync(note, 'utf8') : '').trim().split(' ');
  const known = batch !== undefined && at !== undefined;
  return { target, message, seed: known ? Number(batch) : seed, path: path ?? (known ? at : undefined), input: 'the process died with it; replay it to see it again' };
}
