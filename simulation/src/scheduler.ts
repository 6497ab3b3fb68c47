/** Virtual time: everything that happens in a run happens in one order, which the seed decides. */
import type { Trace } from './trace.js';

export type Cancel = () => void;

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly name: string;
  run: (() => void) | undefined;
}

export class Scheduler {
  private readonly heap: Due[] = [];
  private orders = 0;
  private clockMs = 0;
  private steps = 0;

  /** @param quiet resolves when everything that the last step started without a timer has come to rest */
  constructor(private readonly trace: Trace, private readonly quiet: () => Promise<void>) {}

  /** Milliseconds since the run began. */
  get nowMs(): number {
    return this.clockMs;
  }

  /** How many things have happened. */
  get count(): number {
    return this.steps;
  }

  /** @param name what it is, for the trace */
  after(ms: number, name: string, run: () => void): Cancel {
    return this.at(this.clockMs + ms, name, run);
  }

  /**
   * Of what is due at one moment, what was asked for first comes first. Two that must keep their order name the moment itself: a
   * difference added to the clock again may fall a last digit short of it.
   */
  at(ms: number, name: string, run: () => void): Cancel {
    const due: Due = { atMs: Math.max(this.clockMs, ms), order: this.orders++, name, run };
    push(this.heap, due);
    return () => {
      due.run = undefined;
    };
  }

  sleep(ms: number, name: string): Promise<void> {
    return new Promise((resolve) => void this.after(ms, name, resolve));
  }

  /** Lets things happen until a condition holds. @returns whether it held within the time */
  async until(done: () => boolean, within_ms: number): Promise<boolean> {
    const untilMs = this.clockMs + within_ms;
    await this.quiet();
    while (!done()) {
      const due = this.heap[0];
      if (!due || due.atMs > untilMs) {
        this.clockMs = untilMs;
        return false;
      }
      pop(this.heap);
      if (due.run === undefined) continue;
      this.clockMs = due.atMs;
      this.steps += 1;
      this.trace.note(due.atMs, due.name);
      due.run();
      await this.quiet();
    }
    return true;
  }
}

const before = (a: Due, b: Due): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

function push(heap: Due[], due: Due): void {
  let at = heap.length;
  heap.push(due);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (before(heap[parent]!, due)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = due;
}

function pop(heap: Due[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
    if (before(last, heap[child]!)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
}
