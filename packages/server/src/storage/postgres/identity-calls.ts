import type { ReadCalls, WriteCalls } from '../port.js';
import { plainArray, textArray } from './array-text.js';
import type { OnLine } from './calls.js';
import type { IdCodec } from './ids.js';
import { inTransaction } from './transaction.js';
import { createUserCalls } from './user-calls.js';

type IdentityReads = Pick<ReadCalls, 'userOfToken'>;
type IdentityWrites = Pick<WriteCalls, 'addRevocations' | 'pruneIdentity'>;

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
const PRUNE = ['DELETE FROM revocations WHERE (app_id, user_id, name) IN (SELECT app_id, user_id, name FROM revocations WHERE until_ms < $1 ORDER BY until_ms LIMIT $2)'];

export function createIdentityCalls(ids: IdCodec): OnLine<IdentityReads & IdentityWrites> {
  const users = createUserCalls(ids);
  return {
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
