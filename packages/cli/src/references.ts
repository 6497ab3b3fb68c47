import { isId } from '@talaria/protocol';

/** A user as people name them: Talaria's id, `ext:` and the customer's own id, or that id alone. */
export function userRef(text: string): string {
  return isId('user', text) || text.startsWith('ext:') ? text : `ext:${text}`;
}
