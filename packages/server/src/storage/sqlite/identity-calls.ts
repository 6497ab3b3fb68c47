import type { Database } from 'better-sqlite3';
import type { ReadCalls, WriteCalls } from '../port.js';
import { AT_MOST } from './at-most.js';
import type { IdCodec } from './ids.js';
import { createUserReads } from './user-calls.js';

export function createIdentityReads(db: Database, ids: IdCodec): Pick<ReadCalls, 'userOfToken'> {
  const users = createUserReads(db, ids);
  const revoked = db.prepare<[Buffer, Buffer, string], { before_ms: number }>('SELECT before_ms FROM revocations WHERE app_id = ? AND user_id = ? AND name = ?');
  return {
    userOfToken(app, externalId, names) {
      const user = users.userByExternalId(app, externalId);
      const found = user ? names.map((name) => revoked.get(ids.bytes(app), ids.bytes(user.id), name)?.before_ms ?? 0) : [];
      return { user, revokedBeforeMs: Math.max(0, ...found) };
    },
  };
}

export function createIdentityWrites(db: Database, ids: IdCodec): Pick<WriteCalls, 'addRevocations' | 'pruneIdentity'> {
  const revoke = db.prepare(
    `INSERT INTO revocations (app_id, user_id, name, before_ms, revoked_ms, until_ms) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (app_id, user_id, name)
      DO UPDATE SET before_ms = max(before_ms, excluded.before_ms), revoked_ms = excluded.revoked_ms, until_ms = max(until_ms, excluded.until_ms)`,
  );
  const prune = [db.prepare(`DELETE FROM revocations WHERE (app_id, user_id, name) IN (SELECT app_id, user_id, name FROM revocations WHERE until_ms < ? ORDER BY until_ms ${AT_MOST})`)];
  return {
    addRevocations(_app, rows) {
      for (const row of rows) revoke.run(ids.bytes(row.app), ids.bytes(row.user), row.name, row.beforeMs, row.revokedMs, row.untilMs);
    },
    pruneIdentity: (nowMs, limit) => prune.reduce((sum, statement) => sum + statement.run(nowMs, limit).changes, 0),
  };
}
