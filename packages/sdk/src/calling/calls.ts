/** The calls of a user, on this device. */
import { beginCall, callSeqOf, placeId, type CallState, type StateFact } from '@talaria/protocol';
import type { Client } from '../client.js';
import type { Conversation } from '../conversation/conversation.js';
import type { Fact } from '../streams/fact.js';
import { Call, type CallContext } from './call.js';
import { signalOf } from './channel.js';
import { ownRuntime, randomName, type CallRuntime } from './surroundings.js';

/** For `createCalls`. */
export interface CallsOptions {
  /**
   * Your own id of this device, tab or app, 1 to 64 characters. With one that is kept, as in `sessionStorage`, a page that is loaded
   * again is still the device that has answered. Default: a new one for each `createCalls`.
   */
  readonly deviceId?: string;
  /** For tests and simulations. */
  readonly runtime?: CallRuntime;
}

/** What a new call is. */
export interface StartCall {
  /** `audio`, `video`, `data`, or a name of your own. */
  readonly kind: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** How long it rings: 1,000 to 120,000. Default 45,000. */
  readonly ringMs?: number;
}

/** The calls of one client. Made by `createCalls`. */
export interface Calling {
  readonly deviceId: string;
  /**
   * Calls everybody else in a conversation.
   *
   * @param conversation or its id
   * @throws TalariaError call_in_progress when one is on there; blocked, frozen, forbidden, not_found, closed; call_ended when there was
   *   no connection for as long as it would have rung
   */
  start(conversation: Conversation | string, wanted: StartCall): Promise<Call>;
  /**
   * Told of each call that rings for this user, also of one that rang already when the app was started; `call.on('stop', …)` says when
   * it does not any more. @returns how to stop listening
   */
  onIncoming(listener: (call: Call) => void): () => void;
  /** A call by its id, as the page that was in it before it was loaded again needs it. @throws TalariaError not_found, closed */
  open(callId: string): Promise<Call>;
  /** Parts from everybody, and is told of nothing any more. The calls go on: `leave` them first. */
  close(): void;
}

/** A fact that is followed at once by one that takes it back rings for nobody: so long is waited. */
const SETTLE_MS = 100;
const RING_MS = 45_000;
/** Conversations that are not followed may move all the time: so long it is not asked again whether a call is on there. */
const ASK_MS = 2_000;

/** @param client whose calls @returns what rings, what is called, and who is connected with whom */
export function createCalls(client: Client, options: CallsOptions = {}): Calling {
  const runtime = options.runtime ?? ownRuntime;
  const context: CallContext = { client, runtime, device: options.deviceId ?? randomName(runtime) };
  const live = new Map<string, Call>();
  const listeners = new Set<(call: Call) => void>();
  const waiting = new Set<() => void>();
  /** Whether it is asked what is on, and whether something may have been missed since. */
  const asking = { now: false, again: false };

  function keep(state: CallState): Call {
    const known = live.get(state.id);
    if (known) {
      known.put(state);
      return known;
    }
    const call = new Call(context, state);
    if (state.state === 'ended') return call;
    live.set(state.id, call);
    call.on('ended', () => live.delete(state.id));
    const cancel = runtime.after(SETTLE_MS, () => {
      waiting.delete(cancel);
      if (live.has(call.id) && call.ring()) for (const listener of listeners) listener(call);
    });
    waiting.add(cancel);
    return call;
  }

  /** Who is no member any more learns nothing of the call that is on (ISO3). */
  function forget(conversationId: string): void {
    for (const call of live.values()) {
      if (call.state.conversation_id !== conversationId) continue;
      live.delete(call.id);
      call.close();
    }
  }

  function take(fact: Fact): void {
    if (fact.type === 'member.left' && fact.body['user_id'] === client.userId) forget(fact.stream);
    const about: StateFact = { seq: fact.seq, type: fact.type, actor: fact.actor || null, time_ms: fact.timeMs, body: fact.body };
    const callSeq = callSeqOf(about);
    if (callSeq === undefined) return;
    if (fact.type === 'call.started') keep(beginCall(fact.stream, about));
    else live.get(placeId('call', fact.stream, callSeq))?.fold(about);
  }

  /** What is on, as the server knows it: at the start, and when facts may have been missed. One question at a time, and none for a while. */
  async function ask(): Promise<void> {
    if (asking.now) {
      asking.again = true;
      return;
    }
    asking.now = true;
    asking.again = false;
    const before = [...live.values()];
    try {
      const { items } = await client.call('calls.active', { user_id: 'me' });
      for (const item of items) keep(item);
      const on = new Set(items.map(({ id }) => id));
      await Promise.all(before.filter(({ id }) => !on.has(id)).map((call) => call.refresh()));
    } catch {
      // It could not be asked: facts tell of what comes, and the next doubt asks again.
    }
    const cancel = runtime.after(ASK_MS, () => {
      waiting.delete(cancel);
      asking.now = false;
      if (asking.again) void ask();
    });
    waiting.add(cancel);
  }

  const stops = [
    client.on('fact', take),
    client.on('signal', ({ userId, type, data }) => {
      const known = signalOf(type, data);
      if (known) live.get(known.signal.call)?.signalled(userId, known.kind, known.signal);
    }),
    client.on('skipped', () => void ask()),
    client.on('resync', () => void ask()),
    client.on('head', () => void ask()),
  ];
  client.ready().then(() => void ask(), () => undefined);

  return {
    deviceId: context.device,
    async start(conversation, { kind, data = {}, ringMs = RING_MS }) {
      const conversation_id = typeof conversation === 'string' ? conversation : conversation.id;
      const input = { conversation_id, kind, device_id: context.device, data, ring_ms: ringMs, not_after_ms: client.now() + ringMs };
      const { id } = await client.command('calls.start', input as Parameters<typeof client.command<'calls.start'>>[1]);
      return keep(await client.call('calls.get', { call_id: id }));
    },
    onIncoming(listener) {
      listeners.add(listener);
      // What rings already rings for this one, too.
      for (const call of live.values()) if (call.ringing) listener(call);
      return () => void listeners.delete(listener);
    },
    open: async (callId) => keep(await client.call('calls.get', { call_id: callId })),
    close() {
      for (const stop of [...stops, ...waiting]) stop();
      for (const call of live.values()) call.close();
      live.clear();
      listeners.clear();
    },
  };
}
