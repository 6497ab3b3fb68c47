import { ProtocolError } from '@talaria/protocol';
import { externalIdSchema } from '@talaria/protocol/operations';
import type { JWTPayload } from 'jose';

/** Clocks of customers' servers and of issuers may be this far off. */
export const SKEW_S = 30;
const LIFETIME_S_MAX = 366 * 86_400;
/** Until a token that is good now has ended, whoever made it. */
export const TOKEN_ENDS_MS_MAX = (LIFETIME_S_MAX + 2 * SKEW_S) * 1_000;

/** What tokens are named by: their own id (RFC 7519), a session (OpenID Connect) or a device. */
const NAMING_CLAIMS = { token: 'jti', session: 'sid', device: 'device_id' } as const;
export type NameKind = keyof typeof NAMING_CLAIMS;
/** Longer ones are nobody's whom we could be asked to revoke. */
export const NAMED_CHARS_MAX = 128;

export const nameOf = (kind: NameKind, named: string): string => `${kind} ${named}`;

/** By which names a token can be revoked. */
export function namesOf(payload: JWTPayload): readonly string[] {
  return (Object.keys(NAMING_CLAIMS) as NameKind[]).flatMap((kind) => {
    const named = payload[NAMING_CLAIMS[kind]];
    return typeof named === 'string' && named !== '' && named.length <= NAMED_CHARS_MAX ? [nameOf(kind, named)] : [];
  });
}

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
  /** By which it can be revoked. */
  readonly names: readonly string[];
  /** The session of the built-in identity that it is of. */
  readonly session: string | undefined;
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

