/** Commands that somebody may copy into a shell. */

export type Flags = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

const PLAIN = /^[\w@%+=:,./-]+$/;

/** One word of a POSIX shell, quoted where that is needed. */
export const word = (text: string): string => (PLAIN.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

/**
 * A call of the command line.
 *
 * @param command such as `tenant suspend`
 * @param flags by name without dashes: `true` is the name alone, `false` and undefined are left out, a list repeats the flag
 */
export function talaria(command: string, operands: readonly string[] = [], flags: Flags = {}): string {
  const given = Object.entries(flags).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    if (value === true) return [`--${name}`];
    return (Array.isArray(value) ? value as readonly string[] : [String(value)]).map((one) => `--${name} ${word(one)}`);
  });
  return ['talaria', command, ...operands.map(word), ...given].join(' ');
}

/** For an operation without a command of its own. */
export function talariaCall(id: string, input: Readonly<Record<string, unknown>>): string {
  return talaria('call', [id, JSON.stringify(input)]);
}
