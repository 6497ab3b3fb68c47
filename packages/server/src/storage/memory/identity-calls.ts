import type { ReadCalls, WriteCalls } from '../port.js';
import { requireFields } from './constraints.js';
import { keyOf, type MemoryTables } from './tables.js';
import { createUserReads } from './user-calls.js';

export function createIdentityReads(tables: MemoryTables): Pick<ReadCalls, 'userOfToken'> {
  const users = createUserReads(tables);
  return {
    userOfToken(app, externalId, names) {
      const user = users.userByExternalId(app, externalId);
      const found = user ? names.map((name) => tables.revocations.get(keyOf(app, user.id, name))?.beforeMs ?? 0) : [];
      return { user, revokedBeforeMs: Math.max(0, ...found) };
    },
  };
}

export function createIdentityWrites(tables: MemoryTables): Pick<WriteCalls, 'addRevocations' | 'pruneIdentity'> {
  return {
    addRevocations(_app, rows) {
      for (const row of rows) requireFields(row);
      for (const row of rows) {
        const key = keyOf(row.app, row.user, row.name);
        const known = tables.revocations.get(key);
        tables.revocations.set(key, known ? { ...row, beforeMs: Math.max(known.beforeMs, row.beforeMs), untilMs: Math.max(known.untilMs, row.untilMs) } : { ...row });
      }
    },
    pruneIdentity(nowMs, limit) {
      const over = [...tables.revocations].filter(([, row]) => row.untilMs < nowMs).slice(0, limit);
      for (const [key] of over) tables.revocations.delete(key);
      return over.length;
    },
  };
}
