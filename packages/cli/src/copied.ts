/** What the commands that copy and check a whole database have in common. */
import type { SettingName } from '@talaria/server/config';
import { counted } from './text/numbers.js';

/** What says which database it is. */
export const DATABASE_SETTINGS: readonly SettingName[] = ['data', 'database_url', 'database_ca'];

/** What people want to know of it: `3 facts in 1 conversation of 2 users`. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const of = (table: string): number => counts[table] ?? 0;
  return `${counted(of('events'), 'fact')} in ${counted(of('conversations'), 'conversation')} of ${counted(of('users'), 'user')}`;
}
