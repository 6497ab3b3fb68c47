import type fc from 'fast-check';

/** In the order in which they run. What stands before the dot is the group that `--only` takes. */
export const targetNames = ['frames.server', 'frames.client', 'frames.gateway', 'http', 'jwt', 'config.load', 'config.command', 'database'] as const;
export type TargetName = (typeof targetNames)[number];

/** What is attacked, ready to be attacked. */
export interface OpenTarget<Input> {
  readonly inputs: fc.Arbitrary<Input>;
  /** Before each batch: whatever attacks wear out is made new. */
  renew?(): Promise<void>;
  /**
   * One input. It must mean the same after other inputs as alone, so that what is found can be found again.
   *
   * @returns what the answers were called, for the table
   * @throws anything: it is a finding
   */
  attack(input: Input): Promise<readonly string[]> | readonly string[];
  /** After each batch: whether everything still stands. @throws Finding */
  settle?(): Promise<void>;
  /** The input as a person can read it, and as a test can hold it. */
  show(input: Input): string;
  close?(): Promise<void>;
}

export interface Target<Input> {
  readonly name: TargetName;
  /** Inputs between two renewals. */
  readonly batch: number;
  open(): Promise<OpenTarget<Input>>;
}
