import type { FactInput } from '@talaria/protocol';
import { createClientCodec, createServerCodec } from '@talaria/protocol/codec';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { takeCrypto } from '../src/quiet.js';
import { Scheduler } from '../src/scheduler.js';
import { Trace } from '../src/trace.js';
import { Watch } from '../src/watch.js';
import { Wire } from '../src/wire.js';

const ROOM = 'c_06dqdpn83xyf1650csc4p59aq4';
const USER = 'u_06dqdpn82dwxf5m99y0way4fvm';
const quiet = takeCrypto();
afterAll(() => quiet.release());
const server = createServerCodec();
const client = createClientCodec();

let watch: Watch;
let wire: Wire;
beforeEach(() => {
  watch = new Watch();
  wire = new Wire(1, USER, new Scheduler(new Trace(), () => quiet.settled()), { latencyMs: () => 1 }, { sent: (_wire, bytes) => bytes, taken: () => undefined });
});

const rules = (): string[] => watch.breaches.map(({ rule, text }) => `${rule} ${text}`);
/** The node sends a page without facts: what matters is where it begins and ends. */
const sends = (from: number, to: number): void => void watch.sent(wire, server.factsFrame({ stream: ROOM, from_seq: from, to_seq: to, omitted: [] }, []).slice());
const follows = (seq: number): void =>
  watch.taken(wire, client.encodeUp({ follow: { stream: ROOM, cursor: { stream: ROOM, seq, check: 1, epoch: 'epoch-1' }, all: true, once: false } }).slice());

describe('[VIS4] what one connection is sent that was opened after something was erased', () => {
  const MINE = { event_id: 'e_06dqdpn83xyf1650csc4p59aq4', actor: USER, client_id: 'x', time_ms: 1 };
  const DELETED = { ...MINE, seq: 4, type: 'message.deleted', target_seq: 3, json: '{}' };
  const message = (seq: number, redacted = false) => ({ ...MINE, seq, type: 'message.created', redacted, message: { text: redacted ? '' : 'text' } });
  const sendsFacts = (to: Wire, stream: string, facts: readonly FactInput[]): void =>
    void watch.sent(to, server.factsFrame({ stream, from_seq: facts[0]!.seq ?? 1, to_seq: facts.at(-1)!.seq ?? 1, omitted: [] }, facts.map((fact) => server.encodeFact(fact).slice())).slice());
  const scheduler = new Scheduler(new Trace(), () => quiet.settled());
  const opened = (): Wire => new Wire(2, USER, scheduler, { latencyMs: () => 1 }, { sent: (_wire, bytes) => bytes, taken: () => undefined });
  const later = async (): Promise<Wire> => {
    await scheduler.until(() => false, 10);
    return opened();
  };

  it('is a message without its text, when a fact has said that it is gone, by whomever or by itself', async () => {
    for (const type of ['message.deleted', 'message.expired']) {
      watch = new Watch();
      const early = await later();
      sendsFacts(early, ROOM, [message(3), { ...DELETED, type }]);
      sendsFacts(early, ROOM, [message(3)]);
      expect(rules()).toEqual([]);
      const late = await later();
      sendsFacts(late, ROOM, [message(3, true)]);
      expect(rules()).toEqual([]);
      sendsFacts(late, ROOM, [message(3)]);
      expect(rules()).toEqual([`VIS4 ${USER} was sent the text of message.created ${ROOM} 3 after it was erased`]);
    }
  });

  it('is no edit of it, no draft that was replaced, and nothing that waits no more', async () => {
    const early = await later();
    sendsFacts(early, ROOM, [DELETED]);
    sendsFacts(early, USER, [{ ...MINE, seq: 7, type: 'draft.set', json: '{"replaces":5}' }, { ...MINE, seq: 8, type: 'message.unscheduled', json: '{"scheduled_seq":6}' }]);
    const late = await later();
    sendsFacts(late, ROOM, [{ ...message(9), type: 'message.updated', target_seq: 3 }]);
    sendsFacts(late, USER, [{ ...MINE, seq: 5, type: 'draft.set', json: '{}' }, { ...MINE, seq: 6, type: 'message.scheduled', json: '{}' }]);
    expect(watch.breaches.map(({ rule }) => rule)).toEqual(['VIS4', 'VIS4', 'VIS4']);
  });
});

describe('[ORD4] what one connection is sent of one stream', () => {
  it('has no hole', () => {
    sends(1, 5);
    sends(6, 7);
    expect(rules()).toEqual([]);
    sends(9, 9);
    expect(rules()).toEqual([`ORD4 ${USER} was sent ${ROOM} from 9, behind 7`]);
  });

  it('goes on from the cursor that the client names, and from no later place', () => {
    sends(1, 16);
    follows(28);
    sends(29, 30);
    expect(rules()).toEqual([]);
    follows(32);
    sends(34, 34);
    expect(rules()).toEqual([`ORD4 ${USER} was sent ${ROOM} from 34, behind 32`]);
  });

  it('is not held up by a cursor that lies before it', () => {
    sends(1, 16);
    follows(4);
    sends(17, 18);
    sends(5, 18);
    expect(rules()).toEqual([]);
  });
});
