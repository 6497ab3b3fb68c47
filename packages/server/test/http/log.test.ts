/** Traces, request ids, and what must never be in a log. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPinoLog } from '../../src/runtime/pino-log.js';
import type { Log } from '../../src/runtime/log.js';
import { rawRequest } from './support/raw-http.js';
import { expectOk, expectProblem, jsonOf, type Reply } from './support/reply.js';
import { startStage, type Scene, type Stage } from './support/stage.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

let stage: Stage;
let scene: Scene;

beforeAll(async () => {
  stage = await startStage();
  scene = await stage.scene();
});
afterAll(() => stage.stop());

const lineOf = (reply: Reply) => stage.log.ofRequest(reply.headers.get('talaria-request-id')).fields;

describe('traces', () => {
  const send = (headers: Record<string, string>) => stage.call('messages.send', { conversation_id: scene.group, text: 'traced' }, { as: scene.alice.token, headers });
  const traceOfFact = async (reply: Reply): Promise<string | undefined> => {
    const { seq } = jsonOf<{ seq: number }>(expectOk(reply));
    return (await stage.done('facts.list', { conversation_id: scene.group, after_seq: seq - 1, limit: 1 }, { as: scene.alice.token })).items[0]?.trace_id;
  };

  it.each([`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-00`, `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`])('the trace of the caller (%s) is on the fact and in the log', async (traceparent) => {
    const reply = await send({ traceparent });
    expect([await traceOfFact(reply), lineOf(reply)['trace']]).toEqual([TRACE, TRACE]);
  });

  it.each([
    [undefined], [''], ['x'], [TRACE], [`00-${TRACE}-${SPAN}`], [`ff-${TRACE}-${SPAN}-01`], [`00-${'0'.repeat(32)}-${SPAN}-01`], [`00-${TRACE.toUpperCase()}-${SPAN}-01`], [`00-${TRACE.slice(1)}-${SPAN}-01`],
    [`00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`], [`00-${TRACE}x-${SPAN}-01`], [`00_${TRACE}_${SPAN}_01`], [`00-${'z'.repeat(32)}-${SPAN}-01`],
  ])('[BAD http.traceparent] %s is no trace: a new one is made, and nothing fails', async (traceparent) => {
    const [one, two] = [await send(traceparent === undefined ? {} : { traceparent }), await send(traceparent === undefined ? {} : { traceparent })];
    const made = [await traceOfFact(one), await traceOfFact(two)];
    expect(made).toEqual([lineOf(one)['trace'], lineOf(two)['trace']]);
    for (const trace of made) expect(trace).toMatch(/^(?!0{32}|4bf92f35)[\da-f]{32}$/);
    expect(made[0]).not.toBe(made[1]);
  });

  it('of a refused request stands in the log', async () => {
    const reply = await stage.ask('GET', '/v1/nothing', { headers: { traceparent: `00-${TRACE}-${SPAN}-01` } });
    expect(lineOf(reply)).toMatchObject({ trace: TRACE, operation: 'none', status: 404, code: 'not_found' });
  });
});

describe('request ids', () => {
  it('are new each time, whatever the caller sends, and lead to one line with who asked', async () => {
    const replies = await Promise.all(Array.from({ length: 50 }, () => stage.call('users.get', { user_id: 'me' }, { as: scene.alice.token, headers: { 'talaria-request-id': 'mine', 'x-request-id': 'mine' } })));
    expect(new Set(replies.map(({ headers }) => headers.get('talaria-request-id'))).size).toBe(50);
    for (const reply of replies) {
      expect(lineOf(expectOk(reply))).toEqual({
        request: reply.headers.get('talaria-request-id'), trace: expect.any(String), operation: 'users.get', address: '127.0.0.1', app: scene.id, user: scene.alice.id, key: undefined,
        status: 200, code: undefined, reason: undefined, took_ms: expect.any(Number),
      });
    }
    expect(stage.log.text()).not.toContain('mine');
    expect(lineOf(await stage.call('users.list', {}, { as: scene.key }))).toMatchObject({ app: scene.id, key: scene.keyId });
    expect(lineOf(await stage.call('apps.list', {}, { as: stage.adminKey }))).toMatchObject({ app: undefined, key: expect.stringMatching(/^k_/) });
    expect(lineOf(await stage.ask('GET', '/livez'))).toMatchObject({ operation: 'livez', app: undefined, key: undefined, user: undefined });
  });
});

describe('[BAD http.log] the log', () => {
  const S = 'sentinel';

  /** One of everything that must not be noted, in requests that are done, refused and broken. */
  async function everything(on: Stage): Promise<{ secrets: string[] }> {
    const tenant = await on.done('tenants.create', { name: `${S} tenant` }, { as: on.adminKey });
    const app = await on.done('apps.create', { tenant_id: tenant.id, name: `${S} app` }, { as: on.adminKey });
    const key = await on.done('keys.create', { app_id: app.id, name: `${S} key` }, { as: on.adminKey });
    const as = key.secret;
    await on.done('users.create', { external_id: `${S}-bob`, name: `${S} name`, data: { [`${S} field`]: `${S} value` } }, { as });
    const minted = await on.done('auth.token', { external_id: `${S}-alice` }, { as });
    const hers = { as: minted.token, headers: { 'idempotency-key': `${S} idempotency`, 'user-agent': `${S} agent`, cookie: `${S}=1`, referer: `http://x/${S}`, tracestate: `${S}=1` } };
    const { conversation_id: group } = await on.done('conversations.create', { member_ids: [`ext:${S}-bob`], name: `${S} group` }, { as: minted.token });
    const sent = await on.done('messages.send', { conversation_id: group, text: `${S} text`, data: { x: `${S} data` } }, hers);
    await on.done('messages.edit', { message_id: sent.id, text: `${S} edit` }, { as: minted.token });
    expectProblem(await on.call('messages.send', { conversation_id: group, text: `${S} other` }, hers), 'idempotency_mismatch');
    expectProblem(await on.call('messages.send', { conversation_id: group, text: { [S]: S } }, hers), 'invalid_argument');
    expectProblem(await on.call('users.get', { user_id: `ext:${S}-nobody` }, { as }), 'not_found');
    expectProblem(await on.ask('POST', '/v1/messages', { as, headers: { 'content-type': 'application/json' }, body: Buffer.from(`{"text":"${S}`) }), 'invalid_argument');
    expectProblem(await on.ask('GET', `/v1/${S}?${S}=${S}&token=${minted.token}`), 'not_found');
    expectProblem(await on.ask('GET', `/v1/users?token=${minted.token}`, { as }), 'not_acceptable');
    for (const credential of [`${as}x`, `${minted.token}x`, `Basic ${S}`, `${on.adminKey} ${S}`]) expect((await on.call('users.list', {}, { as: credential })).status).toBe(401);
    await on.ask('GET', '/v1/users/me', { as: minted.token, headers: { origin: `https://${S}.example` } });
    await rawRequest(on.port, [`GET /v1/users/%0a${S} HTTP/1.1`, `X-Forwarded-For: ${S}`]);
    const rotated = await on.done('keys.rotate', { key_id: key.id }, { as: on.adminKey });
    await on.done('auth.revoke', { user_id: `ext:${S}-alice` }, { as });
    expectProblem(await on.call('users.get', { user_id: 'me' }, { as: minted.token }), 'revoked');
    const secrets = [as, minted.token, rotated.secret, on.adminKey].flatMap((one) => [one, one.slice(-20), one.slice(30, 50)]);
    return { secrets: [...secrets, app.signing_secret] };
  }

  it('holds no text, name, token or key of anybody, at the finest level, even before anything is hidden', async () => {
    const { secrets } = await everything(stage);
    const text = stage.log.text();
    expect(stage.log.lines.filter(({ event }) => event === 'http.request').length).toBeGreaterThan(20);
    expect(text).not.toContain(S);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  it('holds them as little where a failure is described', async () => {
    const lines: string[] = [];
    const log: Log = createPinoLog({ level: 'debug', format: 'json', colour: false, write: (line) => void lines.push(line) });
    const failing = await startStage({ log, wrapStorage: (storage) => ({ ...storage, users: () => Promise.reject(new Error(`no row for ${failing.adminKey}\n\u001b[31m at line two`)) }) });
    const app = await failing.scene();
    expectProblem(await failing.call('users.list', {}, { as: app.key }), 'internal');
    const described = lines.filter((line) => line.includes('"http.failed"'));
    expect(described).toHaveLength(1);
    expect(described[0]).not.toContain(failing.adminKey.slice(-20));
    // One line, whatever the message holds.
    expect(described[0]!.trimEnd()).not.toMatch(/[\n\u001b]/);
    await failing.stop();
  });

  it('escapes nothing away: what a caller may choose is not in it at all', async () => {
    const external = 'eve "quoted" {json}';
    const { token } = await stage.done('auth.token', { external_id: external }, { as: scene.key });
    const reply = await stage.call('users.get', { user_id: 'me' }, { as: token });
    expectOk(reply);
    expect(JSON.stringify(lineOf(reply))).not.toContain('quoted');
  });
});
