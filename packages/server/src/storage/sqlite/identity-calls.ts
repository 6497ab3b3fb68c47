import type { Database } from 'better-sqlite3';
import type { ReadCalls, WriteCalls } from '../port.js';
import type { AccountRow } from '../rows.js';
import { AT_MOST } from './at-most.js';
import type { IdCodec } from './ids.js';
import { createUserReads, createUserWrites } from './user-calls.js';

interface AccountColumns { user_id: Buffer; login: string | null; password_hash: string | null; created_ms: number; changed_ms: number }

export function createIdentityReads(db: Database, ids: IdCodec): Pick<ReadCalls, 'userOfToken' | 'account' | 'accountByLogin'> {
  const users = createUserReads(db, ids);
  const revoked = db.prepare<[Buffer, Buffer, string], { before_ms: number }>('SELECT before_ms FROM revocations WHERE app_id = ? AND user_id = ? AND name = ?');
  const byUser = db.prepare<[Buffer, Buffer], AccountColumns>('SELECT * FROM accounts WHERE app_id = ? AND user_id = ?');
  const byLogin = db.prepare<[Buffer, string], AccountColumns>('SELECT * FROM accounts WHERE app_id = ? AND login = ?');
  const one = (app: string, row: AccountColumns | undefined): AccountRow | null => (row === undefined ? null : {
    app, user: ids.text('user', row.user_id), login: row.login, passwordHash: row.password_hash, createdMs: row.created_ms, changedMs: row.changed_ms,
  });
  return {
    account: (app, user) => one(app, byUser.get(ids.bytes(app), ids.bytes(user))),
    accountByLogin: (app, login) => one(app, byLogin.get(ids.bytes(app), login)),
    userOfToken(app, externalId, names) {
      const user = users.userByExternalId(app, externalId);
      const found = user ? names.map((name) => revoked.get(ids.bytes(app), ids.bytes(user.id), name)?.before_ms ?? 0) : [];
      return { user, revokedBeforeMs: Math.max(0, ...found) };
    },
  };
}

export function createIdentityWrites(db: Database, ids: IdCodec): Pick<WriteCalls, 'addRevocations' | 'createAccount' | 'setAccount' | 'pruneIdentity'> {
  const revoke = db.prepare(
    `INSERT INTO revocations (app_id, user_id, name, before_ms, revoked_ms, until_ms) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (app_id, user_id, name)
      DO UPDATE SET before_ms = max(before_ms, excluded.before_ms), revoked_ms = excluded.revoked_ms, until_ms = max(until_ms, excluded.until_ms)`,
  );
  const reads = createIdentityReads(db, ids);
  const users = createUserWrites(db, ids);
  const keepAccount = db.prepare(
    `INSERT INTO accounts (app_id, user_id, login, password_hash, created_ms, changed_ms) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (app_id, user_id)
      DO UPDATE SET login = excluded.login, password_hash = excluded.password_hash, changed_ms = excluded.changed_ms`,
  );
  const prune = [
    `DELETE FROM revocations WHERE (app_id, user_id, name) IN (SELECT app_id, user_id, name FROM revocations WHERE until_ms < ? ORDER BY until_ms ${AT_MOST})`,
    `DELETE FROM sessions WHERE (app_id, id) IN (SELECT app_id, id FROM sessions WHERE expires_ms < ? ORDER BY expires_ms ${AT_MOST})`,
    `DELETE FROM operator_links WHERE hash IN (SELECT hash FROM operator_links WHERE expires_ms < ? ORDER BY expires_ms ${AT_MOST})`,
    `DELETE FROM operator_sessions WHERE id IN (SELECT id FROM operator_sessions WHERE expires_ms < ? ORDER BY expires_ms ${AT_MOST})`,
    `DELETE FROM attempts WHERE (app_id, name) IN (SELECT app_id, name FROM attempts WHERE until_ms < ? ORDER BY until_ms ${AT_MOST})`,
  ].map((text) => db.prepare<[number, number]>(text));

  /** Nobody else writes in between: the transaction has begun. */
  const taken = ({ app, user, login }: AccountRow): boolean => login !== null && (reads.accountByLogin(app, login)?.user ?? user) !== user;

  function keep({ app, user, login, passwordHash, createdMs, changedMs }: AccountRow): void {
    keepAccount.run(ids.bytes(app), ids.bytes(user), login, passwordHash, createdMs, changedMs);
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
      keep(account);
      return 'done';
    },
    addRevocations(_app, rows) {
      for (const row of rows) revoke.run(ids.bytes(row.app), ids.bytes(row.user), row.name, row.beforeMs, row.revokedMs, row.untilMs);
    },
    pruneIdentity: (nowMs, limit) => prune.reduce((sum, statement) => sum + statement.run(nowMs, limit).changes, 0),
  };
}
