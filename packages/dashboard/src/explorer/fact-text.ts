/** A fact in a few words, for a list. */
import type { Fact } from '@talaria/protocol/types';

const TEXT_MAX = 140;

const word = (body: Fact['body'], name: string): string => {
  const value = body[name];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
};

/**
 * What its body says, in one line; what was erased says so.
 *
 * @param names of users, where they are known
 */
export function factText({ type, body, redacted }: Fact, names: ReadonlyMap<string, string> = new Map()): string {
  const user = (): string => names.get(word(body, 'user_id')) ?? word(body, 'user_id');
  if (redacted) return 'erased';
  switch (type) {
    case 'message.created':
    case 'message.updated': return cut(word(body, 'text')) || (body['poll'] === undefined ? 'no text' : 'a poll');
    case 'reaction.added':
    case 'reaction.removed': return word(body, 'reaction');
    case 'member.joined': return `${user()} as ${word(body, 'role')}`;
    case 'member.left': return `${user()}, ${word(body, 'cause')}`;
    case 'member.updated': return `${user()} is ${word(body, 'role')}`;
    case 'conversation.created':
    case 'conversation.updated': return [word(body, 'kind'), word(body, 'name')].filter((part) => part !== '').join(' ');
    default: return cut(Object.entries(body).map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(', '));
  }
}

/** By code points, and in one line. */
function cut(text: string): string {
  const points = [...text.replaceAll(/\s+/g, ' ').trim()];
  return points.length <= TEXT_MAX ? points.join('') : `${points.slice(0, TEXT_MAX).join('')}…`;
}

/** The users that a page of facts speaks of. */
export function usersIn(facts: readonly Fact[]): readonly (string | null)[] {
  return facts.flatMap(({ actor, body }) => [actor, word(body, 'user_id') || null]);
}
