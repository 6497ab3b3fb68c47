/** What the process that attacks and the one that started it tell each other. */
import type { HuntResult } from './hunt.js';
import type { TargetName } from './target.js';

export interface Order {
  readonly target: TargetName;
  readonly inputs: number;
  readonly seed: number;
  readonly path: string | undefined;
  /** The file in which the process notes what it is doing. */
  readonly note: string;
}

export type Answer =
  | { readonly kind: 'progress'; readonly done: number }
  | { readonly kind: 'result'; readonly result: HuntResult };
