import { SHARED_MAX, type ReadCalls, type WriteCalls } from '../port.js';
import { paged } from '../paged.js';
import type { UserRow } from '../rows.js';
import { ConstraintError, requireFields } from './constraints.js';
import { copy } from './lookups.js';
import { byText } from './sorted.js';
import { entryKey, keyOf, type MemoryTables } from './tables.js';

type UserReads = Pick<ReadCalls, 'user' | 'userByExternalId' | 'usersById' | 'users' | 'lastSeen'>;

export function createUserReads(tables: MemoryTables): UserReads {
  const user = (app: string, id: string | undefined): UserRow | null => (id === undefined ? null : copy(tables.users.get(keyOf(app, id))) ?? null);
  return {
    user,
    userByExternalId: (app, externalId) => user(app, tables.usersByExternalId.get(keyOf(app, externalId))),
    usersById: (app, ids) => ids.flatMap((id) => user(app, id) ?? []),
    users(app, limit, afterId) {
      const found = [...tables.users.values()].filter((row) => row.app === app && (afterId === null || row.id > afterId));
      return paged(found.sort((left, right) => byText(left.id, right.id)).slice(0, limit + 1).map((row) => ({ ...row })), limit);
    },
    lastSeen(app, viewer, users) {
      const inside = (conversation: string, member: string): boolean => tables.members.get(keyOf(app, conversation))?.get(member)?.active ?? false;
      const blocks = (by: string, key: string): boolean => tables.entries.get(keyOf(app, by))?.has(entryKey({ type: 'block', key, targetSeq: 0 })) ?? false;
      const mine = viewer === null ? [] : [...tables.memberships.get(keyOf(app, viewer)) ?? []].filter((one) => inside(one, viewer)).sort(byText).slice(-SHARED_MAX);
      return [...new Set(users)].filter((id) => tables.users.has(keyOf(app, id)) && (viewer === null || viewer === id || mine.some((one) => inside(one, id))))
        .map((id) => ({
          user: id, seenMs: tables.lastSeen.get(keyOf(app, id)) ?? null, settings: tables.users.get(keyOf(app, id))!.settings,
          blocked: viewer !== null && (blocks(viewer, id) || blocks(id, viewer)),
        }));
    },
  };
}

export function createUserWrites(tables: MemoryTables): Pick<WriteCalls, 'createUser' | 'updateUser' | 'addSeen'> {
  const reads = createUserReads(tables);
  return {
    createUser(row) {
      const known = reads.userByExternalId(row.app, row.externalId);
      if (known) return known;
      requireFields(row);
      if (tables.users.has(keyOf(row.app, row.id))) throw new ConstraintError('there is a user with this id');
      tables.users.set(keyOf(row.app, row.id), { ...row });
      tables.usersByExternalId.set(keyOf(row.app, row.externalId), row.id);
      return { ...row };
    },
    updateUser(app, id, change) {
      const row = reads.user(app, id);
      if (!row) return null;
      const next = { ...row, ...change };
      requireFields(next);
      tables.users.set(keyOf(app, id), next);
      return { ...next };
    },
    addSeen(rows) {
      for (const { app, user, seenMs } of rows) {
        const key = keyOf(app, user);
        if (tables.users.has(key)) tables.lastSeen.set(key, Math.max(seenMs, tables.lastSeen.get(key) ?? 0));
      }
    },
  };
}
