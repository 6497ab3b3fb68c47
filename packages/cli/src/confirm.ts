import type { Command } from 'commander';
import type { Context } from './context.js';
import { CliError } from './errors.js';

export interface YesFlag {
  readonly yes?: true;
}

/** The flag of every command that destroys. */
export function withYes(command: Command): Command {
  return command.option('--yes', 'Do not ask');
}

/**
 * Makes sure that what destroys is meant: by `--yes`, or by asking on a terminal.
 *
 * @param what ends a question: "Delete the app a_… with everything it has"
 * @throws CliError not_confirmed where nobody can be asked, cancelled when the answer is no
 */
export async function confirm(context: Context, what: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!context.terminal.interactive || context.json)
    throw new CliError('not_confirmed', `${what}: this cannot be undone and was not confirmed.`);
  const answer = await context.terminal.ask(`${what}? This cannot be undone. Type yes to go on: `);
  if (answer.trim().toLowerCase() !== 'yes') throw new CliError('cancelled', 'Not confirmed.');
}
