/** What goes to those who listen at this moment: not stored, not ordered, lost if nobody does. */
import { limits, may, ProtocolError } from '@talaria/protocol';
import type { Bus } from '../../bus/port.js';
import { parseStored } from '../../storage/stored-json.js';
import type { ConversationRecord } from '../../storage/port.js';
import type { UserRow } from '../../storage/rows.js';
import { settingsOf } from '../conversations/settings.js';
import { userSettingsOf } from '../users/settings.js';

/** The one type that Talaria itself knows. */
export const TYPING = 'typing';
/** When the sender does not say. */
const TYPING_LIFETIME_MS = 6_000;

/** Whether somebody's signals go to a conversation: `blocked` where one of the two sides of a direct one has blocked the other. */
export type Standing = 'allowed' | 'forbidden' | 'blocked';

/** @param record the conversation as the user sees it; null when they do not */
export function standingIn(record: ConversationRecord | null, userId: string): Standing {
  if (!record?.member) return 'forbidden';
  const { roles, closed_by } = settingsOf(record.conversation);
  if (!may({ kind: 'user', userId }, 'signal.send', record.member, { kind: record.conversation.kind, roles })) return 'forbidden';
  return closed_by ? 'blocked' : 'allowed';
}

/** @param forbidden what to say where the user's role does not allow it. @throws ProtocolError blocked, or what `forbidden` makes */
export function requireStanding(standing: Standing, forbidden: () => ProtocolError): void {
  switch (standing) {
    case 'allowed': return;
    case 'forbidden': throw forbidden();
    case 'blocked': throw new ProtocolError('blocked');
  }
}

/** Tells all nodes. @param sender null for nobody: a backend that does not say for whom. @param wantedMs how long it shall hold; 0 when the sender does not say */
export function publishSignal(bus: Pick<Bus, 'publish'>, app: string, sender: string | null, signal: { readonly stream: string; readonly type: string; readonly json: string; readonly wantedMs: number }): void {
  const { stream, type, json, wantedMs } = signal;
  bus.publish({ kind: 'signal', app, stream, user: sender ?? '', type, json, lifetimeMs: lifetimeOf(type, wantedMs) });
}

/** Whether others are shown that the user is typing. */
export function sharesTyping(user: Pick<UserRow, 'settings'> | null): boolean {
  return user !== null && userSettingsOf(user).typing !== false;
}

/** What a fact of the user's own stream says of it; undefined when it says nothing. */
export function sharesTypingBy(fact: { readonly type: string; readonly payload: string }): boolean | undefined {
  return fact.type === 'privacy.set' ? (parseStored(fact.payload) as { typing: boolean }).typing : undefined;
}

/** @throws ProtocolError invalid_argument */
export function checkSignalType(type: string): void {
  if (type === '' || [...type].length > limits.signal_type_chars_max) {
    throw new ProtocolError('invalid_argument', `type must have 1 to ${limits.signal_type_chars_max} characters.`, { field: 'type' });
  }
}

/** How long a signal holds. */
function lifetimeOf(type: string, wantedMs: number): number {
  return type === TYPING ? Math.min(wantedMs || TYPING_LIFETIME_MS, limits.typing_lifetime_ms_max) : Math.min(wantedMs || limits.signal_lifetime_ms_max, limits.signal_lifetime_ms_max);
}

export const notInConversation = (): ProtocolError => new ProtocolError('forbidden', 'Signals go to conversations that this connection follows, of whoever may send them there.');
/** The same for a user who does not exist, of whom one shares no conversation, and with whom there is a block: it shows nothing. */
export const notReachable = (): ProtocolError => new ProtocolError('not_found', 'There is no such user, or you cannot reach them directly.');
