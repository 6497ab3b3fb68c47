/** A client of Talaria that follows rooms, and goes on from its cursors when it comes back. */
import { createClientCodec } from '@talaria/protocol/codec';
import { eventCheck, type Cursor, type Facts } from '@talaria/protocol';
import { portOf, type Target } from '../subject.js';
import { Line } from './line.js';
import { idIn } from './talaria-burst.js';

export interface Follower {
  /** Connects, and resolves when it is at the head of all its rooms. */
  connect(): Promise<void>;
  /** Goes without a word. */
  drop(): void;
  /** What it has seen of the messages whose number is not below `first_id`: how many, and the sum of their numbers. */
  seen(): { readonly count: number; readonly sum: number };
}

/** Long: a machine that others share may be slower for a while than what is sent. */
const CATCH_UP_MS = 120_000;

/** @param firstId numbers below it are not counted */
export function createFollower(target: Target, client: number, firstId: number): Follower {
  const codec = createClientCodec();
  const cursors = new Map<string, Cursor>();
  let [count, sum, epoch] = [0, 0, ''];

  /** @throws Error when the facts do not begin where the last ones ended */
  const take = ({ stream, from_seq: from, to_seq: to, omitted, facts }: Facts): void => {
    const cursor = cursors.get(stream);
    if (!cursor) return;
    if (from > cursor.seq + 1) throw new Error(`facts from ${from} came after ${cursor.seq}`);
    if (omitted.length > 0) throw new Error('facts were omitted');
    let { seq, check } = cursor;
    for (const fact of facts) {
      // A frame may repeat what is known.
      if (fact.seq <= seq) continue;
      if (fact.seq !== seq + 1) throw new Error(`the fact ${fact.seq} came after ${seq}`);
      [seq, check] = [fact.seq, eventCheck(fact.event_id)];
      const id = idIn(fact.client_id);
      if (fact.type !== 'message.created' || id < firstId) continue;
      count += 1;
      sum += id;
    }
    if (to > seq) throw new Error(`facts up to ${to} ended with ${seq}`);
    cursors.set(stream, { stream, seq, check, epoch });
  };

  /** Rooms that it is not at the head of yet. */
  let behind = new Set<string>();
  let atHead = (): void => undefined;
  let lastMs = performance.now();

  function heard(bytes: Buffer): void {
    const frame = codec.decodeDown(bytes);
    lastMs = performance.now();
    if (frame.frame === 'facts') take(frame.facts);
    else if (frame.frame === 'ping') line.send(codec.encodeUp({ pong: { time_ms: frame.ping.time_ms } }));
    else if (frame.frame === 'welcome') ({ epoch } = frame.welcome);
    else if (frame.frame === 'heads') line.ready();
    else if (frame.frame === 'following') {
      const { stream, seq, check } = frame.following;
      const cursor = cursors.get(stream);
      if (cursor && cursor.seq !== seq) throw new Error(`the head is ${seq}, and facts came up to ${cursor.seq}`);
      if (!cursor) cursors.set(stream, { stream, seq, check, epoch });
      behind.delete(stream);
      if (behind.size === 0) atHead();
    } else if (frame.frame === 'refusal') throw new Error(`refused: ${frame.refusal.code} ${frame.refusal.message}`);
    else if (frame.frame === 'truncated') throw new Error(`the follow was cut: ${frame.truncated.reason}`);
  }

  const hello = { token: target.tokens[client]!, device_id: 'bench', agent: 'bench' };
  const line = new Line({
    port: portOf(target, client), path: `/v1/socket/${target.app}`, protocol: codec.subprotocol,
    opened: () => line.send(codec.encodeUp({ hello })),
    message: heard,
    lost() {
      throw new Error('the server closed a follower');
    },
  });

  return {
    seen: () => ({ count, sum }),
    drop: () => line.cut(),
    async connect() {
      behind = new Set(target.follows[client]!.map((room) => target.rooms[room]!));
      const caughtUp = new Promise<void>((resolve) => {
        atHead = resolve;
      });
      await line.open();
      for (const stream of behind) line.send(codec.encodeUp({ follow: { stream, cursor: cursors.get(stream), all: true } }));
      const before = count;
      const late = setTimeout(() => {
        throw new Error(`a follower is not at the head of ${behind.size} rooms after ${CATCH_UP_MS} ms, in which ${count - before} messages came, the last ${Math.round(performance.now() - lastMs)} ms ago`);
      }, CATCH_UP_MS);
      await caughtUp;
      clearTimeout(late);
    },
  };
}
