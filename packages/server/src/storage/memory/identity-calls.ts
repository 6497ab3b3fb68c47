import type { ReadCalls, WriteCalls } from '../port.js';
import type { AccountRow } from '../rows.js';
import { requireFields } from './constraints.js';
import { keyOf, type MemoryTables } from './tables.js';
import { createUserReads, createUserWrites } from './user-calls.js';

const OPEN = new Set(['login', 'passwordHash']);

export function createIdentityReads(tables: MemoryTables): Pick<ReadCalls, 'userOfToken' | 'account' | 'accountByLogin'> {
  const users = createUserReads(tables);
  const account = (app: string, user: string | undefined): AccountRow | null => {
    const row = user === undefined ? undefined : tables.accounts.get(keyOf(app, user));
    return row ? { ...row } : null;
  };
  return {
    account,
    accountByLogin: (app, login) => account(app, tables.logins.get(keyOf(app, login))),
    userOfToken(app, externalId, names) {
      const user = users.userByExternalId(app, externalId);
      const found = user ? names.map((name) => tables.revocations.get(keyOf(app, user.id, name))?.beforeMs ?? 0) : [];
      return { user, revokedBeforeMs: Math.max(0, ...found) };
    },
  };
}

export function createIdentityWrites(tables: MemoryTables): Pick<WriteCalls, 'addRevocations' | 'createAccount' | 'setAccount' | 'pruneIdentity'> {
  const reads = createIdentityReads(tables);
  const users = createUserWrites(tables);
  const taken = ({ app, user, login }: AccountRow): boolean => login !== null && (tables.logins.get(keyOf(app, login)) ?? user) !== user;

  function keep(account: AccountRow): void {
    requireFields(account, OPEN);
    const former = reads.account(account.app, account.user)?.login ?? null;
    if (former !== null) tables.logins.delete(keyOf(account.app, former));
    tables.accounts.set(keyOf(account.app, account.user), { ...account });
    if (account.login !== null) tables.logins.set(keyOf(account.app, account.login), account.user);
  }

  return {
    createAccount(account, user) {
      if (taken(account)) return false;
      users.createUser(user);
      keep(account);
      return true;
    },
    setAccount(account, former) {
      if (former !== undefined && reads.account(account.app, account.user)?.passwordHash !== former) return 'outdated';
      if (taken(account)) return 'taken';
      const createdMs = reads.account(account.app, account.user)?.createdMs ?? account.createdMs;
      keep({ ...account, createdMs });
      return 'done';
    },
    addRevocations(_app, rows) {
      for (const row of rows) requireFields(row);
      for (const row of rows) {
        const key = keyOf(row.app, row.user, row.name);
        const known = tables.revocations.get(key);
        tables.revocations.set(key, known ? { ...row, beforeMs: Math.max(known.beforeMs, row.beforeMs), untilMs: Math.max(known.untilMs, row.untilMs) } : { ...row });
      }
    },
    pruneIdentity(nowMs, limit) {
      const prune = <T>(rows: Map<string, T>, endMs: (row: T) => number): number => {
        const over = [...rows].filter(([, row]) => endMs(row) < nowMs).slice(0, limit);
        for (const [key] of over) rows.delete(key);
        return over.length;
      };
      return prune(tables.revocations, (row) => row.untilMs) + prune(tables.sessions, (row) => row.expiresMs) + prune(tables.attempts, (row) => row.untilMs)
        + prune(tables.operatorLinks, (row) => row.expiresMs) + prune(tables.operatorSessions, (row) => row.expiresMs);
    },
  };
}
