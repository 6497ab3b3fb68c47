import type { ReadCalls, WriteCalls } from '../port.js';
import { paged } from '../read-calls.js';
import type { UserRow } from '../rows.js';
import { plainArray } from './array-text.js';
import type { OnLine } from './calls.js';
import { FIRST_UUID, type IdCodec } from './ids.js';
import { inTransaction } from './transaction.js';

interface UserColumns {
  id: string; external_id: string; name: string; data: string; created_ms: number; updated_ms: number; tokens_not_before_ms: number;
}
const COLUMNS = 'id, external_id, name, data, created_ms, updated_ms, tokens_not_before_ms';

export function createUserCalls(ids: IdCodec): OnLine<Pick<ReadCalls, 'user' | 'userByExternalId' | 'usersById' | 'users'> & Pick<WriteCalls, 'createUser' | 'updateUser'>> {
  const asUser = (app: string, row: UserColumns): UserRow => ({
    app, id: ids.text('user', row.id), externalId: row.external_id, name: row.name, data: row.data, createdMs: row.created_ms, updatedMs: row.updated_ms,
    tokensNotBeforeMs: row.tokens_not_before_ms,
  });
  const one = (app: string, row: UserColumns | undefined): UserRow | null => (row ? asUser(app, row) : null);
  return {
    async user(line, app, id) {
      const { rows: [row] } = await line.query<UserColumns>(`SELECT ${COLUMNS} FROM users WHERE app_id = $1 AND id = $2`, [ids.uuid(app), ids.uuid(id)]);
      return one(app, row);
    },
    async userByExternalId(line, app, externalId) {
      const { rows: [row] } = await line.query<UserColumns>(`SELECT ${COLUMNS} FROM users WHERE app_id = $1 AND external_id = $2`, [ids.uuid(app), externalId]);
      return one(app, row);
    },
    async usersById(line, app, wanted) {
      const { rows } = await line.query<UserColumns>(`SELECT ${COLUMNS} FROM users WHERE app_id = $1 AND id = ANY($2::uuid[])`, [ids.uuid(app), plainArray(wanted.map((id) => ids.uuid(id)))]);
      const found = new Map(rows.map((row) => [ids.text('user', row.id), asUser(app, row)]));
      return wanted.flatMap((id) => found.get(id) ?? []);
    },
    async users(line, app, limit, afterId) {
      const { rows } = await line.query<UserColumns>(
        `SELECT ${COLUMNS} FROM users WHERE app_id = $1 AND id > $2 ORDER BY id LIMIT $3`, [ids.uuid(app), afterId ? ids.uuid(afterId) : FIRST_UUID, limit + 1],
      );
      return paged(rows.map((row) => asUser(app, row)), limit);
    },
    createUser: (line, row) => inTransaction(line, async () => {
      await line.query(`INSERT INTO users (app_id, ${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (app_id, external_id) DO NOTHING`, [
        ids.uuid(row.app), ids.uuid(row.id), row.externalId, row.name, row.data, row.createdMs, row.updatedMs, row.tokensNotBeforeMs,
      ]);
      const { rows: [found] } = await line.query<UserColumns>(`SELECT ${COLUMNS} FROM users WHERE app_id = $1 AND external_id = $2`, [ids.uuid(row.app), row.externalId]);
      return found ? asUser(row.app, found) : row;
    }),
    async updateUser(line, app, id, change) {
      // What is not said stays: coalesce, because none of these may be null.
      const { rows: [row] } = await line.query<UserColumns>(
        `UPDATE users SET name = coalesce($3, name), data = coalesce($4, data), tokens_not_before_ms = coalesce($5::bigint, tokens_not_before_ms), updated_ms = $6
          WHERE app_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
        [ids.uuid(app), ids.uuid(id), change.name ?? null, change.data ?? null, change.tokensNotBeforeMs ?? null, change.updatedMs],
      );
      return one(app, row);
    },
  };
}
