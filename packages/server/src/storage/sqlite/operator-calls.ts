import type { Database } from 'better-sqlite3';
import { accepted, changed, isOwner, removed } from '../operator-rules.js';
import { paged } from '../paged.js';
import type { ReadCalls, WriteCalls } from '../port.js';
import type { OperatorLinkRow, OperatorRow, OperatorSessionRow } from '../rows.js';
import { AT_MOST } from './at-most.js';
import type { IdCodec } from './ids.js';

interface OperatorColumns { id: Buffer; login: string | null; name: string; role: OperatorRow['role']; password_hash: string | null; disabled: number; created_ms: number; seen_ms: number | null }
interface LinkColumns { hash: string; operator_id: Buffer | null; created_ms: number; expires_ms: number }
interface SessionColumns { id: Buffer; operator_id: Buffer; hash: string; address: string; agent: string; created_ms: number; used_ms: number; expires_ms: number }

type OperatorReads = Pick<ReadCalls, 'operator' | 'operatorByLogin' | 'operators' | 'ownerKnown' | 'operatorLink' | 'operatorSession' | 'operatorSessions'>;
type OperatorWrites = Pick<
  WriteCalls,
  'createOperator' | 'changeOperator' | 'deleteOperator' | 'addOperatorLink' | 'acceptOperatorLink' | 'createOperatorSession' | 'useOperatorSession' | 'endOperatorSessions'
>;

const FIRST = Buffer.alloc(0);
const OWNERS = "SELECT 1 FROM operators WHERE role = 'owner' AND login IS NOT NULL AND disabled = 0";

export function createOperatorReads(db: Database, ids: IdCodec): OperatorReads {
  const byId = db.prepare<[Buffer], OperatorColumns>('SELECT * FROM operators WHERE id = ?');
  const byLogin = db.prepare<[string], OperatorColumns>('SELECT * FROM operators WHERE login = ?');
  const all = db.prepare<[Buffer, number], OperatorColumns>(`SELECT * FROM operators WHERE id > ? ORDER BY id ${AT_MOST}`);
  const owner = db.prepare(`${OWNERS} LIMIT 1`);
  const link = db.prepare<[string], LinkColumns>('SELECT * FROM operator_links WHERE hash = ?');
  const session = db.prepare<[string], SessionColumns>('SELECT * FROM operator_sessions WHERE hash = ?');
  const sessions = db.prepare<[Buffer], SessionColumns>('SELECT * FROM operator_sessions WHERE operator_id = ? ORDER BY id DESC');
  const asOperator = (row: OperatorColumns): OperatorRow => ({
    id: ids.text('operator', row.id), login: row.login, name: row.name, role: row.role, passwordHash: row.password_hash, disabled: row.disabled === 1, createdMs: row.created_ms, seenMs: row.seen_ms,
  });
  const asLink = (row: LinkColumns): OperatorLinkRow => ({ hash: row.hash, operator: row.operator_id && ids.text('operator', row.operator_id), createdMs: row.created_ms, expiresMs: row.expires_ms });
  const asSession = (row: SessionColumns): OperatorSessionRow => ({
    id: ids.text('session', row.id), operator: ids.text('operator', row.operator_id), hash: row.hash, address: row.address, agent: row.agent, createdMs: row.created_ms, usedMs: row.used_ms,
    expiresMs: row.expires_ms,
  });
  const orNull = <C, T>(row: C | undefined, map: (row: C) => T): T | null => (row === undefined ? null : map(row));
  return {
    operator: (id) => orNull(byId.get(ids.bytes(id)), asOperator),
    operatorByLogin: (login) => orNull(byLogin.get(login), asOperator),
    operators: (limit, afterId) => paged(all.all(afterId === null ? FIRST : ids.bytes(afterId), limit + 1).map(asOperator), limit),
    ownerKnown: () => owner.get() !== undefined,
    operatorLink: (hash) => orNull(link.get(hash), asLink),
    operatorSession(hash) {
      const found = session.get(hash);
      const operator = found && byId.get(found.operator_id);
      return operator ? { session: asSession(found), operator: asOperator(operator) } : null;
    },
    operatorSessions: (operator) => sessions.all(ids.bytes(operator)).map(asSession),
  };
}

export function createOperatorWrites(db: Database, ids: IdCodec): OperatorWrites {
  const reads = createOperatorReads(db, ids);
  const otherOwner = db.prepare<[Buffer]>(`${OWNERS} AND id <> ? LIMIT 1`);
  const insert = db.prepare('INSERT INTO operators (id, login, name, role, password_hash, disabled, created_ms, seen_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const update = db.prepare('UPDATE operators SET login = ?, name = ?, role = ?, password_hash = ?, disabled = ? WHERE id = ?');
  const seen = db.prepare('UPDATE operators SET seen_ms = ? WHERE id = ?');
  const remove = db.prepare('DELETE FROM operators WHERE id = ?');
  const insertLink = db.prepare('INSERT INTO operator_links (hash, operator_id, created_ms, expires_ms) VALUES (?, ?, ?, ?)');
  const removeLinks = db.prepare<[Buffer | null]>('DELETE FROM operator_links WHERE operator_id IS ?');
  const insertSession = db.prepare('INSERT INTO operator_sessions (id, operator_id, hash, address, agent, created_ms, used_ms, expires_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const useSession = db.prepare<[number, Buffer], { operator_id: Buffer }>('UPDATE operator_sessions SET used_ms = ? WHERE id = ? RETURNING operator_id');
  const removeSession = db.prepare('DELETE FROM operator_sessions WHERE operator_id = ? AND id = ?');
  const removeSessions = db.prepare('DELETE FROM operator_sessions WHERE operator_id = ? AND id IS NOT ?');

  const bytesOrNull = (id: string | null | undefined): Buffer | null => (id === null || id === undefined ? null : ids.bytes(id));
  const others = (row: OperatorRow | null): boolean => row !== null && isOwner(row) && otherOwner.get(ids.bytes(row.id)) !== undefined;

  function create({ id, login, name, role, passwordHash, disabled, createdMs, seenMs }: OperatorRow): void {
    insert.run(ids.bytes(id), login, name, role, passwordHash, disabled ? 1 : 0, createdMs, seenMs);
  }

  function keep({ id, login, name, role, passwordHash, disabled }: OperatorRow): void {
    update.run(login, name, role, passwordHash, disabled ? 1 : 0, ids.bytes(id));
  }

  return {
    createOperator: create,
    changeOperator(id, change) {
      const row = reads.operator(id);
      const result = changed(row, change, others(row));
      if (result.outcome !== 'done') return result;
      keep(result.row);
      if (result.ends) removeSessions.run(ids.bytes(id), bytesOrNull(change.keepSession));
      return result;
    },
    deleteOperator(id) {
      const row = reads.operator(id);
      const outcome = removed(row, others(row));
      if (outcome !== 'done') return outcome;
      removeLinks.run(ids.bytes(id));
      removeSessions.run(ids.bytes(id), null);
      remove.run(ids.bytes(id));
      return outcome;
    },
    addOperatorLink(row) {
      if (row.operator !== null) removeLinks.run(ids.bytes(row.operator));
      insertLink.run(row.hash, bytesOrNull(row.operator), row.createdMs, row.expiresMs);
    },
    acceptOperatorLink(hash, by) {
      const link = reads.operatorLink(hash);
      const operator = link?.operator ? reads.operator(link.operator) : null;
      const result = accepted(link, operator, reads.ownerKnown(), by.login === null ? null : reads.operatorByLogin(by.login), by);
      if (result.outcome !== 'accepted') return result;
      if (operator) keep(result.operator);
      else create(result.operator);
      removeLinks.run(bytesOrNull(link?.operator));
      removeSessions.run(ids.bytes(result.operator.id), null);
      return result;
    },
    createOperatorSession(row, passwordHash, sessions_max) {
      const operator = reads.operator(row.operator);
      if (!operator || operator.disabled || operator.passwordHash !== passwordHash) return false;
      for (const old of reads.operatorSessions(row.operator).slice(sessions_max - 1)) removeSession.run(ids.bytes(row.operator), ids.bytes(old.id));
      insertSession.run(ids.bytes(row.id), ids.bytes(row.operator), row.hash, row.address, row.agent, row.createdMs, row.usedMs, row.expiresMs);
      seen.run(row.createdMs, ids.bytes(row.operator));
      return true;
    },
    useOperatorSession(id, nowMs) {
      const used = useSession.get(nowMs, ids.bytes(id));
      if (used) seen.run(nowMs, used.operator_id);
    },
    endOperatorSessions: (operator, sessions) => sessions.reduce((sum, id) => sum + removeSession.run(ids.bytes(operator), ids.bytes(id)).changes, 0),
  };
}
