/** What becomes of operators when they are changed; every driver asks this inside of the transaction that writes it. */
import { isAtLeast } from '@talaria/protocol/operations';
import type { OperatorLinkRow, OperatorRow } from './rows.js';

export interface OperatorChange {
  readonly name?: string;
  readonly role?: OperatorRow['role'];
  readonly disabled?: boolean;
  readonly passwordHash?: string;
  /** A session that goes on whatever is changed: of who changes it. */
  readonly keepSession?: string;
}

export type OperatorChanged =
  | { readonly outcome: 'done'; readonly row: OperatorRow; /** Whether sessions of the operator end, but for the one to keep. */ readonly ends: boolean }
  | { readonly outcome: 'absent' }
  /** Nobody could make an owner again. */
  | { readonly outcome: 'last_owner' };

/** Who uses a link. */
export interface LinkAccepted {
  readonly nowMs: number;
  /** For who has none yet. */
  readonly login: string | null;
  readonly name: string | null;
  readonly passwordHash: string;
  /** The id of the first owner, where the link makes one. */
  readonly newId: string;
}

export type LinkOutcome =
  | { readonly outcome: 'accepted'; readonly operator: OperatorRow }
  /** There is no such link, or not any more. */
  | { readonly outcome: 'absent' }
  /** Somebody else has the login. The link stays good. */
  | { readonly outcome: 'taken' };

/** An owner who can sign in. */
export const isOwner = (row: Pick<OperatorRow, 'role' | 'login' | 'disabled'>): boolean => row.role === 'owner' && row.login !== null && !row.disabled;

/** @param others whether another owner can sign in */
export function changed(row: OperatorRow | null, { keepSession: _kept, ...change }: OperatorChange, others: boolean): OperatorChanged {
  if (!row) return { outcome: 'absent' };
  const next: OperatorRow = { ...row, ...change };
  if (isOwner(row) && !isOwner(next) && !others) return { outcome: 'last_owner' };
  const lower = !isAtLeast(next.role, row.role);
  return { outcome: 'done', row: next, ends: lower || (next.disabled && !row.disabled) || change.passwordHash !== undefined };
}

/** @param others whether another owner can sign in */
export function removed(row: OperatorRow | null, others: boolean): 'done' | 'absent' | 'last_owner' {
  if (!row) return 'absent';
  return isOwner(row) && !others ? 'last_owner' : 'done';
}

/**
 * @param operator whom the link is for, if that is said and they are there
 * @param owners whether an owner can sign in
 * @param loginOf who has the login that is asked for
 */
export function accepted(link: OperatorLinkRow | null, operator: OperatorRow | null, owners: boolean, loginOf: OperatorRow | null, by: LinkAccepted): LinkOutcome {
  const before = link && link.expiresMs > by.nowMs ? who(link, operator, owners, by) : null;
  if (!before || before.disabled) return { outcome: 'absent' };
  const login = before.login ?? by.login;
  if (login === null) return { outcome: 'absent' };
  if (before.login === null && loginOf && loginOf.id !== before.id) return { outcome: 'taken' };
  return { outcome: 'accepted', operator: { ...before, login, name: before.login === null ? by.name ?? before.name : before.name, passwordHash: by.passwordHash } };
}

/** The link of the first owner is good while there is none. */
function who(link: OperatorLinkRow, operator: OperatorRow | null, owners: boolean, { newId, nowMs }: LinkAccepted): OperatorRow | null {
  if (link.operator !== null) return operator;
  return owners ? null : { id: newId, login: null, name: '', role: 'owner', passwordHash: null, disabled: false, createdMs: nowMs, seenMs: null };
}
