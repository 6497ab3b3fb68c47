/**
 * [ISO1] For every frame that a client may send, as the codec knows it, in both subprotocols, and every field of it that names something:
 * what belongs to another app is answered like what does not exist, and what then happens there is not heard of.
 */
import { createUuid7, eventCheck, uuidText, type DownFrame, type Hello, type UpInput } from '@talaria/protocol';
import { shape } from '@talaria/protocol/shape';
import { randomFillSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { levelled } from '../http/support/levelled.js';
import { startStage, type Scene, type Stage } from '../http/support/stage.js';
import { absentThings, makeThings, type Things } from '../http/support/things.js';
import type { RawClient } from './raw-client.js';

const SUBPROTOCOLS = ['talaria.v1', 'talaria.v1.json'] as const;
const newUuid = createUuid7({ now: Date.now, fill: (bytes) => void randomFillSync(bytes) });

/** Somebody of an app, with all that they can name. */
interface Party {
  readonly things: Things;
  readonly userToken: string;
  /** From a connection of theirs. */
  readonly syncToken: Uint8Array;
  readonly clientId: string;
  readonly headEvent: string;
  readonly epoch: string;
}

let stage: Stage;
let own: Scene;
let other: Scene;
let foreign: Party;
let absent: Party;

beforeAll(async () => {
  stage = await startStage({ gatewayBounds: { heartbeat_ms: 200 } });
  own = await stage.scene();
  other = await stage.scene();
  foreign = await partyOf(other, await makeThings(stage, other, 'mallory'));
  absent = {
    things: absentThings(), userToken: `${own.alice.token.slice(0, -8)}AAAAAAAA`, syncToken: randomFillSync(new Uint8Array(foreign.syncToken.length)), clientId: uuidText(newUuid()),
    headEvent: `e_${'0'.repeat(26)}`, epoch: foreign.epoch,
  };
});
afterAll(() => stage.stop());

async function partyOf(scene: Scene, things: Things): Promise<Party> {
  const socket = await stage.world.socket(scene);
  const { epoch } = await socket.hello(scene.alice.token);
  const { client_id: clientId } = await socket.say(scene.group, 'first of theirs');
  const told = await socket.until(() => socket.all('ping').find(({ ping }) => ping.sync_token !== undefined && ping.sync_token.length > 0));
  const facts = await stage.done('facts.list', { conversation_id: scene.group, limit: 200 }, { as: scene.key });
  socket.destroy();
  return { things, userToken: scene.bob.token, syncToken: told.ping.sync_token!, clientId, headEvent: facts.items.at(-1)!.event_id, epoch };
}

/** A field that names something, and what it holds for a party: each of the ways in which one might get at a thing by it. */
const NAMES: Readonly<Record<string, (party: Party) => readonly unknown[]>> = {
  stream: ({ things }) => [things.conversation, things.user],
  conversation_id: ({ things }) => [things.conversation],
  user_id: ({ things }) => [things.user],
  user_ids: ({ things }) => [[things.user]],
  token: ({ userToken, things }) => [userToken, things.refresh],
  sync_token: ({ syncToken }) => [syncToken],
  client_id: ({ clientId }) => [clientId],
  cursor: (party) => cursorsOf(party),
  cursors: (party) => cursorsOf(party).map((cursor) => [cursor]),
};
const cursorsOf = ({ things, headEvent, epoch }: Party) => [things.conversation, things.user].flatMap((stream) => [1, 3].map((seq) => ({ stream, seq, check: eventCheck(headEvent), epoch })));

/** What fields hold that name nothing. */
const VALUES: Readonly<Record<string, unknown>> = {
  device_id: 'd', agent: 'test', follow_recent: 200, replay_max: 0, capabilities: [], text: 'hello there', data: '', silent: false, id: 7, op: 'users.get', json: '{"user_id":"me"}', delivered_seq: 1, read_seq: 1, version: 0,
  type: 'typing', lifetime_ms: 5_000, time_ms: 1, all: true, once: false, away: true,
};

const frameNames = shape['Up']!.map(([, name]) => name);
const fieldsOf = (frame: string) => shape[shape['Up']!.find(([, name]) => name === frame)![2]]!;
/** The fields that name something. @throws Error for one of which nobody has said what it holds */
function namingsOf(frame: string): string[] {
  return fieldsOf(frame).map(([, field]) => field).filter((field) => {
    if (!Object.hasOwn(NAMES, field) && !Object.hasOwn(VALUES, field)) throw new Error(`say in NAMES or VALUES what ${field} of the frame ${frame} holds`);
    return Object.hasOwn(NAMES, field);
  });
}

/** The caller's own, where a frame must name something. */
const mine = (field: string): unknown => {
  if (field === 'client_id') return uuidText(newUuid());
  if (field === 'token') return own.alice.token;
  return field === 'conversation_id' || field === 'stream' ? own.group : undefined;
};

function frameOf(frame: string, named: string, value: unknown): UpInput {
  const fields = fieldsOf(frame).map(([, field]) => [field, field === named ? value : Object.hasOwn(VALUES, field) ? VALUES[field] : mine(field)] as const);
  return { [frame]: Object.fromEntries(fields.filter(([, held]) => held !== undefined)) } as unknown as UpInput;
}

let asks = 0;
const BARRIERS = 1_000;
/** What the server has done with everything before: it has answered a read and a command, and the command's fact has come. */
async function barrier(client: RawClient): Promise<void> {
  const id = BARRIERS + (asks += 1);
  client.up({ call: { id, op: 'conversations.get', json: JSON.stringify({ conversation_id: own.group }), client_id: '' } });
  await client.until(() => client.frames.some((one) => one.frame === 'reply' && one.reply.id === id));
  const { seq } = await client.say(own.group, 'barrier');
  await client.until(() => client.facts(own.group).some((fact) => fact.seq === seq));
}

/** In the other app: what a socket there would be told. */
async function somethingHappens(): Promise<void> {
  const watching = await stage.world.socket(other);
  await watching.hello(other.bob.token);
  const socket = await stage.world.socket(other);
  await socket.hello(other.alice.token);
  const { seq } = await socket.say(other.group, 'secret');
  socket.up({ mark: { conversation_id: other.group, read_seq: seq, delivered_seq: seq } });
  socket.up({ signal: { stream: other.group, type: 'typing', json: '', lifetime_ms: 1_000 } });
  await watching.next('signal');
  await watching.next('mark');
  await stage.done('users.update', { user_id: foreign.things.user, name: `n${seq}` }, { as: other.key });
  await stage.done('members.add', { conversation_id: other.group, member_ids: [foreign.things.user] }, { as: other.key });
  await stage.done('members.remove', { conversation_id: other.group, user_id: foreign.things.user }, { as: other.key });
  await watching.until(() => watching.facts(other.group).some(({ type }) => type === 'member.left'));
  for (const one of [socket, watching]) one.destroy();
}

/** What a connection is told in answer to a frame, and after it. */
async function toldFor(protocol: string, frame: string, named: string, value: unknown): Promise<{ readonly told: unknown; readonly raw: string }> {
  const client = await stage.world.socket(own, protocol);
  if (frame === 'hello') client.up(frameOf(frame, named, value));
  else await client.hello(own.alice.token, { follow_recent: 10 });
  const from = client.frames.length;
  if (frame !== 'hello') client.up(frameOf(frame, named, value));
  const greeted = await client.until(() => client.frames.some((one) => one.frame === 'welcome' || one.frame === 'refusal') || client.closed !== undefined || frame !== 'hello');
  const lives = greeted && client.closed === undefined && (frame !== 'hello' || client.all('welcome').length > 0);
  if (lives) await barrier(client);
  await somethingHappens();
  if (lives) await barrier(client);
  else await client.end();
  const { frames, closed } = client;
  client.destroy();
  const words = wordsOf(value);
  const raw = words.reduce((text, word) => text.replaceAll(word, 'ASKED'), JSON.stringify(frames));
  return { told: levelled({ closed, frames: frames.slice(from).filter(isTelling).map((one) => JSON.stringify(steady(one))).toSorted() }, words), raw };
}

/** A heartbeat comes when it comes, and says again what has moved. */
const isTelling = (frame: DownFrame): boolean => frame.frame !== 'ping' && frame.frame !== 'heads' && !(frame.frame === 'reply' && frame.reply.id > BARRIERS);

/** Own places move on with each connection here. */
function steady(frame: DownFrame): unknown {
  switch (frame.frame) {
    case 'facts': return { facts: frame.facts.stream, types: frame.facts.facts.map(({ type, message }) => [type, message?.text]) };
    case 'following': return { following: frame.following.stream };
    case 'mark': return { mark: frame.mark.conversation_id, user: frame.mark.user_id };
    case 'ack': return { ack: frame.ack.stream, duplicate: frame.ack.duplicate };
    default: return frame;
  }
}

/** The names in what was asked. */
function wordsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(wordsOf);
  return typeof value === 'object' && value !== null && 'stream' in value ? [value.stream as string] : [];
}

describe.each(SUBPROTOCOLS)('[ISO1] over %s', (protocol) => {
  it.each(frameNames.flatMap((frame) => namingsOf(frame).map((field) => [frame, field] as const)))('%s with the %s of another app is answered as with that of nothing', async (frame, field) => {
    const [theirs, nothing] = [NAMES[field]!(foreign), NAMES[field]!(absent)];
    for (const [at, value] of theirs.entries()) {
      const { told, raw } = await toldFor(protocol, frame, field, value);
      expect(told).toEqual((await toldFor(protocol, frame, field, nothing[at])).told);
      for (const secret of ['secret', 'theirs', other.group, other.alice.id, other.bob.id, foreign.things.user, foreign.things.message]) expect(raw).not.toContain(secret);
    }
  });
});

it('[ISO1] a frame of the own app names something, too, and is answered otherwise', async () => {
  const told = async (stream: string) => JSON.stringify((await toldFor('talaria.v1', 'follow', 'stream', stream)).told);
  expect(await told(own.group)).not.toEqual(await told(absent.things.conversation));
  expect(frameNames.length).toBeGreaterThanOrEqual(10);
  const hello: (keyof Hello)[] = ['token', 'sync_token', 'cursors'];
  expect(namingsOf('hello')).toEqual(hello);
});
