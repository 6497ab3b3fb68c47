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
