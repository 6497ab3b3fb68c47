import { counted, waitOf } from '../attempts.js';
import { SESSIONS_LISTED_MAX, type ReadCalls, type WriteCalls } from '../port.js';
import type { AttemptRow } from '../rows.js';
import { rotate } from '../session-rotation.js';
import { ConstraintError, requireFields } from './constraints.js';
import { byText } from './sorted.js';
import { keyOf, type MemoryTables } from './tables.js';

const OPEN = new Set(['endedMs', 'formerHash']);

export function createSessionReads(tables: MemoryTables): Pick<ReadCalls, 'session' | 'sessions' | 'attemptKnown'> {
  return {
    session(app, id) {
      const row = tables.sessions.get(keyOf(app, id));
      return row ? { ...row } : null;
    },
    sessions(app, user, nowMs) {
      const live = [...tables.sessions.values()].filter((row) => row.app === app && row.user === user && row.endedMs === null && row.expiresMs > nowMs);
      return live.sort((left, right) => byText(right.id, left.id)).slice(0, SESSIONS_LISTED_MAX).map((row) => ({ ...row }));
    },
    attemptKnown: (app, name, nowMs) => (tables.attempts.get(keyOf(app, name))?.untilMs ?? 0) > nowMs,
  };
}

export function createSessionWrites(tables: MemoryTables): Pick<WriteCalls, 'createSession' | 'endSessions' | 'rotateSession' | 'takeAttempt' | 'settleAttempt'> {
  const attempt = (app: string, name: string): AttemptRow | null => tables.attempts.get(keyOf(app, name)) ?? null;
  return {
    createSession(row) {
      requireFields(row, OPEN);
      const key = keyOf(row.app, row.id);
      if (tables.sessions.has(key)) throw new ConstraintError('there is such a session');
      tables.sessions.set(key, { ...row });
    },
    endSessions(app, user, ids, endedMs) {
      for (const id of ids) {
        const row = tables.sessions.get(keyOf(app, id));
        if (row?.user === user && row.endedMs === null) tables.sessions.set(keyOf(app, id), { ...row, endedMs });
      }
    },
    rotateSession(app, id, rotation) {
      const key = keyOf(app, id);
      const { outcome, row } = rotate(tables.sessions.get(key) ?? null, rotation);
      if (row) tables.sessions.set(key, row);
      return outcome;
    },
    takeAttempt(app, rules, nowMs) {
      const waitMs = Math.max(0, ...rules.map((rule) => waitOf(attempt(app, rule.name), rule, nowMs)));
      if (waitMs === 0) for (const rule of rules) tables.attempts.set(keyOf(app, rule.name), counted(app, attempt(app, rule.name), rule, nowMs));
      return waitMs;
    },
    settleAttempt(app, { forget, back, known }, nowMs) {
      for (const name of forget) tables.attempts.delete(keyOf(app, name));
      for (const name of back) {
        const row = attempt(app, name);
        if (row && row.count > 0) tables.attempts.set(keyOf(app, name), { ...row, count: row.count - 1 });
      }
      if (known) tables.attempts.set(keyOf(app, known.name), { app, name: known.name, count: 0, lastMs: nowMs, untilMs: known.untilMs });
    },
  };
}
