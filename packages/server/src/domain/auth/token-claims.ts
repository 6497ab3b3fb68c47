import { ProtocolError } from '@talaria/protocol';
import { externalIdSchema } from '@talaria/protocol/operations';
import type { JWTPayload } from 'jose';

/** Clocks of customers' servers and of issuers may be this far off. */
export const SKEW_S = 30;
const LIFETIME_S_MAX = 366 * 86_400;

export interface VerifiedToken {
  readonly app: string;
  readonly externalId: string;
  readonly issuedMs: number;
  readonly expiresMs: number;
  /** Until when it is honoured: a little longer, because clocks differ. */
  readonly endsMs: number;
  /** The key that minted it over HTTP; undefined when the customer or an issuer signed it. */
  readonly keyId: string | undefined;
  /** Whose it is; undefined for the app's own. */
  readonly issuer: string | undefined;
  /** Whether an unknown user is made. */
  readonly createUsers: boolean;
}

/** A refusal whose message is for the log alone. */
export const refusedBecause = (reason: string): ProtocolError => new ProtocolError('invalid_token', reason);

/** What holds of every user token, whoever signed it. @throws ProtocolError invalid_token, with the reason for the log */
export function timesOf({ exp, iat }: JWTPayload, nowMs: number): Pick<VerifiedToken, 'issuedMs' | 'expiresMs' | 'endsMs'> {
  if (!Number.isSafeInteger(exp) || exp === undefined || !Number.isSafeInteger(iat) || iat === undefined) throw refusedBecause('times must be whole seconds');
  if (exp - iat > LIFETIME_S_MAX || iat * 1_000 > nowMs + SKEW_S * 1_000) throw refusedBecause('the lifetime is too long or begins later');
  return { issuedMs: iat * 1_000, expiresMs: exp * 1_000, endsMs: (exp + SKEW_S) * 1_000 };
}

/** @throws ProtocolError invalid_token, with the reason for the log */
export function externalIdOf(value: unknown): string {
  const parsed = externalIdSchema.safeParse(value);
  if (!parsed.success) throw refusedBecause('sub is not a user id');
  return parsed.data;
}

