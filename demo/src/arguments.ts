import { UsageError } from '@talaria/probe/harness';
import { fileURLToPath } from 'node:url';

/** How the demo is used. */
export const USAGE = 'usage: npm run demo -- [--input FILE] [--keep DIR] [--json FILE]';

export interface DemoOptions {
  /** The text that is sent. */
  readonly input: string;
  /** Where the histories stay; in a temporary directory when undefined. */
  readonly keep: string | undefined;
  readonly json: string | undefined;
}

const LICENSE = fileURLToPath(new URL('../../LICENSE', import.meta.url));
const FLAGS = ['--input', '--keep', '--json'] as const;
type Flag = (typeof FLAGS)[number];

/** @throws UsageError */
export function parseArguments(words: readonly string[]): DemoOptions {
  const given = new Map<Flag, string>();
  for (let at = 0; at < words.length; at += 1) {
    const [name = '', ...rest] = (words[at] ?? '').split('=');
    const flag = FLAGS.find((known) => known === name);
    if (flag === undefined) throw new UsageError(`${name.startsWith('-') ? 'unknown flag' : 'unexpected word'} ${name}`);
    const value = rest.length > 0 ? rest.join('=') : words[(at += 1)] ?? '';
    if (value === '' || value.startsWith('--')) throw new UsageError(`${flag} needs a value`);
    given.set(flag, value);
  }
  return { input: given.get('--input') ?? LICENSE, keep: given.get('--keep'), json: given.get('--json') };
}
