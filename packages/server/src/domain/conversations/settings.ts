import { isRole, type CustomRoles } from '@talaria/protocol';
import type { OperationOutput } from '@talaria/protocol/operations';
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
  /** Who may join without being added or invited. Nobody when it is left out. */
  readonly join?: 'on_request' | 'open';
  readonly roles?: CustomRoles;
  /** There have been messages that disappear after they were read; some may still be unread. Never shown. */
  readonly read_timer_used?: boolean;
  /** Users who have blocked the other side of this direct conversation. Never shown. */
  readonly closed_by?: readonly string[];
}

const NONE: ConversationSettings = {};

/** Most conversations have chosen nothing, and are not parsed. */
export function settingsOf(conversation: Pick<ConversationRow, 'settings'>): ConversationSettings {
  return conversation.settings === '{}' ? NONE : parseStored(conversation.settings) as ConversationSettings;
}

/** Whether the role is one of Talaria's, or one that the conversation defines. */
export function hasRole(conversation: Pick<ConversationRow, 'settings'>, role: string): boolean {
  return isRole(role) || Object.hasOwn(settingsOf(conversation).roles ?? {}, role);
}

/** As operations and facts show them: all of them, but what is nobody's business. */
export function settingsView(settings: ConversationSettings): OperationOutput<'conversations.get'>['settings'] {
  return {
    frozen: settings.frozen ?? false, slow_mode_s: settings.slow_mode_s ?? 0, approval: settings.approval ?? null, message_timer: settings.message_timer ?? null,
    one_reaction: settings.one_reaction ?? false, join: settings.join ?? 'invited', roles: (settings.roles ?? {}) as OperationOutput<'conversations.get'>['settings']['roles'],
  };
}
