/** SND4: what a connection knows of its lanes. */
import { createUuid7, ProtocolError, uuidText } from '@talaria/protocol';
import { createServerCodec } from '@talaria/protocol/codec';
import { randomFillSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { createCounts } from '../../src/domain/counts.js';
import type { AppEntry } from '../../src/domain/tenancy/app-directory.js';
import { Session, type OpenSession } from '../../src/gateway/session.js';
import { createPair } from './pair.js';
import { startWorld } from './world.js';

const MANY = 300;
const newUuid = createUuid7({ now: Date.now, fill: (bytes) => void randomFillSync(bytes) });

function openSession(): Session {
  const session = new Session('n_1', {} as AppEntry, createServerCodec(), '127.0.0.1', undefined, '', () => undefined, createCounts());
  session.become({ kind: 'open', open: { lanes: undefined } as unknown as OpenSession });
  return session;
}

it('[SND4] keeps a lane whose command waits for its answer, and one that is blocked', () => {
  const session = openSession();
  const waiting = session.lane('waiting');
  waiting.waiting += 1;
  const blocked = session.lane('blocked');
  blocked.lane.block('one');
  const idle = session.lane('idle');
  for (let at = 0; at < MANY; at += 1) session.lane(`other ${at}`);
  expect(session.lane('waiting')).toBe(waiting);
  expect(session.lane('blocked')).toBe(blocked);
  expect(session.lane('idle')).not.toBe(idle);
  expect(session.open?.lanes?.size).toBeLessThan(MANY);
});

it('[SND4] goes on when what blocked it is refused for good before it is handed over again', async () => {
  let fails = false;
  const world = await startWorld({
    wrapStorage: (storage) => ({ ...storage, message: (...args) => (fails ? Promise.reject(new ProtocolError('unavailable')) : storage.message(...args)) }),
  });
  try {
    const { app, alice, group } = await createPair(world);
    const client = await world.client(app, alice.token);
    const { seq } = await client.say(group, 'sent on');
    const { items } = await world.op(alice.caller, 'messages.list', { conversation_id: group });
    const forwarded = items.find((one) => one.seq === seq)!.id;
    const clientId = uuidText(newUuid());
    const forward = (id: number) => client.up({ call: { id, op: 'messages.forward', json: JSON.stringify({ message_id: forwarded, conversation_id: group }), client_id: clientId } });
    fails = true;
    forward(1);
    expect((await client.next('refusal')).refusal.code).toBe('unavailable');
    const behind = client.post(group, 'behind it');
    expect((await client.next('refusal', 2)).refusal.code).toBe('predecessor_refused');
    fails = false;
    await world.op(alice.caller, 'messages.delete', { message_id: forwarded });
    forward(2);
    expect((await client.next('refusal', 3)).refusal.code).toBe('gone');
    client.post(group, 'behind it', behind);
    expect((await client.next('ack', 2)).ack.client_id).toBe(behind);
  } finally {
    await world.stop();
  }
});
