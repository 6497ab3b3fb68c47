import type { CustomRoles } from '@talaria/protocol';
import type { ConversationRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';

/** What a conversation has chosen beside name, data and history. Each is left out when it is not chosen. */
export interface ConversationSettings {
  /** Where its picture is. */
  readonly avatar_url?: string;
  /** Nobody writes but who may write without limits. */
  readonly frozen?: boolean;
  /** Seconds between two messages of a member. */
  readonly slow_mode_s?: number;
  /** Messages wait for approval, and are rejected when none comes in so many seconds. */
  readonly approval?: { readonly timeout_s: number };
  /** Messages disappear so long after they were sent, or first read by somebody else. */
  readonly message_timer?: { readonly after: 'sent' | 'read'; readonly seconds: number };
  /** A member has at most one reaction to a message. */
  readonly one_reaction?: boolean;
  readonly roles?: CustomRoles;
  /** Users who have blocked the other side of this direct conversation. Never shown. */
  readonly closed_by?: readonly string[];
}

const NONE: ConversationSettings = {};

/** Most conversations have chosen nothing, and are not parsed. */
export function settingsOf(conversation: Pick<ConversationRow, 'settings'>): ConversationSettings {
  return conversation.settings === '{}' ? NONE : parseStored(conversation.settings) as ConversationSettings;
}
