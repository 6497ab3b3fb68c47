/** Tokens of issuers that an app has named: JWTs by keys that the issuer publishes (RFC 7515, RFC 7517, OpenID Connect Core 1.0). */
import { decodeJwt, decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose';
import type { IssuerRow } from '../../storage/rows.js';
import type { AppEntry } from '../tenancy/app-directory.js';
import type { IssuerKeys } from './issuer-keys.js';
import { externalIdOf, namesOf, refusedBecause, SKEW_S, timesOf, type VerifiedToken } from './token-claims.js';

/** RFC 8725, section 3.11: a token for another purpose, such as a logout token, is none for this one. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt']);
const KID_CHARS_MAX = 256;

/** The issuer that a token claims to be of, when it is one of the app's. Nothing of the token has been verified then. */
export function claimedIssuer(entry: AppEntry, token: string): IssuerRow | undefined {
  if (entry.row.issuers.length === 0) return undefined;
  const claimed = readClaims(token)?.iss;
  return entry.row.issuers.find(({ issuer }) => issuer === claimed);
}

function readClaims(token: string): JWTPayload | undefined {
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}

/** @throws ProtocolError auth_keys_unavailable, invalid_token with the reason for the log; what jose throws */
export async function verifyIssuerToken(keys: IssuerKeys, entry: AppEntry, issuer: IssuerRow, token: string, nowMs: number): Promise<VerifiedToken> {
  precheck(issuer, token);
  const { payload } = await jwtVerify(token, (header, jws) => keys.find(entry.row, issuer, header, jws), {
    // None of them is symmetric, so that no public key is ever taken for a shared secret.
    algorithms: [...issuer.algorithms], issuer: issuer.issuer, audience: [...issuer.audiences], requiredClaims: ['sub', 'exp', 'iat'], clockTolerance: SKEW_S,
    currentDate: new Date(nowMs),
  });
  return {
    app: entry.row.id, externalId: externalIdOf(issuer.userPrefix + userOf(issuer, payload)), ...timesOf(payload, nowMs), keyId: undefined, issuer: issuer.issuer,
    createUsers: issuer.createUsers, names: namesOf(payload), session: undefined,
  };
}

/** What is wrong whatever the keys are costs no fetch. `jku`, `jwk`, `x5u` and `x5c` are not looked at: keys come from the issuer's own address. */
function precheck(issuer: IssuerRow, token: string): void {
  const { alg, kid, typ } = decodeProtectedHeader(token);
  if (alg === undefined || !issuer.algorithms.includes(alg)) throw refusedBecause('the issuer does not sign with this alg');
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > KID_CHARS_MAX)) throw refusedBecause('kid cannot be one');
  if (!TYPES.has(typ)) throw refusedBecause('typ is of another kind of token');
  const { aud } = decodeJwt(token);
  const [one, ...more] = Array.isArray(aud) ? aud : [aud];
  if (one === undefined || more.length > 0) throw refusedBecause('one audience, please');
  if (!issuer.audiences.includes(one)) throw refusedBecause('aud is none of the app');
}

function userOf({ userClaim }: IssuerRow, payload: JWTPayload): string {
  if (typeof payload.sub !== 'string' || payload.sub === '') throw refusedBecause('sub is not a user id');
  const value = payload[userClaim];
  if (typeof value !== 'string' || value === '') throw refusedBecause('the claim of the user is missing');
  // An address that nobody has looked at may be anybody's.
  if (userClaim === 'email' && payload['email_verified'] !== true) throw refusedBecause('the email is not verified');
  return value;
}
