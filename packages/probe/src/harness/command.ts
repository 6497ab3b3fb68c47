/** What the commands of this repository have in common: help, one line for what is wrong, and the exit code. */

/** Wrong usage, in words. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Command {
  /** What `--help` prints. */
  readonly usage: string;
  /** Follows the line that says what is wrong with the words. */
  readonly hint: string;
  /** @returns the exit code @throws UsageError for wrong words */
  run(words: readonly string[]): Promise<number>;
}

const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Runs the command of this process. The exit code is set, and not forced: output to a pipe is still being written. */
export async function runCommand(command: Command): Promise<void> {
  process.exitCode = await exitCode(command, process.argv.slice(2));
}

/** What a run has started ends with it: whoever cleans up does so when the process exits. */
export function exitOnSignals(): void {
  for (const [signal, code] of Object.entries(SIGNAL_EXIT)) process.once(signal, () => process.exit(code));
}

async function exitCode({ usage, hint, run }: Command, words: readonly string[]): Promise<number> {
  if (words.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  try {
    return await run(words);
  } catch (error) {
    const wrong = error instanceof UsageError;
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}${wrong ? hint : ''}\n`);
    return wrong ? 2 : 1;
  }
}
