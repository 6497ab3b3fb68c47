/** The command line tool: `talaria`. */
import { CommanderError } from 'commander';
import { asksForJson, type Context } from './context.js';
import { reportOf } from './errors.js';
import { createProgram } from './program.js';
import { commandReference } from './reference.js';
import { processTerminal } from './terminal.js';

/** Runs one command line and sets the exit code. Commands that serve or follow resolve when they were stopped. */
export async function main(words: readonly string[]): Promise<void> {
  const context: Context = { terminal: processTerminal(process.env), env: process.env, json: asksForJson(words) };
  let help = '';
  const program = createProgram(context, (text) => void (help += text));
  try {
    if (words.length === 0) program.outputHelp();
    else await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    process.exitCode = fail(context, error, help);
  }
  // Sockets that wait for their end must not keep a command that is done.
  process.exit();
}

function fail(context: Context, error: unknown, help: string): number {
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  const missing = error instanceof CommanderError && error.code === 'commander.help';
  const report = reportOf(missing ? new CommanderError(2, 'usage', 'A command is missing.') : error);
  const { terminal } = context;
  const { exit, ...shown } = report;
  if (context.json) terminal.err(`${JSON.stringify({ error: shown })}\n`);
  else if (missing) terminal.err(help);
  else
    terminal.err(
      `${terminal.styleErr('red', 'error:')} ${[report.message, report.remediation]
        .filter((part) => part !== '')
        .map(sentence)
        .join(' ')}\n`,
    );
  return exit;
}

function sentence(text: string): string {
  return /[.?!)]$/.test(text) ? text : `${text}.`;
}

/** `docs/reference/cli.md` */
export function cliReference(): string {
  return commandReference(createProgram({ terminal: processTerminal({}), env: {}, json: false }, () => undefined));
}
