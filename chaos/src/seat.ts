/** What only one node of several has. */
export interface Seat {
  readonly env?: NodeJS.ProcessEnv;
  readonly flags?: readonly string[];
  /** A command that runs it in its own place. */
  readonly through?: readonly string[];
}
