/** User tokens as an attacker makes them: any header, any claims, any signature, and texts that are no token at all. */
import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { resolve, type Scene } from '../rig/scene.js';
import { mutated } from './bytes.js';
import { hostileJson, hostileText } from './text.js';

const SIGNERS = ['app', 'foreign', 'none', 'hs384', 'hs512', 'empty_secret', 'public_key', 'noise'] as const;

export interface TokenInput {
  /** How it is presented. */
  readonly via: 'http' | 'hello' | 'refresh';
  readonly header: Readonly<Record<string, unknown>>;
  /** A number in `{ $now: … }` is seconds from now. */
  readonly claims: unknown;
  readonly signer: (typeof SIGNERS)[number];
  /** Stands in the token's place; undefined leaves it. */
  readonly text: string | undefined;
  /** What becomes of the three parts. */
  readonly parts: 'three' | 'two' | 'four' | 'padded' | 'spaced' | 'standard_base64' | 'cut';
}

const ALGORITHMS = ['HS256', 'none', 'None', 'NONE', 'nOnE', '', 'HS384', 'HS512', 'RS256', 'ES256', 'PS256', 'EdDSA', 'hs256', 'HS256 ', 'dir', null, 256, ['HS256']] as const;
/** `$trap` is the address of a server that must never be asked. */
const REMOTE = ['$trap/keys', 'http://169.254.169.254/latest', 'file:///etc/passwd', '../../../../dev/null', "' OR 1=1 --", 'k'.repeat(2_000), '$key', '__proto__', null, 7] as const;
const hostileHeader = fc.record({
  alg: fc.constantFrom(...ALGORITHMS), typ: fc.constantFrom('JWT', 'at+jwt', '', null), kid: fc.constantFrom(...REMOTE), jku: fc.constantFrom(...REMOTE), x5u: fc.constantFrom(...REMOTE),
  jwk: fc.constantFrom<unknown>({ kty: 'oct', k: 'AAAA' }, { kty: 'RSA', n: 'AQAB', e: 'AQAB' }, 'x', null), x5c: fc.constantFrom<unknown>(['MIIB'], 'x'), crit: fc.constantFrom<unknown>(['exp'], ['b64'], ['x'], [], 'x'),
  b64: fc.boolean(), zip: fc.constant('DEF'), enc: fc.constant('A256GCM'), cty: fc.constant('JWT'), nested: hostileJson,
}, { requiredKeys: ['alg'], noNullPrototype: true });
const header = fc.oneof({ weight: 2, arbitrary: fc.constant({ alg: 'HS256', typ: 'JWT' }) }, { weight: 1, arbitrary: hostileHeader });

const fromNow = (...seconds: readonly number[]): fc.Arbitrary<unknown> => fc.constantFrom(...seconds.map((s) => ({ $now: s })));
const time = fc.oneof({ weight: 3, arbitrary: fromNow(-100_000, -60, -31, -29, 0, 29, 31, 3_600, 400 * 86_400) }, { weight: 1, arbitrary: hostileJson }, { weight: 1, arbitrary: fc.constantFrom<unknown>(1e15, -1, 0, 1.5, '9999999999') });
const wrongly = (right: readonly unknown[], ...wrong: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...right) }, { weight: 2, arbitrary: fc.constantFrom(...wrong) }, { weight: 1, arbitrary: hostileJson });
const claims = fc.oneof(
  { weight: 4, arbitrary: fc.record({ aud: fc.constant('$app'), sub: fc.constantFrom('mallory', 'alice'), exp: fromNow(60, 3_600), iat: fromNow(0, -10, -3_600) }) },
  { weight: 8, arbitrary: fc.record({
    aud: wrongly(['$app'], '$foreign_app', ['$app'], ['$app', '$foreign_app'], [], '', 'a_00000000000000000000000000'), sub: wrongly(['mallory'], 'alice', '', 'ext:alice', '$foreign_alice', 'a\u0000b'),
    exp: fc.oneof({ weight: 6, arbitrary: fromNow(3_600) }, { weight: 2, arbitrary: time }), iat: fc.oneof({ weight: 6, arbitrary: fromNow(0, -10) }, { weight: 2, arbitrary: time }),
    nbf: time, iss: wrongly(['talaria'], '', 'https://evil.example'), key: fc.constantFrom<unknown>('$key', '$foreign_key', 'k_00000000000000000000000000', 7, null), jti: hostileJson, extra: hostileJson,
  }, { requiredKeys: ['aud', 'sub', 'exp', 'iat'], noNullPrototype: true }) },
  { weight: 1, arbitrary: fc.record({ aud: fc.constant('$app'), sub: fc.constant('mallory'), exp: time, iat: time }, { requiredKeys: [], noNullPrototype: true }) },
  { weight: 1, arbitrary: hostileJson },
);

export const anyToken: fc.Arbitrary<TokenInput> = fc.record({
  via: fc.oneof({ weight: 6, arbitrary: fc.constant('http' as const) }, { weight: 3, arbitrary: fc.constant('refresh' as const) }, { weight: 1, arbitrary: fc.constant('hello' as const) }),
  header, claims, signer: fc.oneof({ weight: 8, arbitrary: fc.constant('app' as const) }, { weight: 4, arbitrary: fc.constantFrom(...SIGNERS) }),
  parts: fc.oneof({ weight: 12, arbitrary: fc.constant('three' as const) }, { weight: 3, arbitrary: fc.constantFrom('two' as const, 'four' as const, 'padded' as const, 'spaced' as const, 'standard_base64' as const, 'cut' as const) }),
  text: fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, {
    weight: 1, arbitrary: fc.oneof(hostileText, mutated([Buffer.from('eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln')]).map((bytes) => Buffer.from(bytes).toString('latin1')), fc.constantFrom('tk_', 'tk_a_b', 'x'.repeat(4_096), 'x'.repeat(4_097), 'e'.repeat(9_000), '.'.repeat(4_000), '..')),
  }),
});

/** Apps are given their secret as base64url. */
const secretOf = (text: string): Buffer => Buffer.from(text, 'base64url');
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value) ?? 'undefined').toString('base64url');

/** What the token is in this scene. @param nowMs the time that its times are told from */
export function renderToken({ header, claims, signer, text, parts }: TokenInput, scene: Scene, nowMs: number): string {
  if (text !== undefined) return text;
  const placed = (value: unknown): unknown => withTimes(resolve(scene.names, value), Math.floor(nowMs / 1_000));
  const [head, body] = [base64(placed(header)), base64(placed(claims))];
  const signature = sign(signer, `${head}.${body}`, scene);
  switch (parts) {
    case 'three': return `${head}.${body}.${signature}`;
    case 'two': return `${head}.${body}`;
    case 'four': return `${head}.${body}.${signature}.${signature}`;
    case 'padded': return `${head}=.${body}==.${signature}=`;
    case 'spaced': return `${head}. ${body}.${signature}`;
    case 'standard_base64': return `${head}.${body}.${signature}`.replaceAll('-', '+').replaceAll('_', '/');
    case 'cut': return `${head}.${body}.${signature}`.slice(0, -5);
  }
}

function sign(signer: TokenInput['signer'], input: string, scene: Scene): string {
  const hmac = (hash: string, secret: string | Buffer): string => createHmac(hash, secret).update(input).digest('base64url');
  switch (signer) {
    case 'app': return hmac('sha256', secretOf(scene.signingSecret));
    case 'foreign': return hmac('sha256', secretOf(scene.foreignSecret));
    case 'hs384': return hmac('sha384', secretOf(scene.signingSecret));
    case 'hs512': return hmac('sha512', secretOf(scene.signingSecret));
    case 'empty_secret': return hmac('sha256', '');
    case 'public_key': return hmac('sha256', '-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAK\n-----END PUBLIC KEY-----\n');
    case 'none': return '';
    case 'noise': return 'A'.repeat(43);
  }
}

/** How the product signs, for whoever holds an accepted token against it. */
export const rightSignature = (input: string, secret: string): string => createHmac('sha256', secretOf(secret)).update(input).digest('base64url');

const isTime = (value: unknown): value is { readonly $now: number } => typeof value === 'object' && value !== null && '$now' in value && typeof value.$now === 'number';

function withTimes(value: unknown, nowS: number): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, item]): [string, unknown] => [key, isTime(item) ? nowS + item.$now : item]);
  return Object.fromEntries(fields);
}
