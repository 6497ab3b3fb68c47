import type { Database } from 'better-sqlite3';
import type { ReadCalls, WriteCalls } from '../port.js';
import { paged } from '../read-calls.js';
import type { UserRow } from '../rows.js';
import { AT_MOST } from './at-most.js';
import type { IdCodec } from './ids.js';

interface UserColumns {
  id: Buffer; external_id: string; name: string; data: string; created_ms: number; updated_ms: number; tokens_not_before_ms: number;
}
const COLUMNS = 'id, external_id, name, data, created_ms, updated_ms, tokens_not_before_ms';

export function createUserReads(db: Database, ids: IdCodec): Pick<ReadCalls, 'user' | 'userByExternalId' | 'usersById' | 'users'> {
  const byId = db.prepare<[Buffer, Buffer], UserColumns>(`SELECT ${COLUMNS} FROM users WHERE app_id = ? AND id = ?`);
  const byExternal = db.prepare<[Buffer, string], UserColumns>(`SELECT ${COLUMNS} FROM users WHERE app_id = ? AND external_id = ?`);
  const list = db.prepare<[Buffer, Buffer, number], UserColumns>(`SELECT ${COLUMNS} FROM users WHERE app_id = ? AND id > ? ORDER BY id ${AT_MOST}`);
  const asUser = (app: string, row: UserColumns): UserRow => ({
    app, id: ids.text('user', row.id), externalId: row.external_id, name: row.name, data: row.data, createdMs: row.created_ms, updatedMs: row.updated_ms,
    tokensNotBeforeMs: row.tokens_not_before_ms,
  });
  const one = (app: string, row: UserColumns | undefined): UserRow | null => (row ? asUser(app, row) : null);
  return {
    user: (app, id) => one(app, byId.get(ids.bytes(app), ids.bytes(id))),
    userByExternalId: (app, externalId) => one(app, byExternal.get(ids.bytes(app), externalId)),
    usersById: (app, wanted) => wanted.flatMap((id) => one(app, byId.get(ids.bytes(app), ids.bytes(id))) ?? []),
    users: (app, limit, afterId) => paged(list.all(ids.bytes(app), afterId ? ids.bytes(afterId) : Buffer.alloc(0), limit + 1).map((row) => asUser(app, row)), limit),
  };
}

export function createUserWrites(db: Database, ids: IdCodec): Pick<WriteCalls, 'createUser' | 'updateUser'> {
  const reads = createUserReads(db, ids);
  const insert = db.prepare(`INSERT INTO users (app_id, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app_id, external_id) DO NOTHING`);
  const update = db.prepare('UPDATE users SET name = ?, data = ?, tokens_not_before_ms = ?, updated_ms = ? WHERE app_id = ? AND id = ?');
  return {
    createUser(row) {
      insert.run(ids.bytes(row.app), ids.bytes(row.id), row.externalId, row.name, row.data, row.createdMs, row.updatedMs, row.tokensNotBeforeMs);
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
