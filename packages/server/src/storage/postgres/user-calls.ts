import { SHARED_MAX, type ReadCalls, type WriteCalls } from '../port.js';
import { paged } from '../paged.js';
import type { UserRow } from '../rows.js';
import { plainArray } from './array-text.js';
import type { OnLine } from './calls.js';
import { USER_COLUMNS, userRow, type UserColumns } from '../columns.js';
import { FIRST_UUID, type IdCodec } from './ids.js';
import { inTransaction } from './transaction.js';

const COLUMNS = USER_COLUMNS.join(', ');

type UserReads = Pick<ReadCalls, 'user' | 'userByExternalId' | 'usersById' | 'users' | 'lastSeen'>;
type UserWrites = Pick<WriteCalls, 'createUser' | 'updateUser' | 'addSeen'>;

const LAST_SEEN = `
  SELECT u.id, s.seen_ms, u.settings, false AS blocked FROM users AS u LEFT JOIN last_seen AS s ON s.app_id = u.app_id AND s.user_id = u.id
   WHERE u.app_id = $1 AND u.id = ANY($2::uuid[])`;
/**
 * Who is in fewer conversations is walked: a few with somebody who is in many are found at once, from either side. Each LIMIT 1 keeps
 * Postgres to looking up one row after the other: what it plans while the tables are empty, it keeps when they are full.
 */
const LAST_SEEN_BY_USER = `
  WITH mine AS MATERIALIZED (SELECT conversation_id FROM members WHERE app_id = $1 AND user_id = $3 AND active ORDER BY conversation_id DESC LIMIT $4),
    own AS MATERIALIZED (SELECT (SELECT count(*) FROM mine) AS count, (SELECT conversation_id FROM mine ORDER BY conversation_id LIMIT 1) AS oldest)
  SELECT u.id, s.seen_ms, u.settings, coalesce(
      (SELECT true FROM entries AS e WHERE e.app_id = $1 AND e.stream_id = given.id AND e.type = 'block' AND e.key = $5 AND e.target_seq = 0 LIMIT 1),
      (SELECT true FROM entries AS e WHERE e.app_id = $1 AND e.stream_id = $3 AND e.type = 'block' AND e.key = given.key AND e.target_seq = 0 LIMIT 1), false
    ) AS blocked
    FROM unnest($2::uuid[], $6::text[]) AS given (id, key)
    CROSS JOIN LATERAL (SELECT id, settings FROM users WHERE app_id = $1 AND id = given.id LIMIT 1) AS u
    LEFT JOIN LATERAL (SELECT seen_ms FROM last_seen WHERE app_id = $1 AND user_id = given.id LIMIT 1) AS s ON true
   WHERE given.id = $3 OR coalesce(CASE
    WHEN (
      SELECT count(*) FROM (
        SELECT 1 FROM members WHERE app_id = $1 AND user_id = given.id AND active AND conversation_id >= (SELECT oldest FROM own) LIMIT (SELECT count + 1 FROM own)
      ) AS theirs
    ) <= (SELECT count FROM own)
    THEN (
      SELECT true FROM members AS theirs
       CROSS JOIN LATERAL (SELECT 1 FROM members WHERE app_id = $1 AND user_id = $3 AND active AND conversation_id = theirs.conversation_id LIMIT 1) AS both_in
       WHERE theirs.app_id = $1 AND theirs.user_id = given.id AND theirs.active AND theirs.conversation_id >= (SELECT oldest FROM own) LIMIT 1
    )
    ELSE (
      SELECT true FROM mine
       CROSS JOIN LATERAL (SELECT 1 FROM members WHERE app_id = $1 AND user_id = given.id AND active AND conversation_id = mine.conversation_id LIMIT 1) AS both_in LIMIT 1
    )
  END, false)`;

interface SeenColumns {
  readonly id: string;
  readonly seen_ms: number | null;
  readonly settings: string;
  readonly blocked: boolean;
}
/** In the order of the key, so that two nodes that write the same users wait for each other and do not lock each other out. */
const ADD_SEEN = `
  INSERT INTO last_seen (app_id, user_id, seen_ms)
  SELECT u.app_id, u.id, max(given.seen_ms) FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS given (app_id, user_id, seen_ms)
    JOIN users AS u ON u.app_id = given.app_id AND u.id = given.user_id GROUP BY u.app_id, u.id ORDER BY u.app_id, u.id
  ON CONFLICT (app_id, user_id) DO UPDATE SET seen_ms = excluded.seen_ms WHERE last_seen.seen_ms < excluded.seen_ms`;

export function createUserCalls(ids: IdCodec): OnLine<UserReads & UserWrites> {
  const one = (app: string, row: UserColumns<string> | undefined): UserRow | null => (row ? userRow(ids, app, row) : null);
  return {
    async user(line, app, id) {
      const { rows: [row] } = await line.query<UserColumns<string>>(`SELECT ${COLUMNS} FROM users WHERE app_id = $1 AND id = $2`, [ids.uuid(app), ids.uuid(id)]);
      return one(app, row);
    },
    async userByExternalId(line, app, externalId) {
      const { rows: [row] } = await line.query<UserColumns<string>>(`SELECT ${COLUMNS} FROM users WHERE app_id = $1 AND external_id = $2`, [ids.uuid(app), externalId]);
      return one(app, row);
    },
    async usersById(line, app, wanted) {
      const { rows } = await line.query<UserColumns<string>>(`SELECT ${COLUMNS} FROM users WHERE app_id = $1 AND id = ANY($2::uuid[])`, [ids.uuid(app), plainArray(wanted.map((id) => ids.uuid(id)))]);
      const found = new Map(rows.map((row) => [ids.text('user', row.id), userRow(ids, app, row)]));
      return wanted.flatMap((id) => found.get(id) ?? []);
    },
    async users(line, app, limit, afterId) {
      const { rows } = await line.query<UserColumns<string>>(
        `SELECT ${COLUMNS} FROM users WHERE app_id = $1 AND id > $2 ORDER BY id LIMIT $3`, [ids.uuid(app), afterId ? ids.uuid(afterId) : FIRST_UUID, limit + 1],
      );
      return paged(rows.map((row) => userRow(ids, app, row)), limit);
    },
    async lastSeen(line, app, viewer, wanted) {
      const all = [...new Set(wanted)];
      const asked = [ids.uuid(app), plainArray(all.map((id) => ids.uuid(id)))];
      const { rows } = viewer === null
        ? await line.query<SeenColumns>(LAST_SEEN, asked)
        : await line.query<SeenColumns>(LAST_SEEN_BY_USER, [...asked, ids.uuid(viewer), SHARED_MAX, viewer, plainArray(all)]);
      return rows.map((row) => ({ user: ids.text('user', row.id), seenMs: row.seen_ms, settings: row.settings, blocked: row.blocked }));
    },
    async addSeen(line, rows) {
      await line.query(ADD_SEEN, [
        plainArray(rows.map(({ app }) => ids.uuid(app))), plainArray(rows.map(({ user }) => ids.uuid(user))), plainArray(rows.map(({ seenMs }) => seenMs)),
      ]);
    },
    createUser: (line, row) => inTransaction(line, async () => {
      await line.query(`INSERT INTO users (app_id, ${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (app_id, external_id) DO NOTHING`, [
        ids.uuid(row.app), ids.uuid(row.id), row.externalId, row.name, row.data, row.createdMs, row.updatedMs, row.tokensNotBeforeMs, row.settings, row.deactivatedMs,
      ]);
      const { rows: [found] } = await line.query<UserColumns<string>>(`SELECT ${COLUMNS} FROM users WHERE app_id = $1 AND external_id = $2`, [ids.uuid(row.app), row.externalId]);
      return found ? userRow(ids, row.app, found) : row;
    }),
    async updateUser(line, app, id, change) {
      // What is not said stays: coalesce, because none of these may be null.
      const { rows: [row] } = await line.query<UserColumns<string>>(
        `UPDATE users SET name = coalesce($3, name), data = coalesce($4, data), tokens_not_before_ms = coalesce($5::bigint, tokens_not_before_ms), updated_ms = $6
          WHERE app_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
        [ids.uuid(app), ids.uuid(id), change.name ?? null, change.data ?? null, change.tokensNotBeforeMs ?? null, change.updatedMs],
      );
      return one(app, row);
    },
  };
}
