/** How commands are put together, so that all of them have the same help. */
import { Command, InvalidArgumentError } from 'commander';

/**
 * Adds a command.
 *
 * @param usage name and arguments: `create <name>`
 * @param examples what one would type, without `talaria`
 * @param options whether it is the one that its group stands for
 */
export function addCommand(parent: Command, usage: string, summary: string, examples: readonly string[], options: { readonly isDefault?: boolean } = {}): Command {
  return parent
    .command(usage, options)
    .summary(summary.replace(/\.$/, ''))
    .description(summary)
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  talaria ${example}\n`).join('')}`.trimEnd());
}

/** Adds a group of commands, such as `tenant`. */
export function addGroup(program: Command, name: string, summary: string): Command {
  return program.command(name).summary(summary.replace(/\.$/, '')).description(summary).helpCommand(false);
}

/** For flags that may be given several times. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

/** For flags that take a whole number. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(value) || value < min || value > max)
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };
}

/** For flags that take a JSON object. */
export function jsonObject(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('It must be a JSON object, such as \'{"colour":"blue"}\'.');
}

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
export type JsonObject = Record<string, Json>;

/** For flags that take `true` or `false`. */
export function trueOrFalse(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidArgumentError('It must be true or false.');
  return text === 'true';
}
