/**
 * [ISO1] For every operation of the table and every field of it that names something, by HTTP and by the socket: what belongs to
 * another app is answered like what does not exist. The cases follow from the table's schemas.
 */
import { createUuid7, uuidText } from '@talaria/protocol';
import { operationIds, operations, type Operation, type OperationId } from '@talaria/protocol/operations';
import { randomFillSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RawClient } from '../gateway/raw-client.js';
import { signedIn, type Browser } from './support/browser.js';
import { levelled } from './support/levelled.js';
import { INSTEAD } from './support/readied.js';
import { startStage, type Input, type Scene, type Stage } from './support/stage.js';
import { inputOf, namingsOf, type Naming } from './support/table-inputs.js';
import { absentThings, furnish, makeThings, type Things } from './support/things.js';

const SUBPROTOCOLS = ['talaria.v1', 'talaria.v1.json'] as const;
const newUuid = createUuid7({ now: Date.now, fill: (bytes) => void randomFillSync(bytes) });

let stage: Stage;
let own: Scene;
let mine: Things;
/** To be used up. */
let spare: Things;
let foreign: Things;
let absent: Things;
let sockets: readonly RawClient[];
/** Of an owner, who acts for the own app. */
let browser: Browser;

beforeAll(async () => {
  // With limits, so that their headers are compared too.
  const plenty = { per_s: 100_000, burst: 100_000 };
  stage = await startStage({ limitRates: { user: plenty, conversation: plenty, app: plenty }, addressRate: plenty });
  const other = await stage.scene();
  own = await stage.scene();
  mine = await makeThings(stage, own, 'erin', 'ext:alice');
  const { conversation_id: group } = await stage.done('conversations.create', { member_ids: ['ext:bob'] }, { as: own.alice.token });
  spare = await makeThings(stage, { ...own, group }, 'fred', 'ext:alice');
  foreign = await makeThings(stage, other, 'mallory');
  await furnish(stage, other, foreign);
  absent = absentThings();
  browser = await signedIn(stage, 'owner');
  sockets = await Promise.all(SUBPROTOCOLS.map(async (protocol) => {
    const socket = await stage.world.socket(own, protocol);
    await socket.hello(own.alice.token);
    return socket;
  }));
});
afterAll(() => stage.stop());

/** Whoever may ask, and how. */
interface Asker {
  readonly name: string;
  /** A backend says for whom, where it can. */
  readonly forAlice: boolean;
  ask(id: OperationId, input: Input): Promise<unknown>;
}

let calls = 0;
let made = 0;
const done = new Set<OperationId>();
const doneByOperator = new Set<OperationId>();

async function call(socket: RawClient, op: string, input: Input): Promise<unknown> {
  const id = (calls += 1);
  socket.up({ call: { id, op, json: JSON.stringify(input), client_id: uuidText(newUuid()) } });
  const frame = await socket.until(() => socket.frames.find((one) => (one.frame === 'reply' && one.reply.id === id) || (one.frame === 'refusal' && one.refusal.call_id === id)));
  if (frame.frame !== 'reply' && frame.frame !== 'refusal') throw new Error('no answer');
  return frame.frame === 'reply' ? { status: 200, text: frame.reply.json } : { status: 0, text: JSON.stringify({ ...frame.refusal, call_id: 0 }) };
}

function askers(operation: Operation): Asker[] {
  const overHttp = (name: string, ask: { readonly as?: string; readonly headers?: Record<string, string> }, forAlice = false): Asker => ({
    name, forAlice,
    async ask(id, input) {
      const { status, headers, text } = await stage.call(id, input, ask);
      return { status, text, headers: [...headers].filter(([header]) => !PASSING.has(header)), names: [...headers.keys()], request: headers.get('talaria-request-id') };
    },
  });
  return [
    ...(operation.public ? [overHttp('without a credential', { headers: { 'talaria-app': own.publicKey } })] : []),
    overHttp('with a key', { as: own.key }, true), overHttp('with a key, for nobody', { as: own.key }),
    overHttp('as an operator', { headers: { cookie: browser.cookie!, 'talaria-csrf': browser.csrf!, 'content-type': 'application/json', 'talaria-act-for': own.id } }, true), overHttp('with a token', { as: own.alice.token }),
    ...SUBPROTOCOLS.map((protocol, at): Asker => ({ name: `over ${protocol}`, forAlice: false, ask: (id, input) => call(sockets[at]!, id, input) })),
  ];
}

/** What may differ from one request to the next, whatever it asks for. */
const PASSING = new Set(['date', 'talaria-request-id', 'idempotency-key', 'ratelimit', 'content-length']);

/** What makes an operation be done, but for the field that is asked about. */
function insteadOf(id: OperationId, asked: Things, naming: Naming | undefined): Input {
  // One of the two, and not both.
  if (id === 'signals.send' && naming?.path[0] === 'user_id') return {};
  return Object.fromEntries(Object.entries(INSTEAD[id]?.(asked) ?? {}).filter(([field]) => field !== naming?.path[0]));
}

/** @param naming a field that names one of `named`, while the rest names what is `asked` of */
function inputFor(id: OperationId, { forAlice }: Asker, naming: Naming | undefined, asked: Things, named = asked): Input {
  const input = { ...inputOf(id, asked, naming && { ...naming, value: named[naming.kind] }), ...insteadOf(id, asked, naming) };
  const takesWhom = 'as_user_id' in operations[id].input.shape && naming?.path[0] !== 'as_user_id';
  return forAlice && takesWhom ? { ...input, as_user_id: 'ext:alice' } : input;
}

// First, while nobody has named anything of the other app.
describe('[ISO1] who asks of their own', () => {
  it.each(operationIds)('%s shows nothing of another app', async (id) => {
    for (const asker of askers(operations[id])) {
      const text = JSON.stringify(await asker.ask(id, inputFor(id, asker, undefined, spare)));
      for (const [kind, thing] of Object.entries(foreign)) expect(text.includes(thing), `${kind} ${asker.name}`).toBe(false);
      if (!text.startsWith('{"status":200')) continue;
      done.add(id);
      if (asker.name === 'as an operator') doneByOperator.add(id);
    }
  });

  it('is told something, of most operations', () => {
    expect(done.size).toBeGreaterThan(60);
    expect(doneByOperator.size).toBeGreaterThan(40);
  });
});

describe('[ISO1] who names what another app has', () => {
  it.each(operationIds)('%s answers as of nothing', async (id) => {
    for (const naming of namingsOf(id)) {
      for (const asker of askers(operations[id])) {
        const of = async (things: Things): Promise<unknown> => levelled(await asker.ask(id, inputFor(id, asker, naming, mine, things)), [things[naming.kind]]);
        const ofNothing = await of(absent);
        expect(await of(foreign), `${naming.kind} in ${naming.path.join('.')} ${asker.name}`).toEqual(ofNothing);
      }
    }
  });
});

/** Fields by which one's own is answered like nothing, and why that is so. */
const BLIND: Readonly<Record<string, readonly string[]>> = {
  'It is noted whether or not there is one.': ['auth.revoke token_id', 'auth.revoke session_id'],
  'Nobody who asks here is invited, or has asked to join: isolation.test.ts has who is.': ['invitations.accept conversation_id', 'invitations.decline conversation_id', 'requests.withdraw conversation_id'],
};

// A case in which one's own is answered like nothing would not see another app's, either.
describe('[ISO1] who names what they have themselves', () => {
  const blind: string[] = [];

  async function ownThings(): Promise<Things> {
    const { conversation_id: group } = await stage.done('conversations.create', { member_ids: ['ext:bob'], name: 'group' }, { as: own.alice.token });
    const fresh = await makeThings(stage, { ...own, group }, `own ${made += 1}`, 'ext:alice');
    await furnish(stage, own, fresh);
    while ((await stage.world.server.domain.storage.indexMessages({ nowMs: 0, limit: 1_000, sweep: 0 })).more);
    return fresh;
  }

  /** Whether some asker, by some name, is answered otherwise than of nothing. */
  async function sees(id: OperationId, namings: readonly Naming[]): Promise<boolean> {
    for (const naming of namings) {
      for (const asker of askers(operations[id])) {
        const fresh = await ownThings();
        const of = async (things: Things): Promise<unknown> => levelled(await asker.ask(id, inputFor(id, asker, naming, fresh, things)), [things[naming.kind]]);
        if (JSON.stringify(await of(absent)) !== JSON.stringify(await of(fresh))) return true;
      }
    }
    return false;
  }

  it.each(operationIds.filter((id) => operations[id].scope !== 'admin' && operations[id].scope !== null))('%s answers otherwise than of nothing', async (id) => {
    const fieldOf = ({ path }: Naming): string => path.join('.');
    for (const field of new Set(namingsOf(id).map(fieldOf))) {
      if (!await sees(id, namingsOf(id).filter((naming) => fieldOf(naming) === field))) blind.push(`${id} ${field}`);
    }
  });

  it('but for what is listed with its reason', () => {
    expect(blind.toSorted()).toEqual(Object.values(BLIND).flat().toSorted());
  });
});

it('[ISO1] most operations name something, and the table says what', () => {
  const naming = operationIds.filter((id) => namingsOf(id).length > 0);
  expect(naming.length).toBeGreaterThan(80);
  expect(new Set(operationIds.flatMap((id) => namingsOf(id).map(({ kind }) => kind))).size).toBeGreaterThan(12);
  expect(namingsOf('messages.send').map(({ path, kind }) => `${path.join('.')}: ${kind}`)).toEqual([
    'conversation_id: conversation', 'thread_id: message', 'quoted_id: message', 'mentions.user_ids: user', 'mentions.user_ids: external', 'as_user_id: user', 'as_user_id: external',
  ]);
});
