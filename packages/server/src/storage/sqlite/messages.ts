/** What the main thread and the database threads say to each other. */
import type { RefusalData } from '../command.js';
import type { Durability } from './open.js';

export interface WorkerOptions {
  readonly path: string;
  readonly migrations: string;
  readonly durability: Durability;
  readonly role: 'writer' | 'reader';
}

export type Request =
  /** The first one. The thread has booted meanwhile. */
  | { readonly id: 0; readonly kind: 'open' }
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
