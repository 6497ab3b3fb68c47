import type { OperationOutput } from '@talaria/protocol/operations';
import type { UserRow } from '../../storage/rows.js';
import { parseStored } from '../../storage/stored-json.js';

/** What a user has chosen beside name and data. Each is left out when it is not chosen. */
export interface UserSettings {
  readonly avatar_url?: string;
  /** False: others are not told when the user was last there, nor whether they are now. */
  readonly last_seen?: false;
  /** False: others are not shown what the user has read (CNT3). */
  readonly receipts?: false;
  /** False: others are not shown that the user is typing. */
  readonly typing?: false;
  /** Messages of blocked users are not shown in groups (VIS2). */
  readonly hide_blocked?: true;
}

const NONE: UserSettings = {};

export function userSettingsOf(user: Pick<UserRow, 'settings'>): UserSettings {
  return user.settings === '{}' ? NONE : parseStored(user.settings) as UserSettings;
}

export function sharesReceipts(user: UserRow | undefined): boolean {
  return user !== undefined && userSettingsOf(user).receipts !== false;
}

export function privacyView(settings: UserSettings): OperationOutput<'privacy.get'> {
  return { last_seen: settings.last_seen ?? true, receipts: settings.receipts ?? true, typing: settings.typing ?? true, hide_blocked: settings.hide_blocked ?? false };
}
