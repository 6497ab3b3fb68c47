import type { UpInput } from '@talaria/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultOutboxBounds, Outbox } from '../../src/outbox/outbox.js';
import { memoryStore } from '../../src/store/memory.js';
import type { Store } from '../../src/store/port.js';
import { manualRuntime } from '../manual-runtime.js';
import { clientIdOf } from './support/client-id.js';

/** What the model server does with the next frame of the connection. */
type Step = 'commit' | 'commit_lose_ack' | 'refuse_retryably' | 'refuse_finally' | 'cut' | 'wait' | 'add';

const CONVERSATION = 'c_00000000000000000000000000';

/** A server as SPEC has it: keys, a lane per connection and stream, answers in the order of the frames. */
function modelServer() {
  const log: string[] = [];
  const seqs = new Map<string, number>();
  let blockedBy: string | undefined;
  return {
    log,
    reconnect() {
      blockedBy = undefined;
    },
    abandon(clientId: string) {
      if (blockedBy === clientId) blockedBy = undefined;
    },
    take(clientId: string, step: Step): { kind: 'ack'; seq: number; duplicate: boolean } | { kind: 'refusal'; code: string; retryable: boolean } {
      if (blockedBy !== undefined && blockedBy !== clientId) return { kind: 'refusal', code: 'predecessor_refused', retryable: true };
      blockedBy = undefined;
      const known = seqs.get(clientId);
      if (known !== undefined) return { kind: 'ack', seq: known, duplicate: true };
      if (step === 'refuse_retryably') {
        blockedBy = clientId;
        return { kind: 'refusal', code: 'rate_limited', retryable: true };
      }
      if (step === 'refuse_finally') return { kind: 'refusal', code: 'forbidden', retryable: false };
      log.push(clientId);
      seqs.set(clientId, log.length);
      return { kind: 'ack', seq: log.length, duplicate: false };
    },
  };
}

const refusal = (clientId: string, code: string, retryable: boolean) => ({
  client_id: clientId, call_id: 0, code, retryable, retry_after_ms: 0, message: code, remediation: '', request_id: '', stream: CONVERSATION,
});

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

async function play(steps: readonly Step[], early: number, store: Store = memoryStore()) {
  const runtime = manualRuntime();
  const server = modelServer();
  let wire: string[] = [];
  let connected = false;
  const committed: string[] = [];
  const refused: string[] = [];
  const outbox = new Outbox(store, runtime, {
    send(frame: UpInput) {
      if (!connected) return false;
      if ('send' in frame && frame.send) wire.push(frame.send.client_id ?? '');
      if ('abandon' in frame && frame.abandon) server.abandon(frame.abandon.client_id ?? '');
      return true;
    },
    committed: (command) => void committed.push(command.clientId),
    refused: (command) => void refused.push(command.clientId),
  }, defaultOutboxBounds);
  const added: string[] = [];
  const add = (): void => {
    const clientId = clientIdOf(added.length);
    added.push(clientId);
    outbox.add({ kind: 'send', clientId, stream: CONVERSATION, text: clientId, data: '', silent: false });
  };
  const connect = (): void => {
    connected = true;
    server.reconnect();
    outbox.connect(1_000);
  };
  const cut = (): void => {
    connected = false;
    wire = [];
    outbox.disconnect();
    connect();
  };
  const answer = (step: Step): void => {
    const clientId = wire.shift();
    if (clientId === undefined) return;
    const result = server.take(clientId, step);
    if (step === 'commit_lose_ack') {
      cut();
      return;
    }
    if (result.kind === 'ack') outbox.ack({ client_id: clientId, stream: CONVERSATION, seq: result.seq, time_ms: 1, duplicate: result.duplicate, held_id: '', held_reason: '' });
    else outbox.refuse(refusal(clientId, result.code, result.retryable));
  };
  for (let count = 0; count < early; count += 1) add();
  await outbox.load();
  connect();
  for (const step of steps) {
    if (step === 'add') add();
    else if (step === 'cut') cut();
    else if (step === 'wait') runtime.advance(60_000);
    else answer(step);
    await turn();
  }
  // The network heals: everything drains.
  for (let round = 0; outbox.size > 0 && round < 10_000; round += 1) {
    if (wire.length > 0) answer('commit');
    else runtime.advance(60_000);
    await turn();
  }
  return { added, committed, refused, log: server.log, left: outbox.size };
}

describe('the outbox', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant<Step>('add') },
    { weight: 5, arbitrary: fc.constant<Step>('commit') },
    { weight: 1, arbitrary: fc.constantFrom<Step>('commit_lose_ack', 'refuse_retryably', 'refuse_finally', 'cut', 'wait') },
  );

  it('[SND4,SND5,SND6] commits in the order of the calls, each once, whatever the network and the server do', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 120 }), fc.nat(5), async (steps, early) => {
      const { added, committed, refused, log, left } = await play(steps, early);
      const expected = added.filter((id) => !refused.includes(id));
      expect(left).toBe(0);
      expect(log).toEqual(expected);
      expect([...committed].sort()).toEqual([...expected].sort());
    }), { numRuns: 300 });
  }, 60_000);

  it('[SND7] what was queued is sent by the next process, in the same order', async () => {
    const store = memoryStore();
    const runtime = manualRuntime();
    const nobody = { send: () => false, committed: () => undefined, refused: () => undefined };
    const first = new Outbox(store, runtime, nobody, defaultOutboxBounds);
    await first.load();
    for (let index = 0; index < 20; index += 1) {
      await first.add({ kind: 'send', clientId: clientIdOf(index), stream: CONVERSATION, text: '', data: '', silent: false }).queued;
    }
    first.close();
    const sent: string[] = [];
    const second = new Outbox(store, runtime, { ...nobody, send: (frame) => 'send' in frame && frame.send ? sent.push(frame.send.client_id ?? '') > 0 : true }, defaultOutboxBounds);
    await second.load();
    second.connect(1_000);
    expect(sent).toEqual(Array.from({ length: 20 }, (_, index) => clientIdOf(index)));
  });

  it('[FLW3] refuses more than it may hold, at once', async () => {
    const outbox = new Outbox(memoryStore(), manualRuntime(), { send: () => false, committed: () => undefined, refused: () => undefined }, { ...defaultOutboxBounds, entries_max: 3 });
    const add = (number: number) => outbox.add({ kind: 'send', clientId: clientIdOf(number), stream: CONVERSATION, text: '', data: '', silent: false });
    await outbox.load();
    for (const number of [1, 2, 3]) await add(number).queued;
    await expect(add(4).queued).rejects.toMatchObject({ code: 'overloaded', retryable: true });
    expect(outbox.size).toBe(3);
  });

  it('[FLW3] what was finally refused waits no more, and of it a bounded number is kept to be sent again', async () => {
    const nobody = { send: () => true, committed: () => undefined, refused: () => undefined };
    const outbox = new Outbox(memoryStore(), manualRuntime(), nobody, { ...defaultOutboxBounds, entries_max: 3, refused_max: 2 });
    await outbox.load();
    outbox.connect(1_000);
    for (const number of [1, 2, 3, 4, 5]) {
      const { queued, committed } = outbox.add({ kind: 'send', clientId: clientIdOf(number), stream: CONVERSATION, text: '', data: '', silent: false });
      committed.catch(() => undefined);
      await queued;
      await turn();
      outbox.refuse(refusal(clientIdOf(number), 'forbidden', false));
    }
    expect(outbox.size).toBe(0);
    expect([1, 2, 3, 4, 5].map((number) => outbox.resend(clientIdOf(number)))).toEqual([false, false, false, true, true]);
  });

  it('[SND7] a refusal that the app may not have heard of is told by the next process, and the command is not sent again', async () => {
    const store = memoryStore();
    const dying = { ...store, write: (changes: Parameters<typeof store.write>[0]) => store.write(changes.filter(({ value }) => value !== null)) };
    const first = new Outbox(dying, manualRuntime(), { send: () => true, committed: () => undefined, refused: () => undefined }, defaultOutboxBounds);
    await first.load();
    first.connect(1_000);
    first.add({ kind: 'send', clientId: clientIdOf(1), stream: CONVERSATION, text: '', data: '', silent: false }).committed.catch(() => undefined);
    await turn();
    first.refuse(refusal(clientIdOf(1), 'forbidden', false));
    await turn();
    const sent: UpInput[] = [];
    const told: string[] = [];
    const second = new Outbox(store, manualRuntime(), {
      send: (frame) => sent.push(frame) > 0, committed: () => undefined, refused: (command, error) => void told.push(`${command.clientId} ${error.code}`),
    }, defaultOutboxBounds);
    await second.load();
    second.connect(1_000);
    expect({ sent, told, left: await store.load('outbox') }).toEqual({ sent: [], told: [`${clientIdOf(1)} forbidden`], left: [] });
  });

  it('[SND4] an abandoned command opens the lane for those behind it', async () => {
    const runtime = manualRuntime();
    const frames: UpInput[] = [];
    const outbox = new Outbox(memoryStore(), runtime, { send: (frame) => frames.push(frame) > 0, committed: () => undefined, refused: () => undefined }, defaultOutboxBounds);
    await outbox.load();
    outbox.connect(1_000);
    const [a, b] = [clientIdOf(1), clientIdOf(2)];
    for (const clientId of [a, b]) await outbox.add({ kind: 'send', clientId, stream: CONVERSATION, text: '', data: '', silent: false }).queued;
    await turn();
    outbox.refuse(refusal(a, 'rate_limited', true));
    outbox.refuse(refusal(b, 'predecessor_refused', true));
    expect(await outbox.abandon(a)).toBe(true);
    runtime.advance(60_000);
    const names = frames.map((frame) => ('send' in frame && frame.send ? `send ${frame.send.client_id}` : 'abandon' in frame && frame.abandon ? `abandon ${frame.abandon.client_id}` : ''));
    expect(names).toEqual([`send ${a}`, `send ${b}`, `abandon ${a}`, `send ${b}`]);
  });
});
