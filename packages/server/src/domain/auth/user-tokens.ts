import { ProtocolError } from '@talaria/protocol';
import { createHash } from 'node:crypto';
import { decodeJwt, jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../../runtime/clock.js';
import type { Log } from '../../runtime/log.js';
import type { UserRow } from '../../storage/rows.js';
import type { AppEntry } from '../tenancy/app-directory.js';
import type { IssuerKeys } from './issuer-keys.js';
import { claimedIssuer, verifyIssuerToken } from './issuer-tokens.js';
import { externalIdOf, namesOf, refusedBecause, SKEW_S, timesOf, type VerifiedToken } from './token-claims.js';

export interface TokenVerifier {
  /** @throws ProtocolError invalid_token, token_expired or auth_keys_unavailable; why stands in the log only */
  verify(entry: AppEntry, token: string): Promise<VerifiedToken>;
}

const ISSUER = 'talaria';
const CACHE_MAX = 20_000;
const SECOND_MS = 1_000;
/** A key that an issuer has withdrawn opens nothing for longer than this, however long its tokens say that they live. */
const ISSUER_TOKEN_KEPT_MS = 3_600_000;

export interface SignedClaims {
  readonly externalId: string;
  readonly issuedMs: number;
  readonly expiresInS: number;
  /** `jti`: by it the token alone can be revoked. */
  readonly tokenId: string;
  /** The key that asked for it. */
  readonly keyId?: string;
  readonly session?: string;
  readonly device?: string;
}

/** Signs a user token with the app's secret (RFC 7519, HS256). `aud` is the app's id, `sub` the customer's id of the user. */
export function signUserToken(entry: AppEntry, claims: SignedClaims): Promise<string> {
  const issuedS = Math.floor(claims.issuedMs / 1_000);
  const { keyId, session, device } = claims;
  return new SignJWT({ ...(keyId === undefined ? {} : { key: keyId }), ...(session === undefined ? {} : { sid: session }), ...(device === undefined ? {} : { device_id: device }) })
    .setJti(claims.tokenId)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(ISSUER).setAudience(entry.row.id).setSubject(claims.externalId)
    .setIssuedAt(issuedS).setExpirationTime(issuedS + claims.expiresInS)
    .sign(entry.tokenKey);
}

/**
 * When a token that is asked for now is issued. Its times are whole seconds: after a revocation of everything so far, the rest of that
 * second belongs to what was revoked, and so the token is of the next one.
 */
export function issuedNow({ tokensNotBeforeMs }: Pick<UserRow, 'tokensNotBeforeMs'>, nowMs: number): number {
  return tokensNotBeforeMs - nowMs <= SECOND_MS ? Math.max(nowMs, tokensNotBeforeMs) : nowMs;
}

interface Kept { readonly token: VerifiedToken; readonly untilMs: number }

/**
 * Verified tokens are kept until they expire: a check costs 0.2 ms, and clients come back with the same token. They are known
 * by a hash, which is a tenth as long and lets nobody in.
 */
export function createTokenVerifier(issuerKeys: IssuerKeys, clock: Clock, log: Log): TokenVerifier {
  const verified = new Map<string, Kept>();

  /** Either an issuer's or the app's own, never first the one and then the other. */
  async function check(entry: AppEntry, token: string): Promise<Kept> {
    const nowMs = clock.now();
    const issuer = claimedIssuer(entry, token);
    const result = issuer ? await verifyIssuerToken(issuerKeys, entry, issuer, token, nowMs) : await verifyOwnToken(entry, token, nowMs);
    return { token: result, untilMs: issuer ? Math.min(result.endsMs, nowMs + ISSUER_TOKEN_KEPT_MS) : result.endsMs };
  }

  return {
    async verify(entry, token) {
      // By the app's settings, too: what an issuer signed that the app has named no more is nothing any more.
      const name = createHash('sha256').update(`${entry.row.id} ${entry.issuersCheck} ${token}`).digest('base64url');
      const known = verified.get(name);
      if (known && known.untilMs > clock.now()) return known.token;
      if (known) verified.delete(name);
      if (known && known.token.endsMs <= clock.now()) throw new ProtocolError('token_expired');
      try {
        const result = await check(entry, token);
        if (verified.size >= CACHE_MAX) verified.delete(verified.keys().next().value!);
        verified.set(name, result);
        return result.token;
      } catch (error) {
        if (error instanceof ProtocolError && error.code === 'auth_keys_unavailable') throw error;
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

/** A token by the app's own secret. */
async function verifyOwnToken(entry: AppEntry, token: string, nowMs: number): Promise<VerifiedToken> {
  const { payload } = await jwtVerify(token, entry.tokenKey, {
    algorithms: ['HS256'], audience: entry.row.id, requiredClaims: ['sub', 'exp', 'iat'], clockTolerance: SKEW_S, currentDate: new Date(nowMs),
  });
  if (typeof payload.aud !== 'string') throw refusedBecause('one audience, please');
  const key = payload['key'];
  return {
    app: entry.row.id, externalId: externalIdOf(payload.sub), ...timesOf(payload, nowMs), keyId: typeof key === 'string' ? key : undefined, issuer: undefined,
    createUsers: entry.row.createUsers, names: namesOf(payload), session: typeof payload['sid'] === 'string' ? payload['sid'] : undefined,
  };
}
