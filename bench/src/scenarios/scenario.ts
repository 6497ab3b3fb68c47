import type { Figure } from '../result.js';

export interface RunOptions {
  readonly quick: boolean;
  /** Says what is being done. */
  readonly progress: (text: string) => void;
}

export interface Scenario {
  readonly name: string;
  run(options: RunOptions): Promise<readonly Figure[]>;
}
