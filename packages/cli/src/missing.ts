import { note, type Context } from './context.js';
import { counted } from './text/numbers.js';

/** Says for people which nodes did not answer. */
export function noteMissing(context: Context, { missing_nodes: missing }: { readonly missing_nodes: readonly string[] }): void {
  if (missing.length > 0) note(context, `${counted(missing.length, 'node')} did not answer, and ${missing.length === 1 ? 'is' : 'are'} left out: ${missing.join(', ')}`);
}
