/** What the main thread and the database threads say to each other. */
import type { RefusalData } from '../command.js';
import type { BatchEntry, BatchOutcome } from '../group-commit.js';
import type { Durability } from './open.js';

export interface WorkerOptions {
  readonly path: string;
  readonly migrations: string;
  readonly durability: Durability;
  readonly role: 'writer' | 'reader';
}

/**
 * Batches cross as JSON: to copy many small objects field by field costs more than twice as much. They hold nothing that
 * JSON does not.
 */
export const batchText = { write: (batch: readonly BatchEntry[]): string => JSON.stringify(batch), read: (text: string) => JSON.parse(text) as readonly BatchEntry[] };
export const outcomesText = { write: (outcomes: readonly BatchOutcome[]): string => JSON.stringify(outcomes), read: (text: string) => JSON.parse(text) as readonly BatchOutcome[] };

export type Request =
  | { readonly id: number; readonly kind: 'batch'; readonly batch: string }
  | { readonly id: number; readonly kind: 'call'; readonly method: string; readonly args: readonly unknown[] }
  | { readonly id: number; readonly kind: 'close' };

export type Response =
  | { readonly id: 0; readonly kind: 'opened' }
  | { readonly id: 0; readonly kind: 'failed'; readonly message: string }
  | { readonly id: number; readonly kind: 'batch'; readonly outcomes: string; readonly healthy: boolean }
  | { readonly id: number; readonly kind: 'result'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'refused'; readonly refusal: RefusalData }
  | { readonly id: number; readonly kind: 'closed' };
