import { accepted, changed, isOwner, removed } from '../operator-rules.js';
import { paged } from '../paged.js';
import type { ReadCalls, WriteCalls } from '../port.js';
import type { OperatorRow, OperatorSessionRow } from '../rows.js';
import { ConstraintError, requireFields } from './constraints.js';
import { byText } from './sorted.js';
import type { MemoryTables } from './tables.js';

type OperatorReads = Pick<ReadCalls, 'operator' | 'operatorByLogin' | 'operators' | 'ownerKnown' | 'operatorLink' | 'operatorSession' | 'operatorSessions'>;
type OperatorWrites = Pick<
  WriteCalls,
  'createOperator' | 'changeOperator' | 'deleteOperator' | 'addOperatorLink' | 'acceptOperatorLink' | 'createOperatorSession' | 'useOperatorSession' | 'endOperatorSessions'
>;

const OPEN = new Set(['login', 'passwordHash', 'seenMs', 'operator']);
const copied = <T extends object>(row: T | undefined): T | null => (row ? { ...row } : null);

export function createOperatorReads(tables: MemoryTables): OperatorReads {
  const { operators, operatorLinks, operatorSessions } = tables;
  return {
    operator: (id) => copied(operators.get(id)),
    operatorByLogin: (login) => copied([...operators.values()].find((row) => row.login === login)),
    operators(limit, afterId) {
      const found = [...operators.values()].filter((row) => afterId === null || row.id > afterId).sort((left, right) => byText(left.id, right.id));
      return paged(found.slice(0, limit + 1).map((row) => ({ ...row })), limit);
    },
    ownerKnown: () => [...operators.values()].some(isOwner),
    operatorLink: (hash) => copied(operatorLinks.get(hash)),
    operatorSession(hash) {
      const session = [...operatorSessions.values()].find((row) => row.hash === hash);
      const operator = session && operators.get(session.operator);
      return operator ? { session: { ...session }, operator: { ...operator } } : null;
    },
    operatorSessions: (operator) => [...operatorSessions.values()].filter((row) => row.operator === operator).sort((left, right) => byText(right.id, left.id)).map((row) => ({ ...row })),
  };
}

export function createOperatorWrites(tables: MemoryTables): OperatorWrites {
  const { operators, operatorLinks, operatorSessions } = tables;
  const reads = createOperatorReads(tables);
  const otherOwners = (id: string): boolean => [...operators.values()].some((row) => row.id !== id && isOwner(row));

  function keep(row: OperatorRow): void {
    requireFields(row, OPEN);
    operators.set(row.id, { ...row });
  }

  function end(which: (row: OperatorSessionRow) => boolean): number {
    const gone = [...operatorSessions.values()].filter(which);
    for (const { id } of gone) operatorSessions.delete(id);
    return gone.length;
  }

  /** @param operator null: of the first owner */
  function forgetLinks(operator: string | null): void {
    for (const [hash, row] of operatorLinks) if (row.operator === operator) operatorLinks.delete(hash);
  }

  return {
    createOperator(row) {
      if (operators.has(row.id) || (row.login !== null && reads.operatorByLogin(row.login))) throw new ConstraintError('there is such an operator already');
      keep(row);
    },
    changeOperator(id, change) {
      const result = changed(reads.operator(id), change, otherOwners(id));
      if (result.outcome !== 'done') return result;
      keep(result.row);
      if (result.ends) end((row) => row.operator === id && row.id !== change.keepSession);
      return result;
    },
    deleteOperator(id) {
      const outcome = removed(reads.operator(id), otherOwners(id));
      if (outcome !== 'done') return outcome;
      operators.delete(id);
      forgetLinks(id);
      end((row) => row.operator === id);
      return outcome;
    },
    addOperatorLink(row) {
      requireFields(row, OPEN);
      if (row.operator !== null) forgetLinks(row.operator);
      operatorLinks.set(row.hash, { ...row });
    },
    acceptOperatorLink(hash, by) {
      const link = reads.operatorLink(hash);
      const operator = link?.operator ? reads.operator(link.operator) : null;
      const result = accepted(link, operator, reads.ownerKnown(), by.login === null ? null : reads.operatorByLogin(by.login), by);
      if (result.outcome !== 'accepted') return result;
      keep(result.operator);
      forgetLinks(link!.operator);
      end((row) => row.operator === result.operator.id);
      return result;
    },
    createOperatorSession(row, passwordHash, sessions_max) {
      const operator = reads.operator(row.operator);
      if (!operator || operator.disabled || operator.passwordHash !== passwordHash) return false;
      requireFields(row);
      for (const old of reads.operatorSessions(row.operator).slice(sessions_max - 1)) operatorSessions.delete(old.id);
      operatorSessions.set(row.id, { ...row });
      keep({ ...operator, seenMs: row.createdMs });
      return true;
    },
    useOperatorSession(id, nowMs) {
      const session = operatorSessions.get(id);
      const operator = session && operators.get(session.operator);
      if (!operator) return;
      operatorSessions.set(id, { ...session, usedMs: nowMs });
      keep({ ...operator, seenMs: nowMs });
    },
    endOperatorSessions: (operator, ids) => end((row) => row.operator === operator && ids.includes(row.id)),
  };
}
