/** User tokens as credentials: which are none, and that nobody is told why. */
import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../gateway/world.js';
import { forge, hmac } from './support/jwt.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { expectOk, expectProblem } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

let stage: Stage;
let scene: Scene;
let other: Scene;
let clock: ManualClock;
/** An address that a token may name; nobody must ask it for anything. */
const lure = createServer((_, response) => void response.end('{}'));
let asked = 0;

beforeAll(async () => {
  clock = manualClock();
  stage = await startStage({ clock });
  other = await stage.scene();
  lure.on('connection', () => {
    asked += 1;
  });
  await new Promise<void>((resolve) => void lure.listen(0, '127.0.0.1', resolve));
});
beforeEach(async () => {
  scene = await stage.scene();
});
afterAll(async () => {
  lure.close();
  await stage.stop();
});

const nowS = (): number => Math.floor(clock.now() / 1_000);
const HEADER = { alg: 'HS256', typ: 'JWT' };
const claims = (more: object = {}): Record<string, unknown> => ({ iss: 'talaria', aud: scene.id, sub: 'alice', iat: nowS(), exp: nowS() + 600, ...more });
const without = (name: string): Record<string, unknown> => Object.fromEntries(Object.entries(claims()).filter(([key]) => key !== name));
const secretOf = (app: Scene): Buffer => Buffer.from(app.signingSecret, 'base64url');
const secret = (): Buffer => secretOf(scene);
const good = (header: object = HEADER, payload: unknown = claims()): string => forge(header, payload, hmac(secret()));
const me = (as: string) => stage.call('users.get', { user_id: 'me' }, { as });
const lureUrl = (path: string): string => `http://127.0.0.1:${(lure.address() as AddressInfo).port}/${path}`;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
const rsaSign = (input: string): string => createSign('RSA-SHA256').update(input).sign(rsa.privateKey, 'base64url');
const jwk = { kty: 'oct', k: Buffer.from('attacker').toString('base64url') };

/** By its case of the bad-input list: the token, and what the log says of it. */
const BAD: readonly (readonly [tag: string, name: string, token: () => string, reason: string | RegExp])[] = [
  ...['none', 'None', 'NONE', 'nOnE', ' none', '', 'none\u0000'].map((alg) => ['jwt.alg-none', JSON.stringify(alg), () => forge({ ...HEADER, alg }, claims(), () => ''), /^ERR_J/] as const),
  ['jwt.alg-none', 'none, and the right signature', () => forge({ alg: 'none' }, claims(), hmac(secret())), 'ERR_JOSE_ALG_NOT_ALLOWED'],
  ['jwt.alg-none', 'no alg', () => good({ typ: 'JWT' }), /^ERR_J/],
  ['jwt.alg-confusion', 'an RSA public key as the secret', () => forge(HEADER, claims(), hmac(rsa.publicKey)), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.alg-confusion', 'RS256', () => forge({ alg: 'RS256' }, claims(), rsaSign), 'ERR_JOSE_ALG_NOT_ALLOWED'],
  ['jwt.alg', 'HS384, rightly signed', () => forge({ alg: 'HS384' }, claims(), hmac(secret(), 'sha384')), 'ERR_JOSE_ALG_NOT_ALLOWED'],
  ['jwt.alg', 'HS512, rightly signed', () => forge({ alg: 'HS512' }, claims(), hmac(secret(), 'sha512')), 'ERR_JOSE_ALG_NOT_ALLOWED'],
  ['jwt.alg', 'hs256 in small letters', () => good({ alg: 'hs256' }), 'ERR_JOSE_ALG_NOT_ALLOWED'],
  ['jwt.alg', 'a list', () => good({ alg: ['HS256'] }), /^ERR_J/],
  ['jwt.signature', 'none', () => good().replace(/[^.]+$/, ''), /^ERR_JW/],
  ['jwt.signature', 'a bit changed', () => forge(HEADER, claims(), (input) => hmac(secret())(input).replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.signature', 'cut short', () => good().slice(0, -8), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.signature', 'by an empty secret', () => forge(HEADER, claims(), hmac('')), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.signature', 'by the secret as text', () => forge(HEADER, claims(), hmac(scene.signingSecret)), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.foreign-secret', "by another app's secret", () => forge(HEADER, claims(), hmac(secretOf(other))), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.foreign-secret', "another app's aud, by the own secret", () => good(HEADER, claims({ aud: other.id })), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.exp', 'none', () => good(HEADER, without('exp')), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['jwt.exp', 'a text', () => good(HEADER, claims({ exp: String(nowS() + 600) })), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['jwt.exp', 'null', () => good(HEADER, claims({ exp: null })), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['jwt.exp', 'in 10^15 s', () => good(HEADER, claims({ exp: 10 ** 15 })), 'the lifetime is too long or begins later'],
  ['jwt.exp', 'in two years', () => good(HEADER, claims({ exp: nowS() + 2 * 366 * 86_400 })), 'the lifetime is too long or begins later'],
  ['jwt.exp', 'part of a second', () => good(HEADER, claims({ exp: nowS() + 600.5 })), 'times must be whole seconds'],
  ['jwt.nbf', 'ahead', () => good(HEADER, claims({ nbf: nowS() + 60 })), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['jwt.nbf', 'a text', () => good(HEADER, claims({ nbf: '0' })), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['jwt.iat', 'none', () => good(HEADER, without('iat')), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['jwt.iat', 'ahead', () => good(HEADER, claims({ iat: nowS() + 60 })), 'the lifetime is too long or begins later'],
  ['jwt.iat', 'a text', () => good(HEADER, claims({ iat: '0' })), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['jwt.aud', 'none', () => good(HEADER, without('aud')), 'no app has this aud'],
  ['jwt.aud', 'of nobody', () => good(HEADER, claims({ aud: 'a_00000000000000000000000000' })), 'no app has this aud'],
  ['jwt.aud', 'the public key', () => good(HEADER, claims({ aud: scene.publicKey })), 'no app has this aud'],
  ['jwt.aud', 'a list with the app', () => good(HEADER, claims({ aud: [scene.id] })), 'no app has this aud'],
  ['jwt.aud', 'two apps', () => good(HEADER, claims({ aud: [scene.id, other.id] })), 'no app has this aud'],
  ['jwt.crit', 'unknown', () => good({ ...HEADER, crit: ['urn:other'], 'urn:other': true }), 'ERR_JOSE_NOT_SUPPORTED'],
  ['jwt.crit', 'empty', () => good({ ...HEADER, crit: [] }), 'ERR_JWS_INVALID'],
  ['jwt.sub', 'none', () => good(HEADER, without('sub')), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['jwt.sub', 'empty', () => good(HEADER, claims({ sub: '' })), 'sub is not a user id'],
  ['jwt.sub', 'a number', () => good(HEADER, claims({ sub: 7 })), 'sub is not a user id'],
  ['jwt.sub', 'control characters', () => good(HEADER, claims({ sub: 'a\nb' })), 'sub is not a user id'],
  ['jwt.sub', '129 characters', () => good(HEADER, claims({ sub: 'a'.repeat(129) })), 'sub is not a user id'],
  ['jwt.sub', 'ext: in front', () => good(HEADER, claims({ sub: 'ext:alice' })), 'sub is not a user id'],
  ['jwt.kid', 'a path, by a secret that lies there', () => forge({ ...HEADER, kid: '../../../dev/null' }, claims(), hmac('')), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.jwk', 'a key inside', () => forge({ ...HEADER, jwk }, claims(), hmac('attacker')), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.jku', 'a set of keys elsewhere', () => forge({ ...HEADER, jku: lureUrl('jwks'), kid: '1' }, claims(), hmac('attacker')), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.x5u', 'a certificate elsewhere', () => forge({ ...HEADER, x5u: lureUrl('cert') }, claims(), hmac('attacker')), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.oversized', '4,097 characters', () => good(HEADER, claims({ pad: 'x'.repeat(3_200) })).padEnd(4_097, 'A').slice(0, 4_097), 'no app has this aud'],
  ['jwt.oversized', '12,000 characters, rightly signed', () => good(HEADER, claims({ pad: 'x'.repeat(8_700) })), 'no app has this aud'],
  ['jwt.form', 'one part', () => 'eyJhbGciOiJIUzI1NiJ9', 'no app has this aud'],
  ['jwt.form', 'four parts', () => `${good()}.x`, /./],
  ['jwt.form', 'claims that are no JSON', () => good(HEADER, '{"aud":'), 'no app has this aud'],
  ['jwt.form', 'claims that are a list', () => good(HEADER, [scene.id]), 'no app has this aud'],
  ['jwt.form', 'an encrypted token', () => 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA', 'no app has this aud'],
  ['jwt.form', 'no base64', () => 'a!b.c!d.e!f', 'no app has this aud'],
];

describe('a bad token', () => {
  it.each(BAD)('[BAD %s] %s is refused, and only the log says why', async (_, __, token, reason) => {
    const presented = token();
    const reply = await me(presented);
    const { request_id: id, detail } = expectProblem(reply, 'invalid_token');
    // One and the same answer for all of them.
    expect(detail).toBe('The token is not valid here.');
    expect(reply.text.replace(id, 'ID')).toBe((await me('a.b.c')).text.replace(/"request_id":"[^"]+"/, '"request_id":"ID"'));
    expect(reply.headers.get('www-authenticate')).toBe('Bearer realm="talaria", error="invalid_token"');
    expect(stage.log.ofRequest(id).fields).toMatchObject({ code: 'invalid_token', reason: typeof reason === 'string' ? reason : expect.stringMatching(reason) });
    for (const part of presented.split('.').filter((one) => one.length > 16)) expect(stage.log.text()).not.toContain(part);
  });

  it('[BAD jwt.jku,jwt.x5u] nobody was asked for a key', () => {
    expect(asked).toBe(0);
  });

  it('of an unknown user is the same where the app makes no users', async () => {
    await stage.world.op(admin, 'apps.update', { app_id: scene.id, create_users: false });
    expectOk(await me(good()));
    const reply = await me(good(HEADER, claims({ sub: 'somebody' })));
    expect(expectProblem(reply, 'invalid_token').detail).toBe('The token is not valid here.');
    expectProblem(await stage.call('users.get', { user_id: 'ext:somebody' }, { as: scene.key }), 'not_found');
  });
});

describe('a good token', () => {
  it.each<[string, () => string]>([
    ['as a customer signs it', () => good()],
    ['without iss and typ', () => good({ alg: 'HS256' }, without('iss'))],
    ['with any iss: the secret says who made it', () => good(HEADER, claims({ iss: 'https://customer.example' }))],
    ['with headers that name keys elsewhere, which are not looked at', () => good({ ...HEADER, kid: '../../etc/passwd', jku: lureUrl('jwks'), x5u: lureUrl('cert'), jwk })],
    ['with claims that nobody knows', () => good(HEADER, claims({ roles: ['admin'], scope: 'admin' }))],
    ['with an iat that is ahead by less than clocks may differ', () => good(HEADER, claims({ iat: nowS() + 29 }))],
    ['of 366 days', () => good(HEADER, claims({ exp: nowS() + 366 * 86_400 }))],
  ])('is one %s', async (_, token) => {
    expect(expectOk(await me(token())).text).toContain(scene.alice.id);
    expect(asked).toBe(0);
  });

  it('of a user who is not known yet makes them', async () => {
    expect(expectOk(await me(good(HEADER, claims({ sub: 'new here' })))).text).toContain('"external_id":"new here"');
  });

  it('gives no right beyond those of its user', async () => {
    expectProblem(await stage.call('users.list', {}, { as: good(HEADER, claims({ scope: 'admin', scopes: ['users:read'] })) }), 'forbidden');
  });
});

describe('the end of a token', () => {
  it('[RES6] an expired token says so, also one that was used and is kept', async () => {
    const { token } = await stage.world.op(scene.backend, 'auth.token', { external_id: 'alice', expires_in_s: 60 });
    expectOk(await me(token));
    // Clocks differ: it is honoured for 30 s more.
    clock.advance(60_000 + 29_000 - (clock.now() % 1_000));
    expectOk(await me(token));
    clock.advance(1_000);
    for (let turn = 0; turn < 2; turn += 1) expectProblem(await me(token), 'token_expired');
    const old = good(HEADER, claims({ iat: nowS() - 600, exp: nowS() - 31 }));
    for (let turn = 0; turn < 2; turn += 1) expectProblem(await me(old), 'token_expired');
  });

  it('that an expired token was wrong besides is not told', async () => {
    const expired = claims({ iat: nowS() - 600, exp: nowS() - 31 });
    expectProblem(await me(forge(HEADER, expired, hmac(secretOf(other)))), 'invalid_token');
  });

  it('[RES6] "issued before" acts at once on tokens that are kept, and not on later ones', async () => {
    expectOk(await me(scene.alice.token));
    await stage.done('auth.revoke', { user_id: 'ext:alice' }, { as: scene.key });
    expectProblem(await me(scene.alice.token), 'revoked');
    expectOk(await me(scene.bob.token));
    clock.advance(1_000);
    expectOk(await me((await stage.world.user(scene, 'alice')).token));
    expectProblem(await me(scene.alice.token), 'revoked');
  });

  it('[RES6] a revoked key takes the tokens with it that it has minted', async () => {
    const key = await stage.world.op(admin, 'keys.create', { app_id: scene.id });
    const { token } = await stage.done('auth.token', { external_id: 'alice' }, { as: key.secret });
    expectOk(await me(token));
    await stage.done('keys.revoke', { key_id: key.id }, { as: stage.adminKey });
    expectProblem(await me(token), 'revoked');
    expectOk(await me(scene.alice.token));
    expectOk(await me(good()));
  });
});
