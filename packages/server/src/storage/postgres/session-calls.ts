import { counted, waitOf } from '../attempts.js';
import { SESSIONS_LISTED_MAX, type ReadCalls, type WriteCalls } from '../port.js';
import type { AttemptRow, SessionRow } from '../rows.js';
import { rotate } from '../session-rotation.js';
import { plainArray, textArray } from './array-text.js';
import type { OnLine } from './calls.js';
import type { IdCodec } from './ids.js';
import type { Line } from './line.js';
import { inTransaction } from './transaction.js';

interface SessionColumns {
  app_id: string; id: string; user_id: string; device: string; device_name: string; created_ms: number; used_ms: number; expires_ms: number; ended_ms: number | null; token_hash: string;
  former_hash: string | null;
}
interface AttemptColumns { name: string; count: number; last_ms: number; until_ms: number }

type SessionReads = Pick<ReadCalls, 'session' | 'sessions' | 'attemptKnown'>;
type SessionWrites = Pick<WriteCalls, 'createSession' | 'endSessions' | 'rotateSession' | 'takeAttempt' | 'settleAttempt'>;

const KEEP_ATTEMPT = `
  INSERT INTO attempts (app_id, name, count, last_ms, until_ms) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (app_id, name)
  DO UPDATE SET count = excluded.count, last_ms = excluded.last_ms, until_ms = excluded.until_ms`;
/** Rows that are not there yet cannot be locked: each is made first, as one that counts nothing. In their order, so that nobody waits in a circle. */
const MAKE_ATTEMPTS = `
  INSERT INTO attempts (app_id, name, count, last_ms, until_ms) SELECT $1, name, 0, 0, 0 FROM unnest($2::text[]) AS given (name) ORDER BY name
  ON CONFLICT DO NOTHING`;

export function createSessionCalls(ids: IdCodec): OnLine<SessionReads & SessionWrites> {
  const asSession = (row: SessionColumns): SessionRow => ({
    app: ids.text('app', row.app_id), id: ids.text('session', row.id), user: ids.text('user', row.user_id), device: row.device, deviceName: row.device_name, createdMs: row.created_ms,
    usedMs: row.used_ms, expiresMs: row.expires_ms, endedMs: row.ended_ms, tokenHash: row.token_hash, formerHash: row.former_hash,
  });

  async function keep(line: Line, { app, name, count, lastMs, untilMs }: AttemptRow): Promise<void> {
    await line.query(KEEP_ATTEMPT, [ids.uuid(app), name, count, lastMs, untilMs]);
  }

  return {
    async session(line, app, id) {
      const { rows: [row] } = await line.query<SessionColumns>('SELECT * FROM sessions WHERE app_id = $1 AND id = $2', [ids.uuid(app), ids.uuid(id)]);
      return row ? asSession(row) : null;
    },
    async sessions(line, app, user, nowMs) {
      const { rows } = await line.query<SessionColumns>(
        'SELECT * FROM sessions WHERE app_id = $1 AND user_id = $2 AND ended_ms IS NULL AND expires_ms > $3 ORDER BY id DESC LIMIT $4', [ids.uuid(app), ids.uuid(user), nowMs, SESSIONS_LISTED_MAX],
      );
      return rows.map(asSession);
    },
    async attemptKnown(line, app, name, nowMs) {
      return (await line.query('SELECT 1 FROM attempts WHERE app_id = $1 AND name = $2 AND until_ms > $3', [ids.uuid(app), name, nowMs])).count > 0;
    },
    async createSession(line, row) {
      await line.query(
        'INSERT INTO sessions (app_id, id, user_id, device, device_name, created_ms, used_ms, expires_ms, ended_ms, token_hash, former_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)',
        [ids.uuid(row.app), ids.uuid(row.id), ids.uuid(row.user), row.device, row.deviceName, row.createdMs, row.usedMs, row.expiresMs, row.endedMs, row.tokenHash, row.formerHash],
      );
    },
    async endSessions(line, app, user, sessions, endedMs) {
      await line.query('UPDATE sessions SET ended_ms = $4 WHERE app_id = $1 AND user_id = $2 AND id = ANY($3::uuid[]) AND ended_ms IS NULL', [
        ids.uuid(app), ids.uuid(user), plainArray(sessions.map((id) => ids.uuid(id))), endedMs,
      ]);
    },
    rotateSession: (line, app, id, rotation) => inTransaction(line, async () => {
      const { rows: [found] } = await line.query<SessionColumns>('SELECT * FROM sessions WHERE app_id = $1 AND id = $2 FOR UPDATE', [ids.uuid(app), ids.uuid(id)]);
      const { outcome, row } = rotate(found ? asSession(found) : null, rotation);
      if (row) {
        await line.query('UPDATE sessions SET used_ms = $3, expires_ms = $4, ended_ms = $5, token_hash = $6, former_hash = $7 WHERE app_id = $1 AND id = $2', [
          ids.uuid(app), ids.uuid(id), row.usedMs, row.expiresMs, row.endedMs, row.tokenHash, row.formerHash,
        ]);
      }
      return outcome;
    }),
    takeAttempt: (line, app, rules, nowMs) => inTransaction(line, async () => {
      const names = textArray(rules.map(({ name }) => name));
      await line.query(MAKE_ATTEMPTS, [ids.uuid(app), names]);
      const { rows } = await line.query<AttemptColumns>('SELECT name, count, last_ms, until_ms FROM attempts WHERE app_id = $1 AND name = ANY($2::text[]) ORDER BY name FOR UPDATE', [ids.uuid(app), names]);
      const found = new Map(rows.map((row) => [row.name, { app, name: row.name, count: row.count, lastMs: row.last_ms, untilMs: row.until_ms }]));
      const waitMs = Math.max(0, ...rules.map((rule) => waitOf(found.get(rule.name) ?? null, rule, nowMs)));
      if (waitMs === 0) for (const rule of rules) await keep(line, counted(app, found.get(rule.name) ?? null, rule, nowMs));
      return waitMs;
    }),
    settleAttempt: (line, app, { forget, back, known }, nowMs) => inTransaction(line, async () => {
      await line.query('SELECT 1 FROM attempts WHERE app_id = $1 AND name = ANY($2::text[]) ORDER BY name FOR UPDATE', [ids.uuid(app), textArray([...forget, ...back])]);
      await line.query('DELETE FROM attempts WHERE app_id = $1 AND name = ANY($2::text[])', [ids.uuid(app), textArray(forget)]);
      await line.query('UPDATE attempts SET count = count - 1 WHERE app_id = $1 AND name = ANY($2::text[]) AND count > 0', [ids.uuid(app), textArray(back)]);
      if (known) await keep(line, { app, name: known.name, count: 0, lastMs: nowMs, untilMs: known.untilMs });
    }),
  };
}
