import type { ReadCalls, WriteCalls } from '../port.js';
import type { AccountRow } from '../rows.js';
import { plainArray, textArray } from './array-text.js';
import type { OnLine } from './calls.js';
import type { IdCodec } from './ids.js';
import { inTransaction } from './transaction.js';
import { createUserCalls } from './user-calls.js';

type IdentityReads = Pick<ReadCalls, 'userOfToken' | 'account' | 'accountByLogin'>;
type IdentityWrites = Pick<WriteCalls, 'addRevocations' | 'createAccount' | 'setAccount' | 'pruneIdentity'>;

const REVOKED = `
  SELECT max(before_ms) AS before_ms FROM revocations
   WHERE app_id = $1 AND user_id = (SELECT id FROM users WHERE app_id = $1 AND external_id = $2) AND name = ANY($3::text[])`;
const REVOKE = `
  INSERT INTO revocations (app_id, user_id, name, before_ms, revoked_ms, until_ms)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[]) AS given (app_id, user_id, name, before_ms, revoked_ms, until_ms)
   ORDER BY 1, 2, 3
  ON CONFLICT (app_id, user_id, name) DO UPDATE SET before_ms = greatest(revocations.before_ms, excluded.before_ms), revoked_ms = excluded.revoked_ms,
    until_ms = greatest(revocations.until_ms, excluded.until_ms)`;
/** What cannot matter any more, a little at a time. */
const PRUNE = [
  'DELETE FROM revocations WHERE (app_id, user_id, name) IN (SELECT app_id, user_id, name FROM revocations WHERE until_ms < $1 ORDER BY until_ms LIMIT $2)',
  'DELETE FROM sessions WHERE (app_id, id) IN (SELECT app_id, id FROM sessions WHERE expires_ms < $1 ORDER BY expires_ms LIMIT $2)',
  'DELETE FROM operator_links WHERE hash IN (SELECT hash FROM operator_links WHERE expires_ms < $1 ORDER BY expires_ms LIMIT $2)',
  'DELETE FROM operator_sessions WHERE id IN (SELECT id FROM operator_sessions WHERE expires_ms < $1 ORDER BY expires_ms LIMIT $2)',
  'DELETE FROM attempts WHERE (app_id, name) IN (SELECT app_id, name FROM attempts WHERE until_ms < $1 ORDER BY until_ms LIMIT $2)',
];
const INSERT_ACCOUNT = 'INSERT INTO accounts (app_id, user_id, login, password_hash, created_ms, changed_ms) VALUES ($1, $2, $3, $4, $5, $6)';
/** Whoever comes second with a login waits for the first, and then has no row. */
const NEW_ACCOUNT = `${INSERT_ACCOUNT} ON CONFLICT (app_id, login) WHERE login IS NOT NULL DO NOTHING`;
const SET_ACCOUNT = `${INSERT_ACCOUNT} ON CONFLICT (app_id, user_id) DO UPDATE SET login = excluded.login, password_hash = excluded.password_hash, changed_ms = excluded.changed_ms`;
/** Whoever comes second waits for the first, and then finds another hash. */
const CHANGE_ACCOUNT = `UPDATE accounts SET login = $3, password_hash = $4, changed_ms = $5
  WHERE app_id = $1 AND user_id = $2 AND password_hash IS NOT DISTINCT FROM $6::text`;
const UNIQUE_VIOLATION = '23505';

interface AccountColumns { user_id: string; login: string | null; password_hash: string | null; created_ms: number; changed_ms: number }

export function createIdentityCalls(ids: IdCodec): OnLine<IdentityReads & IdentityWrites> {
  const users = createUserCalls(ids);
  const one = (app: string, row: AccountColumns | undefined): AccountRow | null => (row === undefined ? null : {
    app, user: ids.text('user', row.user_id), login: row.login, passwordHash: row.password_hash, createdMs: row.created_ms, changedMs: row.changed_ms,
  });
  const values = ({ app, user, login, passwordHash, createdMs, changedMs }: AccountRow) => [ids.uuid(app), ids.uuid(user), login, passwordHash, createdMs, changedMs];

  return {
    async account(line, app, user) {
      const { rows: [row] } = await line.query<AccountColumns>('SELECT * FROM accounts WHERE app_id = $1 AND user_id = $2', [ids.uuid(app), ids.uuid(user)]);
      return one(app, row);
    },
    async accountByLogin(line, app, login) {
      const { rows: [row] } = await line.query<AccountColumns>('SELECT * FROM accounts WHERE app_id = $1 AND login = $2', [ids.uuid(app), login]);
      return one(app, row);
    },
    createAccount: (line, account, user) => inTransaction(line, async () => {
      if ((await line.query(NEW_ACCOUNT, values(account))).count === 0) return false;
      await line.query(
        'INSERT INTO users (app_id, id, external_id, name, data, created_ms, updated_ms, tokens_not_before_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
        [ids.uuid(user.app), ids.uuid(user.id), user.externalId, user.name, user.data, user.createdMs, user.updatedMs, user.tokensNotBeforeMs],
      );
      return true;
    }),
    async setAccount(line, account, former) {
      try {
        if (former === undefined) {
          await line.query(SET_ACCOUNT, values(account));
          return 'done';
        }
        const { app, user, login, passwordHash, changedMs } = account;
        const { count } = await line.query(CHANGE_ACCOUNT, [ids.uuid(app), ids.uuid(user), login, passwordHash, changedMs, former]);
        return count === 0 ? 'outdated' : 'done';
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION) return 'taken';
        throw error;
      }
    },
    async userOfToken(line, app, externalId, names) {
      const [user, revoked] = await Promise.all([
        users.userByExternalId(line, app, externalId),
        names.length === 0 ? undefined : line.query<{ before_ms: number | null }>(REVOKED, [ids.uuid(app), externalId, textArray(names)]),
      ]);
      return { user, revokedBeforeMs: revoked?.rows[0]?.before_ms ?? 0 };
    },
    async addRevocations(line, _app, rows) {
      await line.query(REVOKE, [
        plainArray(rows.map((row) => ids.uuid(row.app))), plainArray(rows.map((row) => ids.uuid(row.user))), textArray(rows.map((row) => row.name)),
        plainArray(rows.map((row) => row.beforeMs)), plainArray(rows.map((row) => row.revokedMs)), plainArray(rows.map((row) => row.untilMs)),
      ]);
    },
    pruneIdentity: (line, nowMs, limit) => inTransaction(line, async () => {
      let pruned = 0;
      for (const statement of PRUNE) pruned += (await line.query(statement, [nowMs, limit])).count;
      return pruned;
    }),
  };
}
