import type { Terminal } from './terminal.js';

/** What every command gets. */
export interface Context {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `-o json`: data for programs. */
  readonly json: boolean;
}

/** Prints a command's data: as JSON, or as the text that `text` makes of it. */
export function print(context: Context, data: unknown, text: () => string): void {
  context.terminal.out(context.json ? `${JSON.stringify(data, null, 2)}\n` : text());
}

/** A sentence beside the data, for people only. */
export function note(context: Context, text: string): void {
  if (!context.json) context.terminal.err(`${text}\n`);
}

/** Whether the words of a command line ask for JSON. Read before they are parsed, so that a mistake among them is told as JSON, too. */
export function asksForJson(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  let form = 'text';
  for (const [at, word] of words.slice(0, end === -1 ? undefined : end).entries()) {
    if (word === '-o' || word === '--output') form = words[at + 1] ?? form;
    else if (word.startsWith('--output=')) form = word.slice('--output='.length);
    else if (/^-o./.test(word)) form = word.slice(2).replace(/^=/, '');
  }
  return form === 'json';
}
