import type { OperationOutput } from '@talaria/protocol/operations';
import type { OperatorRow } from '../../storage/rows.js';

export const operatorView = (row: OperatorRow): OperationOutput<'operators.get'> => ({
  id: row.id, login: row.login, name: row.name, role: row.role, disabled: row.disabled, created_ms: row.createdMs, last_seen_ms: row.seenMs,
});
