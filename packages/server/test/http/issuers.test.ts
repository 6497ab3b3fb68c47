/** Tokens of issuers that an app has named: which are none, that nobody is told why, and how often the issuer is asked. */
import { createPublicKey, createSign, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { admin } from '../gateway/world.js';
import { createKey, startIssuer, type TestIssuer, type TestKey } from './support/issuer.js';
import { forge, hmac } from './support/jwt.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { expectOk, expectProblem, type Reply } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

let stage: Stage;
let scene: Scene;
let clock: ManualClock;
let issuer: TestIssuer;
let lure: TestIssuer;
let rsa: TestKey;
let foreign: TestKey;
const more = new Map<string, TestKey>();

beforeAll(async () => {
  clock = manualClock();
  stage = await startStage({ clock });
  [issuer, lure, rsa, foreign] = [await startIssuer(), await startIssuer(), await createKey('one'), await createKey('one')];
  for (const alg of ['ES256', 'PS256', 'EdDSA', 'RS512']) more.set(alg, await createKey(alg, alg));
});
beforeEach(async () => {
  scene = await stage.scene();
  Object.assign(issuer, { keys: [rsa.jwk, ...[...more.values()].map(({ jwk }) => jwk)], answer: undefined });
  issuer.asked.length = 0;
  await name();
});
afterAll(async () => {
  await Promise.all([issuer.stop(), lure.stop()]);
  await stage.stop();
});

const AUDIENCE = 'https://api.example';
const setting = (over: object = {}): object => ({ issuer: issuer.url, audiences: [AUDIENCE, 'second'], jwks_url: `${issuer.url}/jwks`, ...over });
const name = async (...settings: readonly object[]): Promise<unknown> =>
  stage.world.op(admin, 'apps.update', { app_id: scene.id, issuers: settings.length === 0 ? [setting()] : settings });
const nowS = (): number => Math.floor(clock.now() / 1_000);
const claims = (over: object = {}): Record<string, unknown> => ({ iss: issuer.url, aud: AUDIENCE, sub: 'carol', iat: nowS(), exp: nowS() + 600, ...over });
const without = (key: string): Record<string, unknown> => Object.fromEntries(Object.entries(claims()).filter(([each]) => each !== key));
const token = (over: object = {}, header: object = {}, key = rsa): Promise<string> => issuer.token(key, claims(over), header);
const me = (as: string, publicKey = scene.publicKey): Promise<Reply> => stage.call('users.get', { user_id: 'me' }, { as, headers: { 'talaria-app': publicKey } });
const HEADER = { alg: 'RS256', kid: 'one' };
/** Signed by the issuer's key, whatever the header says. */
const weak = generateKeyPairSync('rsa', { modulusLength: 1_024, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
const publicPem = (): string => createPublicKey({ key: rsa.jwk as JsonWebKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();

const BAD: readonly (readonly [tag: string, name: string, token: () => string | Promise<string>, reason: string | RegExp])[] = [
  ...['none', 'None', 'NONE', 'nOnE', ''].map((alg) => ['jwt.alg-none', JSON.stringify(alg), () => forge({ ...HEADER, alg }, claims(), () => ''), 'the issuer does not sign with this alg'] as const),
  ['jwt.alg-none', 'none, and the right signature', async () => (await token()).replace(/^[^.]+/, Buffer.from('{"alg":"none","kid":"one"}').toString('base64url')), 'the issuer does not sign with this alg'],
  ['jwt.alg-confusion', 'the public key as PEM for an HMAC secret', () => forge({ alg: 'HS256', kid: 'one' }, claims(), hmac(publicPem())), 'the issuer does not sign with this alg'],
  ['jwt.alg-confusion', 'the modulus for an HMAC secret', () => forge({ alg: 'HS256', kid: 'one' }, claims(), hmac(Buffer.from(rsa.jwk.n!, 'base64url'))), 'the issuer does not sign with this alg'],
  ['jwt.alg-confusion', "the app's own secret", () => forge({ alg: 'HS256' }, claims(), hmac(Buffer.from(scene.signingSecret, 'base64url'))), 'the issuer does not sign with this alg'],
  ['jwt.alg-confusion', "the app's own secret, and its own aud", () => forge({ alg: 'HS256' }, claims({ aud: scene.id }), hmac(Buffer.from(scene.signingSecret, 'base64url'))), 'the issuer does not sign with this alg'],
  ['jwt.alg', 'RS512, which the app has not named', () => token({}, {}, more.get('RS512')), 'the issuer does not sign with this alg'],
  ['jwt.alg', 'another one than its key has', () => forge({ alg: 'PS256', kid: 'one' }, claims(), (input) => createSign('RSA-SHA256').update(input).sign(weak.privateKey, 'base64url')), 'ERR_JWKS_NO_MATCHING_KEY'],
  ['jwt.alg', 'a list', () => forge({ ...HEADER, alg: ['RS256'] }, claims(), () => 'x'), /./],
  ['jwt.signature', 'none', async () => (await token()).replace(/[^.]+$/, ''), /^ERR_JW/],
  ['jwt.signature', 'by a key of the same name', () => token({}, {}, foreign), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.signature', 'of other claims', async () => {
    const [head, , signature] = (await token()).split('.');
    return `${head}.${Buffer.from(JSON.stringify(claims({ sub: 'mallory' }))).toString('base64url')}.${signature}`;
  }, 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.exp', 'none', () => issuer.token(rsa, without('exp')), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['jwt.exp', 'a text', () => token({ exp: String(nowS() + 600) }), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['jwt.exp', 'in 10^15 s', () => token({ exp: 10 ** 15 }), 'the lifetime is too long or begins later'],
  ['jwt.iat', 'none', () => issuer.token(rsa, without('iat')), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['jwt.iat', 'ahead', () => token({ iat: nowS() + 60 }), 'the lifetime is too long or begins later'],
  ['jwt.nbf', 'ahead', () => token({ nbf: nowS() + 60 }), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['jwt.aud', 'none', () => issuer.token(rsa, without('aud')), 'one audience, please'],
  ['jwt.aud', 'another one', () => token({ aud: 'https://other.example' }), 'aud is none of the app'],
  ['jwt.aud', 'the app', () => token({ aud: scene.id }), 'aud is none of the app'],
  ['jwt.aud', 'two of the right ones', () => token({ aud: [AUDIENCE, 'second'] }), 'one audience, please'],
  ['jwt.aud', 'an empty list', () => token({ aud: [] }), 'one audience, please'],
  ['jwt.aud', 'a number', () => forge(HEADER, claims({ aud: 7 }), () => 'x'), /./],
  ['jwt.iss', 'another one', () => token({ iss: 'https://other.example' }), 'ERR_JOSE_ALG_NOT_ALLOWED'],
  ['jwt.iss', 'the right one with a slash', () => token({ iss: `${issuer.url}/` }), 'ERR_JOSE_ALG_NOT_ALLOWED'],
  ['jwt.iss', 'none', () => issuer.token(rsa, without('iss')), 'ERR_JOSE_ALG_NOT_ALLOWED'],
  ['jwt.iss', 'a list', () => forge(HEADER, claims({ iss: [issuer.url] }), () => 'x'), /./],
  ['jwt.sub', 'none', () => issuer.token(rsa, without('sub')), 'ERR_JWT_CLAIM_VALIDATION_FAILED'],
  ['jwt.sub', 'empty', () => token({ sub: '' }), 'sub is not a user id'],
  ['jwt.sub', 'a number', () => forge(HEADER, claims({ sub: 7 }), () => 'x'), /./],
  ['jwt.sub', 'control characters', () => token({ sub: 'a\nb' }), 'sub is not a user id'],
  ['jwt.sub', '129 characters', () => token({ sub: 'a'.repeat(129) }), 'sub is not a user id'],
  ['jwt.crit', 'unknown', () => forge({ ...HEADER, crit: ['urn:other'], 'urn:other': true }, claims(), () => 'x'), 'ERR_JOSE_NOT_SUPPORTED'],
  ['jwt.kid', 'a path', () => token({}, { kid: '../../../dev/null' }), 'ERR_JWKS_NO_MATCHING_KEY'],
  ['jwt.kid', 'a URL', () => token({}, { kid: `${lure.url}/jwks` }), 'ERR_JWKS_NO_MATCHING_KEY'],
  ['jwt.kid', '300 characters', () => token({}, { kid: 'k'.repeat(300) }), 'kid cannot be one'],
  ['jwt.kid', 'none where several keys fit', async () => {
    Object.assign(issuer, { keys: [rsa.jwk, { ...foreign.jwk, kid: 'two' }] });
    return issuer.token(rsa, claims(), { kid: undefined });
  }, 'ERR_JWKS_MULTIPLE_MATCHING_KEYS'],
  ['jwt.jwk', 'a key inside', () => token({}, { jwk: foreign.jwk }, foreign), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.jku', 'a set of keys elsewhere', () => token({}, { jku: `${lure.url}/jwks` }, foreign), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.x5u', 'a certificate elsewhere', () => token({}, { x5u: `${lure.url}/cert` }, foreign), 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
  ['jwt.typ', 'a logout token', () => token({}, { typ: 'logout+jwt' }), 'typ is of another kind of token'],
  ['jwt.oversized', 'above 4,096 characters', () => token({ pad: 'x'.repeat(4_000) }), 'no app has this aud'],
];

describe('a bad token of an issuer', () => {
  it.each(BAD)('[BAD %s] %s is refused, and only the log says why', async (_, __, make, reason) => {
    const presented = await make();
    const reply = await me(presented);
    const { request_id: id, detail } = expectProblem(reply, 'invalid_token');
    expect(detail).toBe('The token is not valid here.');
    expect(reply.text.replace(id, 'ID')).toBe((await me('a.b.c')).text.replace(/"request_id":"[^"]+"/, '"request_id":"ID"'));
    expect(stage.log.ofRequest(id).fields).toMatchObject({ code: 'invalid_token', reason: typeof reason === 'string' ? reason : expect.stringMatching(reason) });
    for (const part of presented.split('.').filter((one) => one.length > 16)) expect(stage.log.text()).not.toContain(part);
    expect(lure.asked).toEqual([]);
  });

  it('[BAD jwt.key] a key that is short, private, secret or not for signatures opens nothing', async () => {
    const secretKey = { kty: 'oct', kid: 'oct', k: Buffer.from('published').toString('base64url'), alg: 'HS256' };
    const short = { ...generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey.export({ format: 'jwk' }), kid: 'short', alg: 'RS256' };
    issuer.keys = [secretKey, { ...short }, { ...rsa.jwk, kid: 'enc', use: 'enc' }, { ...rsa.jwk, kid: 'private', d: 'AA' }];
    expectProblem(await me(forge({ alg: 'HS256', kid: 'oct' }, claims(), hmac('published'))), 'invalid_token');
    for (const kid of ['short', 'enc', 'private']) expectProblem(await me(await token({}, { kid })), 'invalid_token');
  });

  it('one that has expired says so', async () => {
    expectProblem(await me(await token({ iat: nowS() - 600, exp: nowS() - 31 })), 'token_expired');
  });

  it("[ISO1] another app's issuer is nobody's here", async () => {
    const other = await stage.scene();
    expectProblem(await me(await token(), other.publicKey), 'invalid_token');
    expectOk(await me(await token()));
    // Nor does the header lead a token into an app that it is not for.
    expectProblem(await me(scene.alice.token, other.publicKey), 'invalid_token');
    expectProblem(await stage.call('users.list', {}, { as: scene.key, headers: { 'talaria-app': other.publicKey } }), 'invalid_token');
    expectProblem(await me(await token(), 'pk_none'), 'invalid_token');
    expectProblem(await me(await token(), 'no key!'), 'invalid_argument');
  });
});

describe('a good token of an issuer', () => {
  it.each(['RS256', 'ES256', 'PS256', 'EdDSA'])('by %s makes its user and is that user', async (alg) => {
    const reply = expectOk(await me(await token({ sub: `of ${alg}` }, {}, alg === 'RS256' ? rsa : more.get(alg))));
    expect(reply.text).toContain(`"external_id":"of ${alg}"`);
  });

  it.each<[string, () => Promise<string>]>([
    ['with its audience in a list of one', () => token({ aud: [AUDIENCE] })],
    ['for the second audience', () => token({ aud: 'second' })],
    ['as an access token by RFC 9068', () => token({}, { typ: 'at+jwt' })],
    ['with claims that nobody knows', () => token({ scope: 'admin', azp: 'x' })],
  ])('is one %s', async (_, make) => {
    expectOk(await me(await make()));
  });

  it('needs no kid where one key fits', async () => {
    issuer.keys = [rsa.jwk];
    expectOk(await me(await issuer.token(rsa, claims(), { kid: undefined })));
  });

  it('is verified over the socket, too, and closed when the app names the issuer no more (RES6)', async () => {
    const client = await stage.world.client(scene, await token());
    await name(setting({ issuer: lure.url }));
    expect(await client.end()).toEqual({ code: 4403, reason: 'revoked' });
    expectProblem(await me(await token()), 'invalid_token');
  });

  it('has its user in another claim, with a prefix, and without a user to make where the app wants none', async () => {
    await name(setting({ user_claim: 'email', user_prefix: 'corp:', create_users: false }));
    const email = { email: 'dora@example.com', email_verified: true };
    expectProblem(await me(await token(email)), 'invalid_token');
    await stage.done('users.create', { external_id: 'corp:dora@example.com' }, { as: scene.key });
    expect(expectOk(await me(await token(email))).text).toContain('"external_id":"corp:dora@example.com"');
    for (const over of [{ email: 'dora@example.com' }, { ...email, email_verified: 'true' }, { ...email, email_verified: false }, { email_verified: true }]) expectProblem(await me(await token({ ...over, jti: JSON.stringify(over) })), 'invalid_token');
  });

  it('leaves tokens by the app itself as they are', async () => {
    expectOk(await me(scene.alice.token));
  });
});

describe('the keys', () => {
  it('are fetched once, however many tokens come at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, at) => token({ jti: String(at) })));
    for (const reply of await Promise.all(tokens.map((one) => me(one)))) expectOk(reply);
    expect(issuer.asked).toEqual(['/jwks']);
  });

  it('are found by the OpenID configuration', async () => {
    await name(setting({ jwks_url: null }));
    expectOk(await me(await token()));
    expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/jwks']);
  });

  it.each<[string, object]>([['of another issuer', { issuer: 'https://other.example', jwks_uri: 'https://other.example' }], ['without keys', {}], ['that is a list', []]])('are not taken from a configuration %s', async (_, document) => {
    await name(setting({ jwks_url: null }));
    issuer.answer = (_request, response) => void response.end(JSON.stringify(document));
    expectProblem(await me(await token()), 'auth_keys_unavailable');
  });

  it('rotate: a new key is fetched when it is named, and an old one is gone with the next fetch', async () => {
    const next = await createKey('next');
    expectOk(await me(await token()));
    clock.advance(30_000);
    issuer.keys = [next.jwk];
    expectOk(await me(await token({}, {}, next)));
    expect(issuer.asked).toHaveLength(2);
    expectProblem(await me(await token({ jti: 'new' })), 'invalid_token');
  });

  it('[BAD jwt.kid] ten thousand random ones make one fetch in 30 s', async () => {
    const [, body, signature] = (await token()).split('.');
    const asked = async (from: number, count: number): Promise<void> => {
      for (let at = from; at < from + count; at += 50) {
        const all = Array.from({ length: 50 }, (_, each) => `${Buffer.from(JSON.stringify({ alg: 'RS256', kid: `k${at + each}` })).toString('base64url')}.${body!}.${signature!}`);
        for (const reply of await Promise.all(all.map((one) => me(one)))) expect(reply.status).toBe(401);
      }
    };
    await asked(0, 10_000);
    expect(issuer.asked).toHaveLength(1);
    clock.advance(30_000);
    await asked(20_000, 500);
    expect(issuer.asked).toHaveLength(2);
    expectOk(await me(await token()));
  }, 60_000);

  it('[BAD jwt.kid] what is wrong whatever the keys are makes no fetch', async () => {
    for (const over of [{ aud: 'other' }, { iss: 'other' }]) expectProblem(await me(await token(over)), 'invalid_token');
    expectProblem(await me(forge({ alg: 'HS256' }, claims(), hmac('x'))), 'invalid_token');
    expect(issuer.asked).toEqual([]);
  });

  it.each<[tag: string, name: string, answer: RequestListener]>([
    ['jwks.redirect', 'a redirect', (_request, response) => void response.writeHead(302, { location: `${lure.url}/jwks` }).end()],
    ['jwks.large', '50 MB', (_request, response) => void response.writeHead(200, { 'content-length': 50_000_000 }).write('{')],
    ['jwks.large', '50 MB in chunks', (_request, response) => {
      const next = (): void => {
        if (!response.destroyed) response.write(' '.repeat(65_536), next);
      };
      next();
    }],
    ['jwks.broken', 'no JSON', (_request, response) => void response.end('<html>')],
    ['jwks.broken', 'JSON 10,000 deep', (_request, response) => void response.end('['.repeat(10_000))],
    ['jwks.broken', 'no list of keys', (_request, response) => void response.end('{"keys":{}}')],
    ['jwks.broken', 'a thousand keys', (_request, response) => void response.end(JSON.stringify({ keys: Array.from({ length: 1_000 }, () => ({ kty: 'RSA' })) }))],
    ['jwks.broken', '500', (_request, response) => void response.writeHead(500).end()],
    ['jwks.broken', 'gzip', (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"keys":[]}'))],
  ])('[BAD %s] that are %s cannot be had', async (_, __, answer) => {
    issuer.answer = answer;
    const reply = await me(await token());
    expect(expectProblem(reply, 'auth_keys_unavailable').retry_after_ms).toBe(5_000);
    expect(lure.asked).toEqual([]);
    // And are not asked for again at once.
    for (let turn = 0; turn < 20; turn += 1) expectProblem(await me(await token({ jti: String(turn) })), 'auth_keys_unavailable');
    expect(issuer.asked).toHaveLength(1);
    issuer.answer = undefined;
    clock.advance(5_000);
    expectOk(await me(await token()));
  });

  it('[BAD jwks.hangs] that never come cannot be had', async () => {
    let arrived = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    issuer.answer = () => arrived();
    const reply = me(await token());
    await asked;
    clock.advance(5_000);
    expectProblem(await reply, 'auth_keys_unavailable');
  });

  it('[ISO1] [BAD jwks.hangs] of one tenant that never come do not keep another from its own', async () => {
    const tenant = await stage.world.op(admin, 'tenants.create', { name: 'slow' });
    const hanging = Array.from({ length: 10 }, (_, at) => setting({ issuer: `${lure.url}/${at}`, jwks_url: `${lure.url}/${at}/jwks` }));
    const apps = await Promise.all(Array.from({ length: 2 }, () => stage.world.op(admin, 'apps.create', { tenant_id: tenant.id, name: 'slow' })));
    for (const { id } of apps) await stage.world.op(admin, 'apps.update', { app_id: id, issuers: hanging });
    lure.answer = () => undefined;
    try {
      const replies = apps.flatMap(({ public_key: key }) => hanging.map((_, at) => token({ iss: `${lure.url}/${at}` }).then((one) => me(one, key))));
      await vi.waitFor(() => expect(lure.asked.length).toBeGreaterThanOrEqual(8));
      expectOk(await me(await token()));
      clock.advance(5_000);
      for (const reply of await Promise.all(replies)) expectProblem(reply, 'auth_keys_unavailable');
    } finally {
      Object.assign(lure, { answer: undefined });
      lure.asked.length = 0;
    }
  });

  it('serve on without a wait while the issuer hangs', async () => {
    expectOk(await me(await token()));
    issuer.answer = () => undefined;
    clock.advance(600_000);
    const first = token({ jti: 'first' }).then((one) => me(one));
    await vi.waitFor(() => expect(issuer.asked).toHaveLength(2));
    clock.advance(5_000);
    expectOk(await first);
    // The issuer is asked again, and nobody waits for it: time stands still here.
    expectOk(await me(await token({ jti: 'second' })));
    await vi.waitFor(() => expect(issuer.asked).toHaveLength(3));
    expectOk(await me(await token({ jti: 'third' })));
    clock.advance(5_000);
    issuer.answer = undefined;
    await vi.waitFor(async () => {
      expectOk(await me(await token({ jti: String(Math.random()) })));
      expect(issuer.asked).toHaveLength(4);
    });
  });

  it('[BAD jwks.address] at an address that is not public are not asked for', async () => {
    await name(setting({ jwks_url: 'http://10.0.0.1/jwks' }));
    expectProblem(await me(await token()), 'auth_keys_unavailable');
    await name(setting({ jwks_url: null }));
    issuer.answer = (_request, response) => void response.end(JSON.stringify({ issuer: issuer.url, jwks_uri: 'http://169.254.169.254/jwks' }));
    expectProblem(await me(await token()), 'auth_keys_unavailable');
    expect(stage.log.text()).toContain('is not of the public internet');
  });

  it('serve on for four hours while the issuer is down', async () => {
    expectOk(await me(await token()));
    issuer.answer = (request) => void request.socket.destroy();
    clock.advance(3 * 3_600_000);
    expectOk(await me(await token()));
    const { length } = issuer.asked;
    expectOk(await me(await token({ jti: 'again' })));
    expect(issuer.asked).toHaveLength(length);
    clock.advance(3_600_001);
    expectProblem(await me(await token()), 'auth_keys_unavailable');
  });

  it.each([[undefined, 600], ['max-age=120', 120], ['public, max-age=1', 60], ['no-store', 60], ['max-age=999999', 3_600]])('with Cache-Control %s are kept for %i s', async (control, seconds) => {
    const own = await startIssuer(control === undefined ? {} : { 'cache-control': control });
    try {
      own.keys = [rsa.jwk];
      await name(setting({ issuer: own.url, jwks_url: `${own.url}/jwks` }));
      const ask = async (jti: string): Promise<Reply> => expectOk(await me(await issuer.token(rsa, claims({ iss: own.url, jti }))));
      await ask('a');
      clock.advance(seconds * 1_000 - 1);
      await ask('b');
      expect(own.asked).toHaveLength(1);
      clock.advance(1);
      await ask('c');
      expect(own.asked).toHaveLength(2);
    } finally {
      await own.stop();
    }
  });

  it('a token that was verified is not verified again, and for an hour at most', async () => {
    const long = await token({ exp: nowS() + 86_400 });
    expectOk(await me(long));
    issuer.keys = [];
    clock.advance(3_599_000);
    expectOk(await me(long));
    expect(issuer.asked).toHaveLength(1);
    clock.advance(1_000);
    expectProblem(await me(long), 'invalid_token');
  });
});

describe('the setting', () => {
  it('is told as it was given, with its defaults', async () => {
    await name({ issuer: 'https://login.example.com', audiences: ['a'] });
    expect((await stage.done('apps.get', { app_id: scene.id }, { as: stage.adminKey })).issuers).toEqual([
      { issuer: 'https://login.example.com', audiences: ['a'], jwks_url: null, user_claim: 'sub', user_prefix: '', algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'], create_users: true },
    ]);
    expect((await stage.done('apps.update', { app_id: scene.id, name: 'x' }, { as: stage.adminKey })).issuers).toHaveLength(1);
    expect((await stage.done('apps.update', { app_id: scene.id, issuers: [] }, { as: stage.adminKey })).issuers).toEqual([]);
  });

  it.each<[string, object]>([
    ['a shared secret', { algorithms: ['HS256'] }], ['no algorithm', { algorithms: [] }], ['none', { algorithms: ['none'] }], ['no audience', { audiences: [] }],
    ['another scheme', { issuer: 'ftp://login.example.com' }], ['a user', { issuer: 'https://user:password@login.example.com' }], ['a query', { issuer: 'https://login.example.com/?a=b' }],
    ['a fragment', { jwks_url: 'https://login.example.com/#a' }], ['no address', { issuer: 'login.example.com' }], ['a blank', { user_prefix: 'a b' }], ['an unknown field', { secret: 'x' }],
  ])('is refused with %s', async (_, over) => {
    expectProblem(await stage.call('apps.update', { app_id: scene.id, issuers: [setting(over)] }, { as: stage.adminKey }), 'invalid_argument');
  });

  it('names each issuer once', async () => {
    expectProblem(await stage.call('apps.update', { app_id: scene.id, issuers: [setting(), setting()] }, { as: stage.adminKey }), 'invalid_argument');
  });
});
