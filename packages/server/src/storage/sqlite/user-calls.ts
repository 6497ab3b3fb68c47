import type { Database } from 'better-sqlite3';
import { SHARED_MAX, type ReadCalls, type WriteCalls } from '../port.js';
import { paged } from '../paged.js';
import type { UserRow } from '../rows.js';
import { AT_MOST } from './at-most.js';
import { USER_COLUMNS, userRow, type UserColumns } from '../columns.js';
import type { IdCodec } from './ids.js';

const COLUMNS = USER_COLUMNS.join(', ');

export function createUserReads(db: Database, ids: IdCodec): Pick<ReadCalls, 'user' | 'userByExternalId' | 'usersById' | 'users' | 'lastSeen'> {
  const byId = db.prepare<[Buffer, Buffer], UserColumns<Buffer>>(`SELECT ${COLUMNS} FROM users WHERE app_id = ? AND id = ?`);
  const byExternal = db.prepare<[Buffer, string], UserColumns<Buffer>>(`SELECT ${COLUMNS} FROM users WHERE app_id = ? AND external_id = ?`);
  const list = db.prepare<[Buffer, Buffer, number], UserColumns<Buffer>>(`SELECT ${COLUMNS} FROM users WHERE app_id = ? AND id > ? ORDER BY id ${AT_MOST}`);
  const seenOf = db.prepare<[Buffer, Buffer], { seen_ms: number | null; settings: string }>(
    'SELECT s.seen_ms, u.settings FROM users AS u LEFT JOIN last_seen AS s ON s.app_id = u.app_id AND s.user_id = u.id WHERE u.app_id = ? AND u.id = ?',
  );
  const mine = db.prepare<[Buffer, Buffer, number], { oldest: Buffer | null; count: number }>(
    `SELECT min(conversation_id) AS oldest, count(*) AS count FROM (SELECT conversation_id FROM members WHERE app_id = ? AND user_id = ? AND active = 1 ORDER BY conversation_id DESC ${AT_MOST})`,
  );
  const countFrom = db.prepare<[Buffer, Buffer, Buffer, number], { count: number }>(
    `SELECT count(*) AS count FROM (SELECT 1 FROM members WHERE app_id = ? AND user_id = ? AND active = 1 AND conversation_id >= ? ${AT_MOST})`,
  );
  // The one walks over the conversations of the first, and looks the second up in each.
  const bothIn = db.prepare<[Buffer, Buffer, Buffer, Buffer, Buffer]>(
    `SELECT 1 FROM members AS walked CROSS JOIN members AS other ON other.app_id = ? AND other.conversation_id = walked.conversation_id AND other.user_id = ? AND other.active = 1
      WHERE walked.app_id = ? AND walked.user_id = ? AND walked.active = 1 AND walked.conversation_id >= ? LIMIT 1`,
  );
  const block = db.prepare<[Buffer, Buffer, string]>("SELECT 1 FROM entries WHERE app_id = ? AND stream_id = ? AND type = 'block' AND key = ? AND target_seq = 0");
  const one = (app: string, row: UserColumns<Buffer> | undefined): UserRow | null => (row ? userRow(ids, app, row) : null);
  return {
    user: (app, id) => one(app, byId.get(ids.bytes(app), ids.bytes(id))),
    userByExternalId: (app, externalId) => one(app, byExternal.get(ids.bytes(app), externalId)),
    usersById: (app, wanted) => wanted.flatMap((id) => one(app, byId.get(ids.bytes(app), ids.bytes(id))) ?? []),
    users: (app, limit, afterId) => paged(list.all(ids.bytes(app), afterId ? ids.bytes(afterId) : Buffer.alloc(0), limit + 1).map((row) => userRow(ids, app, row)), limit),
    lastSeen(app, viewer, wanted) {
      const inApp = ids.bytes(app);
      const own = viewer === null ? undefined : mine.get(inApp, ids.bytes(viewer), SHARED_MAX);
      const known = (id: string): boolean => {
        if (viewer === null || viewer === id) return true;
        if (!own?.oldest) return false;
        // Who is in fewer conversations is walked: a few with somebody who is in many are found at once, from either side.
        const fewer = countFrom.get(inApp, ids.bytes(id), own.oldest, own.count + 1)!.count <= own.count;
        const [walked, other] = fewer ? [id, viewer] : [viewer, id];
        return bothIn.get(inApp, ids.bytes(other), inApp, ids.bytes(walked), own.oldest) !== undefined;
      };
      const blocks = (by: string, whom: string): boolean => block.get(inApp, ids.bytes(by), whom) !== undefined;
      return [...new Set(wanted)].flatMap((user) => {
        const row = seenOf.get(inApp, ids.bytes(user));
        if (!row || !known(user)) return [];
        return [{ user, seenMs: row.seen_ms, settings: row.settings, blocked: viewer !== null && (blocks(viewer, user) || blocks(user, viewer)) }];
      });
    },
  };
}

export function createUserWrites(db: Database, ids: IdCodec): Pick<WriteCalls, 'createUser' | 'updateUser' | 'addSeen'> {
  const reads = createUserReads(db, ids);
  const insert = db.prepare(`INSERT INTO users (app_id, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app_id, external_id) DO NOTHING`);
  const update = db.prepare('UPDATE users SET name = ?, data = ?, tokens_not_before_ms = ?, updated_ms = ? WHERE app_id = ? AND id = ?');
  const see = db.prepare(
    `INSERT INTO last_seen (app_id, user_id, seen_ms) SELECT app_id, id, ? FROM users WHERE app_id = ? AND id = ?
      ON CONFLICT (app_id, user_id) DO UPDATE SET seen_ms = max(last_seen.seen_ms, excluded.seen_ms)`,
  );
  return {
    addSeen(rows) {
      for (const { app, user, seenMs } of rows) see.run(seenMs, ids.bytes(app), ids.bytes(user));
    },
    createUser(row) {
      insert.run(ids.bytes(row.app), ids.bytes(row.id), row.externalId, row.name, row.data, row.createdMs, row.updatedMs, row.tokensNotBeforeMs, row.settings, row.deactivatedMs);
      return reads.userByExternalId(row.app, row.externalId) ?? row;
    },
    updateUser(app, id, change) {
      const row = reads.user(app, id);
      if (!row) return null;
      const next = { ...row, ...change };
      update.run(next.name, next.data, next.tokensNotBeforeMs, next.updatedMs, ids.bytes(app), ids.bytes(id));
      return next;
    },
  };
}
