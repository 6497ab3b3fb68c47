/** The states of a connection, under any series of events: sockets that open, end and fail, tokens, time. */
import { createClientCodec, createServerCodec } from '@talaria/protocol/codec';
import type { DownInput } from '@talaria/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Connection, defaultConnectionBounds } from '../../src/connection/connection.js';
import type { Status } from '../../src/connection/state.js';
import type { SocketLike } from '../../src/runtime.js';
import { manualRuntime } from '../manual-runtime.js';

const codec = createServerCodec();
const HEARTBEAT_MS = 25_000;
const TOKEN_MS = 3_600_000;

interface Rig {
  readonly connection: Connection;
  readonly runtime: ReturnType<typeof manualRuntime>;
  readonly statuses: Status[];
  readonly tokens: string[];
  /** Sockets that nobody has closed. */
  readonly alive: Set<SocketLike>;
  sent: number;
  tokenFails: boolean;
  current(): SocketLike | undefined;
  receive(frame: DownInput): void;
  /** Lets what is asynchronous in a connection happen: its token. */
  settle(): Promise<void>;
}

function rig(): Rig {
  const runtime = manualRuntime();
  const alive = new Set<SocketLike>();
  const made: Rig = {
    runtime, alive, statuses: [], tokens: [], sent: 0, tokenFails: false,
    connection: new Connection({
      url: 'ws://test', codec: createClientCodec(), bounds: defaultConnectionBounds,
      runtime: {
        ...runtime,
        openSocket(url, protocols) {
          const socket = runtime.openSocket(url, protocols);
          alive.add(socket);
          socket.close = () => void alive.delete(socket);
          socket.send = () => {
            made.sent += 1;
          };
          return socket;
        },
      },
      token: (context) => {
        made.tokens.push(context.reason);
        return made.tokenFails ? Promise.reject(new Error('no token today')) : Promise.resolve('token');
      },
    }, {
      status: (status) => void made.statuses.push(status), hello: (token) => ({ hello: { token } }), welcome: () => true, frame: () => undefined, lost: () => undefined,
    }),
    current: () => runtime.sockets.at(-1),
    receive: (frame) => made.current()?.onmessage?.({ data: codec.encodeDown(frame).slice().buffer }),
    async settle() {
      for (let turn = 0; turn < 8; turn += 1) await Promise.resolve();
    },
  };
  return made;
}

const welcome = (nowMs: number): DownInput => ({ welcome: { user_id: 'u_1', epoch: 'one', heartbeat_ms: HEARTBEAT_MS, time_ms: nowMs, token_expires_ms: nowMs + TOKEN_MS } });

async function connected(): Promise<Rig> {
  const made = rig();
  made.connection.start();
  await made.settle();
  made.current()!.onopen?.();
  made.receive(welcome(made.runtime.now()));
  expect(made.statuses.at(-1)?.state).toBe('connected');
  return made;
}

it('[ORD3] a dead connection is found also when the clock of the client goes back by an hour', async () => {
  const made = await connected();
  made.runtime.jump(-3_600_000);
  made.runtime.advance(HEARTBEAT_MS * 2);
  made.runtime.advance(HEARTBEAT_MS * 2);
  expect(made.statuses.at(-1)).toMatchObject({ state: 'reconnecting', reason: 'heartbeat' });
});

type Event =
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'end'; readonly code: number; readonly reason: string }
  | { readonly kind: 'open' | 'welcome' | 'garbage' | 'goaway' | 'refreshed' | 'wake' | 'close' | 'tokens_fail' | 'tokens_come' };

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.integer({ min: 0, max: 40_000 }) }) },
  { weight: 6, arbitrary: fc.constantFrom('open', 'welcome').map((kind) => ({ kind }) as Event) },
  { weight: 3, arbitrary: fc.constantFrom('garbage', 'goaway', 'refreshed', 'wake', 'tokens_fail', 'tokens_come').map((kind) => ({ kind }) as Event) },
  { weight: 2, arbitrary: fc.constantFrom<readonly [number, string]>([1006, ''], [1000, ''], [4501, 'token_expired'], [4503, 'draining'], [4401, 'invalid_token'], [4403, 'revoked'])
    .map(([code, reason]) => ({ kind: 'end', code, reason }) as const) },
  { weight: 1, arbitrary: fc.constant<Event>({ kind: 'close' }) },
);

async function happen(made: Rig, one: Event): Promise<void> {
  const socket = made.current();
  switch (one.kind) {
    case 'advance': made.runtime.advance(one.ms); break;
    case 'open': socket?.onopen?.(); break;
    case 'welcome': made.receive(welcome(made.runtime.now())); break;
    case 'garbage': socket?.onmessage?.({ data: Uint8Array.of(255, 255, 255).buffer }); break;
    case 'goaway': made.receive({ goaway: { reconnect_after_ms: 500, reason: 'draining' } }); break;
    case 'refreshed': made.receive({ refreshed: { time_ms: made.runtime.now(), token_expires_ms: made.runtime.now() + TOKEN_MS } }); break;
    case 'wake': made.runtime.wake(); break;
    case 'close': made.connection.close('closed by the app'); break;
    case 'tokens_fail': made.tokenFails = true; break;
    case 'tokens_come': made.tokenFails = false; break;
    case 'end':
      if (socket) made.alive.delete(socket);
      socket?.onclose?.({ code: one.code, reason: one.reason });
  }
  await made.settle();
}

/** Which state may follow which, as the app sees it. */
const MAY_FOLLOW: Readonly<Record<Status['state'], readonly Status['state'][]>> = {
  connecting: ['connecting', 'connected', 'suspended', 'closed'],
  connected: ['reconnecting', 'suspended', 'closed'],
  reconnecting: ['reconnecting', 'connected', 'suspended', 'closed'],
  suspended: ['suspended', 'connected', 'reconnecting', 'closed'],
  closed: [],
};

describe('states of a connection', () => {
  it('[RES7] follow each other as they may, with one socket at most, and closed is final', async () => {
    await fc.assert(fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
      const made = rig();
      made.connection.start();
      await made.settle();
      for (const one of events) {
        await happen(made, one);
        expect(made.alive.size).toBeLessThanOrEqual(1);
        expect(made.connection.ready).toBe(made.statuses.at(-1)?.state === 'connected');
      }
      const states = made.statuses.map(({ state }) => state);
      expect(states[0]).toBe('connecting');
      for (let at = 1; at < states.length; at += 1) expect(MAY_FOLLOW[states[at - 1]!]).toContain(states[at]);
      for (const status of made.statuses) if (status.state === 'reconnecting' || status.state === 'suspended') expect(status.reason).not.toBe('');
      if (states.at(-1) === 'closed') {
        const { length } = made.runtime.sockets;
        made.runtime.advance(600_000);
        await made.settle();
        expect([made.runtime.sockets.length, made.alive.size, made.statuses.length]).toEqual([length, 0, states.length]);
      } else {
        // Whatever has happened, it comes back.
        made.tokenFails = false;
        for (let round = 0; round < 5 && !made.connection.ready; round += 1) {
          made.runtime.advance(60_000);
          await made.settle();
          made.current()!.onopen?.();
          made.receive(welcome(made.runtime.now()));
        }
        expect(made.statuses.at(-1)?.state).toBe('connected');
      }
    }), { numRuns: 400 });
  });

  it('[RES6] the token is refreshed in band, again and again, on one socket', async () => {
    const made = await connected();
    for (let round = 1; round <= 3; round += 1) {
      const { sent } = made;
      // Heartbeats keep the connection alive meanwhile.
      for (let past = 0; past < TOKEN_MS * 0.8; past += HEARTBEAT_MS) {
        made.runtime.advance(HEARTBEAT_MS);
        made.receive({ ping: { time_ms: made.runtime.now() } });
      }
      await made.settle();
      expect([made.sent - sent, made.tokens.at(-1)]).toEqual([1, 'refresh']);
      made.receive({ refreshed: { time_ms: made.runtime.now(), token_expires_ms: made.runtime.now() + TOKEN_MS } });
    }
    expect([made.runtime.sockets.length, made.tokens]).toEqual([1, ['connect', 'refresh', 'refresh', 'refresh']]);
  });

  it('[RES6] a refresh for which no token comes is tried again before the old token ends', async () => {
    const made = await connected();
    made.tokenFails = true;
    const beats = (ms: number): void => {
      for (let past = 0; past < ms; past += HEARTBEAT_MS) {
        made.runtime.advance(HEARTBEAT_MS);
        made.receive({ ping: { time_ms: made.runtime.now() } });
      }
    };
    beats(TOKEN_MS * 0.8);
    await made.settle();
    made.tokenFails = false;
    const { sent } = made;
    beats(TOKEN_MS * 0.17);
    await made.settle();
    expect([made.sent - sent, made.connection.ready]).toEqual([1, true]);
  });

  it('a connection that was closed leaves no timer behind', async () => {
    const made = await connected();
    made.receive({ goaway: { reconnect_after_ms: 5_000, reason: 'draining' } });
    made.connection.close('closed by the app');
    expect(made.runtime.nextMs()).toBeUndefined();
  });
});
