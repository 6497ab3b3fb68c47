import { accepted, changed, removed } from '../operator-rules.js';
import { paged } from '../paged.js';
import type { ReadCalls, WriteCalls } from '../port.js';
import type { OperatorLinkRow, OperatorRow, OperatorSessionRow } from '../rows.js';
import { plainArray } from './array-text.js';
import type { OnLine } from './calls.js';
import { FIRST_UUID, type IdCodec } from './ids.js';
import type { Line, Parameter } from './line.js';
import { inTransaction } from './transaction.js';

interface OperatorColumns { id: string; login: string | null; name: string; role: OperatorRow['role']; password_hash: string | null; disabled: boolean; created_ms: number; seen_ms: number | null }
interface LinkColumns { hash: string; operator_id: string | null; created_ms: number; expires_ms: number }
interface SessionColumns { id: string; operator_id: string; hash: string; address: string; agent: string; created_ms: number; used_ms: number; expires_ms: number }

type OperatorReads = Pick<ReadCalls, 'operator' | 'operatorByLogin' | 'operators' | 'ownerKnown' | 'operatorLink' | 'operatorSession' | 'operatorSessions'>;
type OperatorWrites = Pick<
  WriteCalls,
  'createOperator' | 'changeOperator' | 'deleteOperator' | 'addOperatorLink' | 'acceptOperatorLink' | 'createOperatorSession' | 'useOperatorSession' | 'endOperatorSessions'
>;

const BY_ID = 'SELECT * FROM operators WHERE id = $1';
const BY_LOGIN = 'SELECT * FROM operators WHERE login = $1';
const LINK = 'SELECT * FROM operator_links WHERE hash = $1';
const SESSIONS = 'SELECT * FROM operator_sessions WHERE operator_id = $1 ORDER BY id DESC';
const WITH_OPERATOR = `SELECT s.*, o.login, o.name, o.role, o.password_hash, o.disabled, o.created_ms AS operator_created_ms, o.seen_ms
  FROM operator_sessions s JOIN operators o ON o.id = s.operator_id WHERE s.hash = $1`;
const OWNERS = "SELECT 1 FROM operators WHERE role = 'owner' AND login IS NOT NULL AND NOT disabled";
/** Who writes operators does so alone: two owners who remove each other at once would leave none. */
const ALONE = 'LOCK TABLE operators IN SHARE ROW EXCLUSIVE MODE';
const INSERT = 'INSERT INTO operators (id, login, name, role, password_hash, disabled, created_ms, seen_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)';
const UPDATE = 'UPDATE operators SET login = $2, name = $3, role = $4, password_hash = $5, disabled = $6 WHERE id = $1';

export function createOperatorCalls(ids: IdCodec): OnLine<OperatorReads & OperatorWrites> {
  const asOperator = (row: OperatorColumns): OperatorRow => ({
    id: ids.text('operator', row.id), login: row.login, name: row.name, role: row.role, passwordHash: row.password_hash, disabled: row.disabled, createdMs: row.created_ms, seenMs: row.seen_ms,
  });
  const asLink = (row: LinkColumns): OperatorLinkRow => ({ hash: row.hash, operator: row.operator_id && ids.text('operator', row.operator_id), createdMs: row.created_ms, expiresMs: row.expires_ms });
  const asSession = (row: SessionColumns): OperatorSessionRow => ({
    id: ids.text('session', row.id), operator: ids.text('operator', row.operator_id), hash: row.hash, address: row.address, agent: row.agent, createdMs: row.created_ms, usedMs: row.used_ms,
    expiresMs: row.expires_ms,
  });

  async function one<C extends object, T>(line: Line, map: (row: C) => T, sql: string, parameters: readonly Parameter[]): Promise<T | null> {
    const { rows: [row] } = await line.query<C>(sql, parameters);
    return row === undefined ? null : map(row);
  }

  const operator = (line: Line, id: string): Promise<OperatorRow | null> => one(line, asOperator, BY_ID, [ids.uuid(id)]);
  const sessionsOf = async (line: Line, id: string): Promise<OperatorSessionRow[]> => (await line.query<SessionColumns>(SESSIONS, [ids.uuid(id)])).rows.map(asSession);
  const ownerKnown = async (line: Line, but: string = FIRST_UUID): Promise<boolean> => (await line.query(`${OWNERS} AND id <> $1 LIMIT 1`, [but])).count > 0;
  const forgetLinks = (line: Line, id: string | null) => line.query('DELETE FROM operator_links WHERE operator_id IS NOT DISTINCT FROM $1', [id && ids.uuid(id)]);
  const endAll = (line: Line, id: string, but: string | undefined) =>
    line.query('DELETE FROM operator_sessions WHERE operator_id = $1 AND id <> $2', [ids.uuid(id), but === undefined ? FIRST_UUID : ids.uuid(but)]);

  async function create(line: Line, row: OperatorRow): Promise<void> {
    await line.query(INSERT, [ids.uuid(row.id), row.login, row.name, row.role, row.passwordHash, row.disabled, row.createdMs, row.seenMs]);
  }

  async function keep(line: Line, row: OperatorRow): Promise<void> {
    await line.query(UPDATE, [ids.uuid(row.id), row.login, row.name, row.role, row.passwordHash, row.disabled]);
  }

  return {
    operator,
    operatorByLogin: (line, login) => one(line, asOperator, BY_LOGIN, [login]),
    async operators(line, limit, afterId) {
      const { rows } = await line.query<OperatorColumns>('SELECT * FROM operators WHERE id > $1 ORDER BY id LIMIT $2', [afterId === null ? FIRST_UUID : ids.uuid(afterId), limit + 1]);
      return paged(rows.map(asOperator), limit);
    },
    ownerKnown: (line) => ownerKnown(line),
    operatorLink: (line, hash) => one(line, asLink, LINK, [hash]),
    async operatorSession(line, hash) {
      const { rows: [row] } = await line.query<SessionColumns & Omit<OperatorColumns, 'id' | 'created_ms'> & { readonly operator_created_ms: number }>(WITH_OPERATOR, [hash]);
      return row ? { session: asSession(row), operator: asOperator({ ...row, id: row.operator_id, created_ms: row.operator_created_ms }) } : null;
    },
    operatorSessions: sessionsOf,
    createOperator: create,
    changeOperator: (line, id, change) => inTransaction(line, async () => {
      await line.query(ALONE);
      const [row, others] = await Promise.all([operator(line, id), ownerKnown(line, ids.uuid(id))]);
      const result = changed(row, change, others);
      if (result.outcome !== 'done') return result;
      await keep(line, result.row);
      if (result.ends) await endAll(line, id, change.keepSession);
      return result;
    }),
    deleteOperator: (line, id) => inTransaction(line, async () => {
      await line.query(ALONE);
      const [row, others] = await Promise.all([operator(line, id), ownerKnown(line, ids.uuid(id))]);
      const outcome = removed(row, others);
      if (outcome !== 'done') return outcome;
      await forgetLinks(line, id);
      await endAll(line, id, undefined);
      await line.query('DELETE FROM operators WHERE id = $1', [ids.uuid(id)]);
      return outcome;
    }),
    addOperatorLink: (line, row) => inTransaction(line, async () => {
      if (row.operator !== null) await forgetLinks(line, row.operator);
      await line.query('INSERT INTO operator_links (hash, operator_id, created_ms, expires_ms) VALUES ($1, $2, $3, $4)', [row.hash, row.operator && ids.uuid(row.operator), row.createdMs, row.expiresMs]);
    }),
    acceptOperatorLink: (line, hash, by) => inTransaction(line, async () => {
      await line.query(ALONE);
      const [link, owners, holder] = await Promise.all([one(line, asLink, LINK, [hash]), ownerKnown(line), by.login === null ? null : one(line, asOperator, BY_LOGIN, [by.login])]);
      const known = link?.operator ? await operator(line, link.operator) : null;
      const result = accepted(link, known, owners, holder, by);
      if (result.outcome !== 'accepted') return result;
      await (known ? keep(line, result.operator) : create(line, result.operator));
      await forgetLinks(line, link?.operator ?? null);
      await endAll(line, result.operator.id, undefined);
      return result;
    }),
    createOperatorSession: (line, row, passwordHash, sessions_max) => inTransaction(line, async () => {
      await line.query(ALONE);
      const known = await operator(line, row.operator);
      if (!known || known.disabled || known.passwordHash !== passwordHash) return false;
      const old = (await sessionsOf(line, row.operator)).slice(sessions_max - 1);
      await line.query('DELETE FROM operator_sessions WHERE id = ANY($1::uuid[])', [plainArray(old.map(({ id }) => ids.uuid(id)))]);
      await line.query('INSERT INTO operator_sessions (id, operator_id, hash, address, agent, created_ms, used_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [
        ids.uuid(row.id), ids.uuid(row.operator), row.hash, row.address, row.agent, row.createdMs, row.usedMs, row.expiresMs,
      ]);
      await line.query('UPDATE operators SET seen_ms = $2 WHERE id = $1', [ids.uuid(row.operator), row.createdMs]);
      return true;
    }),
    useOperatorSession: (line, id, nowMs) => inTransaction(line, async () => {
      // Operators before sessions, as everywhere: whoever writes both waits at the first.
      await line.query('UPDATE operators SET seen_ms = $2 WHERE id = (SELECT operator_id FROM operator_sessions WHERE id = $1)', [ids.uuid(id), nowMs]);
      await line.query('UPDATE operator_sessions SET used_ms = $2 WHERE id = $1', [ids.uuid(id), nowMs]);
    }),
    async endOperatorSessions(line, id, sessions) {
      return (await line.query('DELETE FROM operator_sessions WHERE operator_id = $1 AND id = ANY($2::uuid[])', [ids.uuid(id), plainArray(sessions.map((one) => ids.uuid(one)))])).count;
    },
  };
}
