/** Who may know of whom, beside the conversations that they share: one rule for presence and for what goes to a user directly. */
import type { Domain } from '../domain.js';
import { userSettingsOf } from '../users/settings.js';

/**
 * Those of whom a viewer may be told whether they are there: who shares a conversation with the viewer, has not blocked or been blocked
 * by the viewer, and lets others know (`privacy.last_seen`). Everybody may be told of themselves.
 *
 * @param viewer a user of the app; null for its backend, which is told of all
 * @param ids of users; who does not exist is left out
 * @returns by user, when they were last connected; null where that is not known
 */
export async function visibleTo({ storage }: Domain, app: string, viewer: string | null, ids: readonly string[]): Promise<ReadonlyMap<string, number | null>> {
  if (ids.length === 0) return new Map();
  const rows = await storage.lastSeen(app, viewer, ids);
  return new Map(rows
    .filter((row) => viewer === null || row.user === viewer || (!row.blocked && userSettingsOf(row).last_seen !== false))
    .map(({ user, seenMs }) => [user, seenMs]));
}

/** Facts of a user's own stream by which somebody may be visible no more, to them or of them. */
const HIDING: ReadonlySet<string> = new Set(['user.blocked', 'privacy.set', 'conversation.removed']);

/** @param type of a fact of a user's own stream; undefined when that is not known */
export const mayHide = (type: string | undefined): boolean => type === undefined || HIDING.has(type);

/**
 * Those to whom a user may be visible no more, asked from the user's side: one read for many viewers. What they see is for `visibleTo`
 * to say.
 */
export async function perhapsHiddenFrom({ storage }: Domain, app: string, user: string, viewers: readonly string[]): Promise<readonly string[]> {
  const others = viewers.filter((viewer) => viewer !== user);
  const rows = new Map((await storage.lastSeen(app, user, [user, ...others])).map((row) => [row.user, row]));
  const own = rows.get(user);
  if (!own || userSettingsOf(own).last_seen === false) return others;
  return others.filter((viewer) => rows.get(viewer)?.blocked !== false);
}

/** Whether one user may reach another directly: they share a conversation, and neither has blocked the other. Nobody reaches themselves so. */
export async function mayReach({ storage }: Domain, app: string, user: string, other: string): Promise<boolean> {
  if (user === other) return false;
  return (await storage.lastSeen(app, user, [other])).some(({ blocked }) => !blocked);
}
