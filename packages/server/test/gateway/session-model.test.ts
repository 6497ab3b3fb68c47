/**
 * Any series of frames against a model of a connection's states: what is answered, with which code it ends, and that what
 * was acked is in the log.
 */
import { createUuid7, uuidText } from '@talaria/protocol';
import fc from 'fast-check';
import { randomFillSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createUserScene, type UserScene } from './user-scene.js';
import type { RawClient } from './raw-client.js';
import { startWorld, type World } from './world.js';

type Step =
  | { readonly kind: 'hello'; readonly token: 'good' | 'bad' | 'foreign' }
  | { readonly kind: 'send'; readonly text: string }
  | { readonly kind: 'send_elsewhere' }
  | { readonly kind: 'call' | 'call_unknown' | 'pong' | 'mark' | 'follow' | 'unfollow' | 'refresh' | 'refresh_bad' | 'no_operation' }
  | { readonly kind: 'garbage' | 'text' };

/** What a step does to a connection: where it is afterwards, and how it ends if it does. */
type State = 'greeting' | 'open' | { readonly code: number; readonly reason: string };

const ended = (code: number, reason: string): State => ({ code, reason });

/** The model: one line a case. */
function next(state: 'greeting' | 'open', step: Step): State {
  if (step.kind === 'text') return ended(1003, 'text_frame');
  if (step.kind === 'garbage') return ended(4400, 'bad_frame');
  // A frame without an operation says nothing; it is refused, and the connection stays.
  if (step.kind === 'no_operation') return state;
  if (state === 'greeting') {
    if (step.kind !== 'hello') return ended(4401, 'unauthenticated');
    return step.token === 'good' ? 'open' : ended(4401, 'invalid_token');
  }
  return step.kind === 'hello' ? ended(4409, 'already_authenticated') : 'open';
}

const steps = fc.array(fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('send' as const), text: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }) }) },
  { weight: 3, arbitrary: fc.constantFrom('call', 'call_unknown', 'pong', 'mark', 'follow', 'unfollow', 'refresh', 'refresh_bad', 'no_operation', 'send_elsewhere').map((kind) => ({ kind }) as Step) },
  { weight: 1, arbitrary: fc.constantFrom('good', 'bad', 'foreign').map((token) => ({ kind: 'hello', token }) as Step) },
  { weight: 1, arbitrary: fc.constantFrom('garbage', 'text').map((kind) => ({ kind }) as Step) },
), { maxLength: 12 });
/** Half of the series begin well, or few would get anywhere. */
const series = fc.tuple(fc.boolean(), steps).map(([greets, rest]) => (greets ? [{ kind: 'hello', token: 'good' } as Step, ...rest] : rest));

const uuid = createUuid7({ now: Date.now, fill: (bytes) => void randomFillSync(bytes) });
let world: World;
let scene: UserScene;

beforeAll(async () => {
  world = await startWorld();
  scene = await createUserScene(world);
});
afterAll(() => world.stop());

function perform(client: RawClient, step: Step, sent: Map<string, string>): void {
  const { group, absent, tokens } = scene;
  switch (step.kind) {
    case 'hello': client.up({ hello: { token: tokens[step.token], device_id: 'd', agent: 'model', follow_recent: 10 } }); return;
    case 'send': {
      const clientId = uuidText(uuid());
      sent.set(clientId, step.text);
      client.post(group, step.text, clientId);
      return;
    }
    case 'send_elsewhere': client.post(absent, 'nobody reads this'); return;
    case 'call': client.up({ call: { id: 1, op: 'users.get', json: '{"user_id":"me"}' } }); return;
    case 'call_unknown': client.up({ call: { id: 2, op: 'no.such', json: '{}' } }); return;
    case 'pong': client.up({ pong: {} }); return;
    case 'mark': client.up({ mark: { conversation_id: group, read_seq: 1_000_000 } }); return;
    case 'follow': client.up({ follow: { stream: group } }); return;
    case 'unfollow': client.up({ unfollow: { stream: group } }); return;
    case 'refresh': client.up({ refresh: { token: tokens.good } }); return;
    case 'refresh_bad': client.up({ refresh: { token: tokens.bad } }); return;
    case 'no_operation': client.ws.send(Uint8Array.of(0x9a, 0x06, 0x00)); return;
    case 'garbage': client.ws.send(Uint8Array.of(0xff, 0xff, 0xff)); return;
    case 'text': client.ws.send('{"pong":{}}');
  }
}

it('[SND1] a connection goes through its states as the model says, whatever comes in whatever order', async () => {
  await fc.assert(fc.asyncProperty(series, async (given) => {
    const client = await world.socket(scene.app);
    const sent = new Map<string, string>();
    let state: State = 'greeting';
    for (const step of given) {
      if (typeof state === 'object') break;
      // What comes while a hello is looked at is another state; the model waits for the answer.
      const before: 'greeting' | 'open' = state;
      if (step.kind === 'send' && before === 'greeting') client.post(scene.group, step.text);
      else perform(client, step, sent);
      state = next(before, step);
      if (before === 'greeting' && state === 'open') await client.next('heads');
    }
    if (typeof state === 'object') {
      expect(await client.end()).toEqual(state);
    } else if (state === 'open') {
      await client.until(() => client.all('ack').length === sent.size);
      expect(client.closed).toBeUndefined();
    }
    const acked = client.all('ack').map(({ ack }) => ack);
    const { items } = await world.op(scene.backend, 'messages.list', { conversation_id: scene.group, limit: 200 });
    for (const { client_id: clientId, seq } of acked) {
      expect(items.find((message) => message.seq === seq)?.text).toBe(sent.get(clientId));
    }
    client.destroy();
  }), { numRuns: 150 });
}, 120_000);
