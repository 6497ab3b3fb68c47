import type { Database } from 'better-sqlite3';
import { counted, waitOf } from '../attempts.js';
import { SESSIONS_LISTED_MAX, type ReadCalls, type WriteCalls } from '../port.js';
import type { AttemptRow, SessionRow } from '../rows.js';
import { rotate } from '../session-rotation.js';
import type { IdCodec } from './ids.js';

interface SessionColumns {
  app_id: Buffer; id: Buffer; user_id: Buffer; device: string; device_name: string; created_ms: number; used_ms: number; expires_ms: number; ended_ms: number | null; token_hash: string;
  former_hash: string | null;
}

export function createSessionReads(db: Database, ids: IdCodec): Pick<ReadCalls, 'session' | 'sessions' | 'attemptKnown'> {
  const byId = db.prepare<[Buffer, Buffer], SessionColumns>('SELECT * FROM sessions WHERE app_id = ? AND id = ?');
  // In the order of ids SQLite would take the primary key, and read every session of the app.
  const live = db.prepare<[Buffer, Buffer, number], SessionColumns>(
    `SELECT * FROM sessions INDEXED BY sessions_user WHERE app_id = ? AND user_id = ? AND ended_ms IS NULL AND expires_ms > ? ORDER BY id DESC LIMIT ${SESSIONS_LISTED_MAX}`,
  );
  const known = db.prepare<[Buffer, string, number]>('SELECT 1 FROM attempts WHERE app_id = ? AND name = ? AND until_ms > ?');
  const asSession = (row: SessionColumns): SessionRow => ({
    app: ids.text('app', row.app_id), id: ids.text('session', row.id), user: ids.text('user', row.user_id), device: row.device, deviceName: row.device_name, createdMs: row.created_ms,
    usedMs: row.used_ms, expiresMs: row.expires_ms, endedMs: row.ended_ms, tokenHash: row.token_hash, formerHash: row.former_hash,
  });
  return {
    session(app, id) {
      const row = byId.get(ids.bytes(app), ids.bytes(id));
      return row ? asSession(row) : null;
    },
    sessions: (app, user, nowMs) => live.all(ids.bytes(app), ids.bytes(user), nowMs).map(asSession),
    attemptKnown: (app, name, nowMs) => known.get(ids.bytes(app), name, nowMs) !== undefined,
  };
}

export function createSessionWrites(db: Database, ids: IdCodec): Pick<WriteCalls, 'createSession' | 'endSessions' | 'rotateSession' | 'takeAttempt' | 'settleAttempt'> {
  const reads = createSessionReads(db, ids);
  const insert = db.prepare(
    'INSERT INTO sessions (app_id, id, user_id, device, device_name, created_ms, used_ms, expires_ms, ended_ms, token_hash, former_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const end = db.prepare('UPDATE sessions SET ended_ms = ? WHERE app_id = ? AND id = ? AND user_id = ? AND ended_ms IS NULL');
  const change = db.prepare('UPDATE sessions SET used_ms = ?, expires_ms = ?, ended_ms = ?, token_hash = ?, former_hash = ? WHERE app_id = ? AND id = ?');
  const attemptOf = db.prepare<[Buffer, string], { count: number; last_ms: number; until_ms: number }>('SELECT count, last_ms, until_ms FROM attempts WHERE app_id = ? AND name = ?');
  const setAttempt = db.prepare(
    `INSERT INTO attempts (app_id, name, count, last_ms, until_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT (app_id, name)
      DO UPDATE SET count = excluded.count, last_ms = excluded.last_ms, until_ms = excluded.until_ms`,
  );
  const forgetAttempt = db.prepare('DELETE FROM attempts WHERE app_id = ? AND name = ?');
  const giveBack = db.prepare('UPDATE attempts SET count = count - 1 WHERE app_id = ? AND name = ? AND count > 0');

  function attempt(app: string, name: string): AttemptRow | null {
    const row = attemptOf.get(ids.bytes(app), name);
    return row ? { app, name, count: row.count, lastMs: row.last_ms, untilMs: row.until_ms } : null;
  }

  function keep({ app, name, count, lastMs, untilMs }: AttemptRow): void {
    setAttempt.run(ids.bytes(app), name, count, lastMs, untilMs);
  }

  return {
    createSession(row) {
      insert.run(
        ids.bytes(row.app), ids.bytes(row.id), ids.bytes(row.user), row.device, row.deviceName, row.createdMs, row.usedMs, row.expiresMs, row.endedMs, row.tokenHash, row.formerHash,
      );
    },
    endSessions(app, user, sessions, endedMs) {
      for (const id of sessions) end.run(endedMs, ids.bytes(app), ids.bytes(id), ids.bytes(user));
    },
    rotateSession(app, id, rotation) {
      const { outcome, row } = rotate(reads.session(app, id), rotation);
      if (row) change.run(row.usedMs, row.expiresMs, row.endedMs, row.tokenHash, row.formerHash, ids.bytes(app), ids.bytes(id));
      return outcome;
    },
    takeAttempt(app, rules, nowMs) {
      const waitMs = Math.max(0, ...rules.map((rule) => waitOf(attempt(app, rule.name), rule, nowMs)));
      if (waitMs === 0) for (const rule of rules) keep(counted(app, attempt(app, rule.name), rule, nowMs));
      return waitMs;
    },
    settleAttempt(app, { forget, back, known }, nowMs) {
      for (const name of forget) forgetAttempt.run(ids.bytes(app), name);
      for (const name of back) giveBack.run(ids.bytes(app), name);
      if (known) keep({ app, name: known.name, count: 0, lastMs: nowMs, untilMs: known.untilMs });
    },
  };
}
