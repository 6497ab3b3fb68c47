import { ProtocolError } from '@talaria/protocol';
import { externalIdSchema } from '@talaria/protocol/operations';
import { createHash } from 'node:crypto';
import { decodeJwt, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import type { Clock } from '../../runtime/clock.js';
import type { Log } from '../../runtime/log.js';
import type { AppEntry } from '../tenancy/app-directory.js';

export interface VerifiedToken {
  readonly app: string;
  readonly externalId: string;
  readonly issuedMs: number;
  readonly expiresMs: number;
  /** Until when it is honoured: a little longer, because clocks differ. */
  readonly endsMs: number;
  /** The key that minted it over HTTP; undefined when the customer signed it. */
  readonly keyId: string | undefined;
}

export interface TokenVerifier {
  /** @throws ProtocolError invalid_token or token_expired; why stands in the log only */
  verify(entry: AppEntry, token: string): Promise<VerifiedToken>;
}

const ISSUER = 'talaria';
const CACHE_MAX = 20_000;
/** Clocks of customers' servers may be this far off. */
const SKEW_S = 30;
const LIFETIME_S_MAX = 366 * 86_400;

/** Signs a user token with the app's secret (RFC 7519, HS256). `aud` is the app's id, `sub` the customer's id of the user. */
export function signUserToken(entry: AppEntry, claims: { externalId: string; issuedMs: number; expiresInS: number; keyId?: string }): Promise<string> {
  const issuedS = Math.floor(claims.issuedMs / 1_000);
  return new SignJWT(claims.keyId === undefined ? {} : { key: claims.keyId })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(ISSUER).setAudience(entry.row.id).setSubject(claims.externalId)
    .setIssuedAt(issuedS).setExpirationTime(issuedS + claims.expiresInS)
    .sign(entry.tokenKey);
}

/**
 * Verified tokens are kept until they expire: a check costs 0.2 ms, and clients come back with the same token. They are known
 * by a hash, which is a tenth as long and lets nobody in.
 */
export function createTokenVerifier(clock: Clock, log: Log): TokenVerifier {
  const verified = new Map<string, VerifiedToken>();

  async function check(entry: AppEntry, token: string): Promise<VerifiedToken> {
    const { payload } = await jwtVerify(token, entry.tokenKey, {
      algorithms: ['HS256'], audience: entry.row.id, requiredClaims: ['sub', 'exp', 'iat'], clockTolerance: SKEW_S, currentDate: new Date(clock.now()),
    });
    return verifiedToken(entry, payload, clock.now());
  }

  return {
    async verify(entry, token) {
      const name = createHash('sha256').update(`${entry.row.id} ${token}`).digest('base64url');
      const known = verified.get(name);
      if (known) {
        if (known.endsMs > clock.now()) return known;
        verified.delete(name);
        throw new ProtocolError('token_expired');
      }
      try {
        const result = await check(entry, token);
        if (verified.size >= CACHE_MAX) verified.delete(verified.keys().next().value!);
        verified.set(name, result);
        return result;
      } catch (error) {
        const reason = reasonOf(error);
        log.info('token.refused', { app: entry.row.id, reason });
        if (reason === 'ERR_JWT_EXPIRED') throw new ProtocolError('token_expired');
        throw new ProtocolError('invalid_token', undefined, { reason });
      }
    },
  };
}

/** Our own sentences, and the library's codes: its sentences quote the token. */
function reasonOf(error: unknown): string {
  if (error instanceof ProtocolError) return error.message;
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

/** For which app a token claims to be, before anything of it has been verified. Undefined when it is no token for one app. */
export function claimedApp(token: string): string | undefined {
  try {
    const { aud } = decodeJwt(token);
    return typeof aud === 'string' ? aud : undefined;
  } catch {
    return undefined;
  }
}

function verifiedToken(entry: AppEntry, payload: JWTPayload, nowMs: number): VerifiedToken {
  const { sub, exp, iat, aud } = payload;
  if (typeof aud !== 'string') throw new ProtocolError('invalid_token', 'one audience, please');
  if (!externalIdSchema.safeParse(sub).success || sub === undefined) throw new ProtocolError('invalid_token', 'sub is not a user id');
  if (!Number.isSafeInteger(exp) || exp === undefined || !Number.isSafeInteger(iat) || iat === undefined) throw new ProtocolError('invalid_token', 'times must be whole seconds');
  if (exp - iat > LIFETIME_S_MAX || iat * 1_000 > nowMs + SKEW_S * 1_000) throw new ProtocolError('invalid_token', 'the lifetime is too long or begins later');
  const key = payload['key'];
  return {
    app: entry.row.id, externalId: sub, issuedMs: iat * 1_000, expiresMs: exp * 1_000, endsMs: (exp + SKEW_S) * 1_000, keyId: typeof key === 'string' ? key : undefined,
  };
}
