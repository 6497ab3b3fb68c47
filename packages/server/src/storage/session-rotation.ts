import type { SessionRow } from './rows.js';

/** A refresh token that is to be exchanged for the next one. Tokens are known by their hashes. */
export interface Rotation {
  readonly presentedHash: string;
  readonly nextHash: string;
  readonly nowMs: number;
  /** When the session ends if it is not used again. */
  readonly expiresMs: number;
  /** For how long the token before the good one is taken as the same request again, whose answer was lost. */
  readonly grace_ms: number;
}

/**
 * - `rotated`: the next one is good from now on.
 * - `repeated`: it was exchanged a moment ago, and the same next one is still good.
 * - `reused`: it was exchanged before; somebody has a copy, and the session has ended (RFC 9700, section 4.14.2).
 * - `ended`: there is no such session, or not any more.
 */
export type RotationOutcome = 'rotated' | 'repeated' | 'reused' | 'ended';

/** What becomes of a session by a rotation; every driver asks this inside of the transaction that writes it. */
export function rotate(row: SessionRow | null, rotation: Rotation): { readonly outcome: RotationOutcome; readonly row: SessionRow | null } {
  const { presentedHash, nextHash, nowMs, expiresMs, grace_ms } = rotation;
  if (!row || row.endedMs !== null || row.expiresMs <= nowMs) return { outcome: 'ended', row };
  if (row.tokenHash === presentedHash) return { outcome: 'rotated', row: { ...row, tokenHash: nextHash, formerHash: presentedHash, usedMs: nowMs, expiresMs } };
  if (row.formerHash === presentedHash && row.tokenHash === nextHash && Math.abs(nowMs - row.usedMs) < grace_ms) return { outcome: 'repeated', row };
  return { outcome: 'reused', row: { ...row, endedMs: nowMs } };
}
