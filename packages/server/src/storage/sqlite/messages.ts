/** What the main thread and the database threads say to each other. */
import type { RefusalData } from '../command.js';
import type { Durability } from './open.js';

export interface WorkerOptions {
  readonly path: string;
  readonly migrations: string;
  readonly durability: Durability;
  /** One writes, one reads, and one keeps the search index. */
  readonly role: 'writer' | 'reader' | 'search';
}

export interface BatchRequest {
  readonly kind: 'batch';
  /** Among all batches of this server. */
  readonly number: number;
  readonly batch: string;
  /** The one that it was begun behind: it runs only if that one ran just before it, and refused nothing retryably. */
  readonly behind: number | undefined;
}

export type Request =
  /** The first one. The thread has booted meanwhile. */
  | { readonly id: 0; readonly kind: 'open' }
  | BatchRequest
  | { readonly id: number; readonly kind: 'call'; readonly method: string; readonly args: readonly unknown[] }
  | { readonly id: number; readonly kind: 'close' };

export type Response =
  | { readonly id: 0; readonly kind: 'opened' }
  | { readonly id: 0; readonly kind: 'failed'; readonly message: string }
  /** Of batches that waited together, in their order, by number: those that ran, with the outcomes of all their entries, and those that did not. */
  | { readonly kind: 'batches'; readonly ran: readonly number[]; readonly outcomes: string; readonly left: readonly number[]; readonly healthy: boolean }
  | { readonly id: number; readonly kind: 'result'; readonly value: unknown }
  | { readonly id: number; readonly kind: 'refused'; readonly refusal: RefusalData }
  | { readonly id: number; readonly kind: 'closed' };
