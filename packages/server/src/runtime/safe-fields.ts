/** What keeps secrets out of the log: a net under the rule that nobody logs them. */
import type { LogFields } from './log.js';

const HIDDEN = '[hidden]';
const SECRET_NAME = /(?:secret|token|password|authori[sz]ation|cookie)$/i;

/** Fields whose name says that they are secret are hidden. @param taken names that a caller's must not shadow */
export function safeFields(fields: LogFields = {}, taken: ReadonlySet<string> = new Set()): Record<string, string | number | boolean | null | undefined> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      taken.has(name) ? `${name}_` : name,
      typeof value === 'string' && SECRET_NAME.test(name) ? HIDDEN : value,
    ]),
  );
}

/** Talaria's keys and tokens, and anything like a JWT, wherever they stand in the text. */
export function hideSecrets(text: string): string {
  return text
    .replaceAll(/\btk_([0-9a-z]{4})[0-9a-z]*_[0-9a-z]{16,}/gi, `tk_$1${HIDDEN}`)
    .replaceAll(/\bt([ar])_[\w-]{32,}/g, `t$1_${HIDDEN}`)
    .replaceAll(/\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?/g, HIDDEN);
}
