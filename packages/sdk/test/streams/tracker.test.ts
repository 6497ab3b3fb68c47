import type { Facts, UpInput } from '@talaria/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { isSkipped } from '../../src/streams/fact.js';
import { Tracker, UNSEEN, type Position } from '../../src/streams/tracker.js';
import { manualRuntime } from '../manual-runtime.js';

const OWN = 'u_00000000000000000000000000';
const ROOM = 'c_00000000000000000000000000';
const EVENT = 'e_06aqx7m4e5v2k8r0d1f3g5h7m8';

type Sent = NonNullable<Extract<UpInput, { follow?: unknown }>['follow']>;

let follows: Sent[];
let advanced: string[];
let heads: { readonly stream: string; readonly position: Position; readonly following: boolean }[];
let resyncs: string[];
let runtime: ReturnType<typeof manualRuntime>;

beforeEach(() => {
  follows = [];
  advanced = [];
  heads = [];
  resyncs = [];
  runtime = manualRuntime();
});

function tracker({ all = false, followsNew = true } = {}): Tracker {
  return new Tracker({
    send(frame) {
      if ('follow' in frame && frame.follow) follows.push(frame.follow);
      return true;
    },
    advance: (stream, steps) => void advanced.push(...steps.map((step) => (isSkipped(step) ? `${stream} skips ${step.fromSeq}-${step.toSeq}` : `${stream} ${step.seq}`))),
    resync: (stream) => void resyncs.push(stream),
    live: () => undefined,
    head: (stream, position, following) => void heads.push({ stream, position, following }),
  }, runtime, { catchUpAll: () => all, followsNew });
}

const welcome = { epoch: 'one', resumed: false, user_stream: OWN };
const head = (stream: string, seq: number, following = true) => ({ stream, seq, check: 1_000 + seq, marks_version: 0, following });
const following = (stream: string, seq: number) => ({ stream, seq, check: 1_000 + seq, marks_version: 0, once: false });
const refusal = (code: string, retryable: boolean, afterMs = 0) => ({ stream: ROOM, code, retryable, retry_after_ms: afterMs });

function frame(stream: string, from: number, to: number, json = ''): Facts {
  const facts = Array.from({ length: to - from + 1 }, (_, at) => ({
    seq: from + at, event_id: EVENT, type: json === '' ? 'message.created' : 'conversation.added', version: 1, actor: '', time_ms: 0, target_seq: 0, client_id: '',
    trace_id: undefined, redacted: false, message: undefined, json: json === '' ? '{}' : json, body: 'json' as const,
  }));
  return { stream, from_seq: from, to_seq: to, omitted: [], facts };
}
const added = (seq: number, joinedSeq: number): Facts => frame(OWN, seq, seq, JSON.stringify({ conversation_id: ROOM, joined_seq: joinedSeq }));
const seen = (): string[] => advanced.filter((entry) => entry.startsWith(ROOM)).map((entry) => entry.slice(ROOM.length + 1));

describe('a conversation that began while there was no connection', () => {
  /** Connected, with a place in its own stream; then the connection is lost. */
  function reconnected(options: Parameters<typeof tracker>[0] = {}): Tracker {
    const one = tracker(options);
    one.welcome(welcome);
    one.heads([head(OWN, 4)], true);
    one.disconnect();
    one.resume(10);
    one.welcome(welcome);
    return one;
  }

  it('[ORD1,ORD2] is taken from where the user joined, not from its head', () => {
    const one = reconnected();
    one.heads([head(ROOM, 6), head(OWN, 5)], true);
    expect(heads.map(({ stream }) => stream)).not.toContain(ROOM);
    // What comes before the own stream has told is asked for again.
    one.facts(frame(ROOM, 7, 7));
    expect(seen()).toEqual([]);
    one.facts(added(5, 1));
    expect(follows).toMatchObject([{ stream: ROOM, once: false, cursor: { seq: 0, check: 0 } }]);
    one.facts(frame(ROOM, 1, 7));
    expect(seen()).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  });

  it('[ORD1] whose start the client cannot name is asked for as a whole, and the part before is dropped', () => {
    const one = reconnected();
    one.heads([head(OWN, 5), head(ROOM, 9)], true);
    one.facts(added(5, 4));
    expect(one.position(ROOM)).toEqual({ seq: 3, check: UNSEEN });
    expect(follows).toMatchObject([{ stream: ROOM, cursor: { seq: 0, check: 0 } }]);
    expect(one.resume(10).cursors).toContainEqual({ stream: ROOM, seq: 0, check: 0, epoch: 'one' });
    one.facts(frame(ROOM, 1, 5));
    one.facts(frame(ROOM, 6, 9));
    expect(seen()).toEqual(['4', '5', '6', '7', '8', '9']);
    expect(one.position(ROOM)?.check).not.toBe(UNSEEN);
  });

  it('[VIS5] whose first facts are gone goes on behind them', () => {
    const one = reconnected({ all: true });
    one.heads([head(OWN, 5), head(ROOM, 9)], true);
    one.facts(added(5, 7));
    one.truncated({ stream: ROOM, head_seq: 9, head_check: 1_009, floor_seq: 2, reason: 'retention' });
    expect(follows.at(-1)).toMatchObject({ stream: ROOM, cursor: { seq: 2, check: 0 } });
    one.facts(frame(ROOM, 3, 9));
    expect(seen().slice(-3)).toEqual(['7', '8', '9']);
  });

  it('begins at its head when the own stream does not tell of it', () => {
    const one = reconnected();
    one.heads([head(OWN, 5), head(ROOM, 6)], true);
    one.facts(frame(ROOM, 7, 7));
    one.facts(frame(OWN, 5, 5));
    expect(follows).toMatchObject([{ stream: ROOM, cursor: { seq: 6, check: 1_006 } }]);
    expect(heads.at(-1)).toEqual({ stream: ROOM, position: { seq: 6, check: 1_006 }, following: true });
    one.facts(frame(ROOM, 7, 7));
    expect(seen()).toEqual(['7']);
  });

  it('is placed in the same way when it was opened, and when its head is told by the follow', () => {
    const one = tracker();
    one.welcome(welcome);
    one.heads([head(OWN, 4)], true);
    one.follow(ROOM, { pin: true });
    one.disconnect();
    follows.length = 0;
    one.resume(10);
    one.welcome(welcome);
    expect(follows).toMatchObject([{ stream: ROOM }]);
    one.heads([head(OWN, 5)], true);
    one.following(following(ROOM, 6));
    one.facts(frame(ROOM, 7, 7));
    one.facts(added(5, 1));
    expect(follows.at(-1)).toMatchObject({ stream: ROOM, cursor: { seq: 0 } });
    one.facts(frame(ROOM, 1, 7));
    expect(seen()).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  });

  it('is not followed when the app wants none followed by itself', () => {
    const one = reconnected({ followsNew: false });
    one.heads([head(OWN, 5), head(ROOM, 6, false)], true);
    one.facts(added(5, 1));
    expect({ follows, place: one.position(ROOM) }).toEqual({ follows: [], place: undefined });
    expect(heads.at(-1)).toEqual({ stream: ROOM, position: { seq: 6, check: 1_006 }, following: false });
  });
});

it('[ORD1] a conversation that begins while connected is opened from its first fact', () => {
  const one = tracker();
  one.welcome(welcome);
  one.heads([head(OWN, 4)], true);
  one.facts(added(5, 2));
  expect(follows).toEqual([]);
  one.follow(ROOM, { pin: true });
  expect(follows).toMatchObject([{ stream: ROOM, cursor: { seq: 0, check: 0 } }]);
  one.facts(frame(ROOM, 2, 3));
  expect(seen()).toEqual(['2', '3']);
  // ORD3: from then on a head above the cursor is a miss.
  one.heads([head(ROOM, 5)], false);
  expect(follows).toHaveLength(2);
});

describe('a refusal that names a stream', () => {
  function followed(): Tracker {
    const one = tracker();
    one.welcome(welcome);
    one.heads([head(OWN, 1), head(ROOM, 6)], true);
    return one;
  }

  it('[SND5,ORD1] that a retry can help is followed by one, from the same cursor', () => {
    const one = followed();
    one.refused(refusal('overloaded', true, 200));
    one.refused(refusal('overloaded', true, 200));
    expect(follows).toEqual([]);
    runtime.advance(200 + 250);
    expect(follows).toMatchObject([{ stream: ROOM, cursor: { seq: 6, check: 1_006 } }]);
    one.refused(refusal('internal', true));
    runtime.advance(30_000);
    expect(follows).toHaveLength(2);
    one.following(following(ROOM, 6));
    runtime.advance(60_000);
    expect(follows).toHaveLength(2);
    one.facts(frame(ROOM, 7, 7));
    expect(seen()).toEqual(['7']);
  });

  it('of a conversation that was opened and has no place yet is tried again too', () => {
    const one = tracker();
    one.welcome(welcome);
    one.heads([head(OWN, 1)], true);
    one.follow(ROOM, { pin: true });
    one.refused(refusal('unavailable', true));
    runtime.advance(1_000);
    expect(follows).toMatchObject([{ stream: ROOM }, { stream: ROOM }]);
  });

  it('waits no longer when the connection is gone: the next hello names the stream', () => {
    const one = followed();
    one.refused(refusal('overloaded', true));
    one.disconnect();
    expect(runtime.nextMs()).toBeUndefined();
    expect(one.resume(10).cursors).toContainEqual({ stream: ROOM, seq: 6, check: 1_006, epoch: 'one' });
  });

  it('[ORD1] is no end of the follow when a signal or a mark was refused', () => {
    const one = followed();
    for (const [code, retryable] of [['forbidden', false], ['invalid_argument', false], ['rate_limited', true]] as const) one.refused(refusal(code, retryable));
    runtime.advance(60_000);
    expect(follows).toEqual([]);
    expect(one.position(ROOM)).toEqual({ seq: 6, check: 1_006 });
  });

  it('[ORD1] is no end of a follow that waits for its answer when a signal was refused meanwhile', () => {
    const one = followed();
    one.truncated({ stream: ROOM, head_seq: 90, head_check: 1_090, floor_seq: 0, reason: 'too_far' });
    expect(follows.splice(0)).toHaveLength(1);
    for (const code of ['forbidden', 'blocked']) one.refused(refusal(code, false));
    // The connection is lost before the answer has come: the next one begins there.
    one.disconnect();
    expect(one.resume(10).cursors).toContainEqual({ stream: ROOM, seq: 90, check: 1_090, epoch: 'one' });
  });

  it('[RES5] that asks for a resync is one', () => {
    const one = followed();
    one.refused(refusal('resync_required', false));
    expect({ resyncs, place: one.position(ROOM) }).toEqual({ resyncs: [ROOM], place: undefined });
  });

  it('[RES5] shows the server its place when the token was of another log, wherever the head is now', () => {
    for (const seq of [4, 6, 9]) {
      const one = followed();
      one.synced(new Uint8Array([1]));
      one.disconnect();
      // What has not moved since the token is left to the token.
      expect(one.resume(10).cursors).toEqual([]);
      one.welcome(welcome);
      follows = [];
      one.heads([head(ROOM, seq)], true);
      expect(follows).toMatchObject([{ stream: ROOM, cursor: { seq: 6, check: 1_006 } }]);
    }
  });

  it.each([
    ['the follow is answered', (one: Tracker) => one.following(following(ROOM, 3)), { seq: 3, check: 1_003 }],
    ['facts come before that', (one: Tracker) => one.facts(frame(ROOM, 3, 4)), { seq: 2, check: UNSEEN }],
  ])('[RES5,ORD2] has a place in the other log as soon as %s, from which a consumer goes back to where it is to begin', (_, come, place) => {
    const one = followed();
    one.refused(refusal('resync_required', false));
    heads = [];
    come(one);
    expect(heads).toEqual([{ stream: ROOM, position: place, following: true }]);
    one.rewind(ROOM, { seq: 0, check: 0 });
    one.facts(frame(ROOM, 1, 5));
    expect(seen().slice(-5)).toEqual(['1', '2', '3', '4', '5']);
  });
});

describe('a conversation that the user may not see for a while', () => {
  it('[ORD1,ISO2] goes on from where the client was, so that what lies between is declared', () => {
    const one = tracker({ all: true });
    one.welcome(welcome);
    one.heads([head(OWN, 4), head(ROOM, 20)], true);
    one.facts(frame(ROOM, 21, 22));
    one.refused(refusal('not_found', false));
    expect(one.resume(10).cursors.map(({ stream }) => stream)).toEqual([OWN]);
    one.facts(added(5, 27));
    one.facts(frame(ROOM, 27, 27));
    expect(follows.at(-1)).toMatchObject({ stream: ROOM, cursor: { seq: 22 }, all: true });
    expect(seen()).toEqual(['21', '22']);
    one.facts({ ...frame(ROOM, 27, 27), from_seq: 23, omitted: [{ from_seq: 23, to_seq: 26, cause: 'membership' }] });
    expect(seen()).toEqual(['21', '22', 'skips 23-26', '27']);
  });

  it('[ORD1] declares what lies between two times in the conversation where it lies, behind what was said before', () => {
    const one = tracker({ all: true });
    one.welcome(welcome);
    one.heads([head(OWN, 4), head(ROOM, 5)], true);
    const before = frame(ROOM, 6, 7).facts;
    one.facts({ ...frame(ROOM, 12, 13), from_seq: 6, omitted: [{ from_seq: 8, to_seq: 11, cause: 'membership' }], facts: [...before, ...frame(ROOM, 12, 13).facts] });
    expect(seen()).toEqual(['6', '7', 'skips 8-11', '12', '13']);
  });

  it('[RES5] is forgotten with its log', () => {
    const one = tracker({ all: true });
    one.welcome(welcome);
    one.heads([head(OWN, 4), head(ROOM, 20)], true);
    one.refused(refusal('not_found', false));
    one.disconnect();
    expect(one.welcome({ ...welcome, epoch: 'two' })).toBe(false);
    one.heads([head(OWN, 1), head(ROOM, 30)], true);
    expect(one.position(ROOM)).toMatchObject({ seq: 30 });
  });
});

describe('a conversation that is met without a word of it', () => {
  it('[ORD3] waits until the own stream has told where the user joined: the first facts may have been lost, too', () => {
    const one = tracker({ all: true });
    one.welcome(welcome);
    one.heads([head(OWN, 4)], true);
    one.following(following(ROOM, 47));
    one.facts(frame(ROOM, 48, 48));
    expect(seen()).toEqual([]);
    expect(follows).toMatchObject([{ stream: OWN, cursor: { seq: 4 } }]);
    one.facts(added(5, 47));
    expect(follows.at(-1)).toMatchObject({ stream: ROOM, cursor: { seq: 0 } });
    one.facts({ ...frame(ROOM, 47, 48), from_seq: 1, omitted: [{ from_seq: 1, to_seq: 46, cause: 'membership' }] });
    expect(seen()).toEqual(['47', '48']);
  });

  it('[ORD3] begins where it was met when the own stream has nothing to tell', () => {
    const one = tracker({ all: true });
    one.welcome(welcome);
    one.heads([head(OWN, 4)], true);
    one.facts(frame(ROOM, 48, 48));
    one.following(following(OWN, 4));
    expect(one.position(ROOM)).toMatchObject({ seq: 47 });
    expect(follows.at(-1)).toMatchObject({ stream: ROOM });
    one.facts(frame(ROOM, 48, 49));
    expect(seen()).toEqual(['48', '49']);
  });
});

it('[ORD3] what a head told and no facts brought is asked for at the second heartbeat, also where the stream does not move any more', () => {
  const one = tracker();
  one.welcome(welcome);
  one.heads([head(OWN, 4)], true);
  one.synced(new Uint8Array(1));
  one.disconnect();
  one.welcome({ ...welcome, resumed: true });
  one.heads([head(OWN, 5)], true);
  one.beat();
  expect(follows).toEqual([]);
  one.beat();
  expect(follows).toMatchObject([{ stream: OWN, cursor: { seq: 4 } }]);
  one.facts(added(5, 1));
  one.following(following(OWN, 5));
  follows = [];
  one.beat();
  one.beat();
  expect(follows.filter(({ stream }) => stream === OWN)).toEqual([]);
});

it('[RES2,ORD3] a sync token does not stand for a fact that was told and has not come', () => {
  const one = tracker();
  one.welcome(welcome);
  one.heads([head(OWN, 3)], true);
  one.disconnect();
  one.resume(10);
  one.welcome({ ...welcome, resumed: true });
  // The fact behind it is lost on its way, and the connection is, too, before the next heartbeat could tell.
  one.heads([head(OWN, 4)], true);
  one.beat();
  one.synced(new Uint8Array([1]));
  one.disconnect();
  expect(one.resume(10).cursors).toMatchObject([{ stream: OWN, seq: 3 }]);
});
