import { availableParallelism } from 'node:os';

/** So long a thread looks for the next message before it sleeps. */
const LOOK_MS = 0.3;
/** So many messages in a row must have come within that time. */
const STREAK = 8;

/**
 * To wake a thread that sleeps can cost as much as a commit to a fast disk. While messages follow each other closely, a
 * thread therefore looks again for a moment before it sleeps. On a slow disk, under little traffic, or with one core it
 * never does.
 */
export class LookAgain {
  private streak = 0;
  private sinceMs = performance.now();

  constructor(private readonly cores = availableParallelism()) {}

  /** The wait for a message begins. @returns until when to look for it; undefined when that would not pay */
  begin(): number | undefined {
    this.sinceMs = performance.now();
    return this.streak >= STREAK && this.cores > 1 ? this.sinceMs + LOOK_MS : undefined;
  }

  /** A message has come. */
  came(): void {
    this.streak = performance.now() - this.sinceMs <= LOOK_MS ? this.streak + 1 : 0;
  }
}
