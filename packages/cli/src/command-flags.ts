import type { Command } from 'commander';

/** The flags of what makes a fact. */
export interface CommandFlags {
  readonly as?: string;
  readonly idempotencyKey?: string;
}

export function withCommand(command: Command): Command {
  return command
    .option('--as <user>', 'User on whose behalf it is done; else the app itself does it')
    .option('--idempotency-key <key>', 'Repeating it with the same key does it once');
}
