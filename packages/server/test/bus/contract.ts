/** One suite for every bus driver: what nodes hear of each other when nothing is lost. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Bus, BusMessage } from '../../src/bus/port.js';
import type { EventRow } from '../../src/storage/rows.js';
import { createTestIds } from '../storage/ids.js';

export interface BusHarness {
  /** Nodes on one bus; a driver for one node gives one. */
  readonly nodes: readonly Bus[];
  /** Resolves when what nodes have asked to follow reaches them. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const ids = createTestIds(5);
const app = ids.id('app');

export function fact(stream: string, seq: number, payload = '{"text":"hello"}'): EventRow {
  return {
    app, stream, seq, position: seq * 10, eventId: ids.id('event'), type: 'message.created', version: 1, actor: null, timeMs: 1_800_000_000_000, targetSeq: null, clientId: `c${seq}`,
    traceId: null, redacted: false, ordinal: seq, senderOrdinal: 1, payload,
  };
}

/** What a node hears, and how to wait for it. */
export function ear(bus: Bus): { readonly heard: readonly BusMessage[]; until(condition: (heard: readonly BusMessage[]) => boolean): Promise<void>; stop(): void } {
  const heard: BusMessage[] = [];
  const wake: (() => void)[] = [];
  const stop = bus.listen((message) => {
    if (message.kind !== 'unsure') heard.push(message);
    for (const one of wake.splice(0)) one();
  });
  return {
    heard, stop,
    async until(condition) {
      while (!condition(heard)) {
        await new Promise<void>((resolve) => {
          wake.push(resolve);
        });
      }
    },
  };
}

export function busContract(name: string, open: () => Promise<BusHarness>): void {
  describe(`bus contract: ${name}`, () => {
    let harness: BusHarness;
    let ears: ReturnType<typeof ear>[] = [];
    beforeAll(async () => {
      harness = await open();
    });
    afterAll(() => harness.close());
    afterEach(() => {
      for (const one of ears.splice(0)) one.stop();
    });
    const listen = (): ReturnType<typeof ear>[] => {
      ears = harness.nodes.map(ear);
      return ears;
    };

    it('[CLU2] brings a message to the node that publishes it before it returns', () => {
      const [here] = listen();
      const stream = ids.id('conversation');
      const message: BusMessage = { kind: 'facts', facts: [fact(stream, 1), fact(ids.id('user'), 7)] };
      harness.nodes[0]!.publish(message);
      expect(here!.heard).toEqual([message]);
    });

    it('[CLU1,CLU2] brings the messages of a stream to every node that follows it, in order and as they were, and to no other', async () => {
      const nodes = listen();
      const [stream, other] = [ids.id('conversation'), ids.id('user')];
      const release = harness.nodes.slice(0, 2).map((bus) => bus.follow(app, stream));
      await harness.settled();
      const facts = Array.from({ length: 50 }, (_, at) => fact(stream, at + 1));
      for (const row of facts) harness.nodes.at(-1)!.publish({ kind: 'facts', facts: [row, fact(other, row.seq)] });
      harness.nodes.at(-1)!.publish({ kind: 'mark', app, stream, user: ids.id('user'), deliveredSeq: 2, readSeq: 1, version: 3 });
      harness.nodes.at(-1)!.publish({ kind: 'mark', app, stream, user: ids.id('user'), deliveredSeq: 2, readSeq: 1, ownReadSeq: 2, version: 4 });
      harness.nodes.at(-1)!.publish({ kind: 'signal', app, stream, user: ids.id('user'), type: 'typing', json: '{"a":"ü"}', lifetimeMs: 5_000 });
      harness.nodes.at(-1)!.publish({ kind: 'evict', app, stream, seq: 4 });
      for (const [at, node] of nodes.entries()) {
        if (at === nodes.length - 1) continue;
        if (at >= 2) continue;
        await node.until((heard) => heard.some((message) => message.kind === 'evict'));
        expect(node.heard.flatMap((message) => (message.kind === 'facts' ? message.facts : []))).toEqual(facts);
        expect(node.heard.findLastIndex((message) => message.kind === 'facts')).toBeLessThan(node.heard.findIndex((message) => message.kind !== 'facts'));
        expect(node.heard.filter((message) => message.kind !== 'facts').map((message) => message.kind)).toEqual(['mark', 'mark', 'signal', 'evict']);
        expect(node.heard.filter((message) => message.kind !== 'facts')).toEqual(nodes.at(-1)!.heard.filter((message) => message.kind !== 'facts'));
      }
      for (const one of release) one();
    });

    it('[RES6] brings what concerns every node to all', async () => {
      const nodes = listen();
      const messages: BusMessage[] = [
        { kind: 'revoked_user', app, user: ids.id('user'), beforeMs: 12_345 }, { kind: 'revoked_key', key: ids.id('key') }, { kind: 'revoked_name', app, user: ids.id('user'), name: 'device Ä 1', beforeMs: 12_345 }, { kind: 'app_changed', app },
        {
          kind: 'node', node: { id: 'n', version: '1', host: 'h', port: 7, startedMs: 5, ready: true, bus: false, connections: 3, followedStreams: 2, memoryBytes: 9, lagMs: 4 },
        },
        { kind: 'taken', node: 'n', number: 3, taken: [{ scope: 'user', names: [['a|u', 7], ['a|v', -1]] }, { scope: 'address', names: [['::1', 1]] }] },
        { kind: 'presence', node: 'n', place: 'h:1/0', version: 4, changes: [[app, ids.id('user'), [1, 4_294_967_295]], [app, ids.id('user'), null]] },
        { kind: 'presence_digest', node: 'n', place: 'h:1/0', version: 4, gone: false }, { kind: 'presence_ask', node: 'n' },
        { kind: 'ask', node: 'n', question: 7, to: null, op: 'stats.get', app: null, json: '{"minutes":5}' }, { kind: 'ask', node: 'n', question: 8, to: 'm', op: 'traces.get', app, json: '{}' },
        { kind: 'presence_list', node: 'n', place: 'h:1/0', version: 4, part: 1, parts: 2, users: [[app, ids.id('user'), [7]]] },
      ];
      for (const message of messages) harness.nodes[0]!.publish(message);
      for (const node of nodes) {
        await node.until((heard) => heard.length >= messages.length);
        expect(node.heard).toEqual(messages);
      }
    });

    it('[CLU2] brings an answer to the node that it goes to, as long as that wants answers, and to no other', async () => {
      const nodes = listen();
      const [asker, other] = [harness.nodes.at(-1)!, harness.nodes[0]!];
      const end = asker.inbox('asker');
      await harness.settled();
      const answer = { kind: 'answer', to: 'asker', from: 'other', question: 3, json: '{"a":"ü"}' } as const;
      const none = { ...answer, question: 4, json: null };
      for (const message of [answer, none]) other.publish(message);
      await nodes.at(-1)!.until((heard) => heard.length === 2);
      expect(nodes.at(-1)!.heard).toEqual([answer, none]);
      end();
      await harness.settled();
      other.publish(answer);
      other.publish({ kind: 'app_changed', app });
      for (const node of nodes) await node.until((heard) => heard.some((message) => message.kind === 'app_changed'));
      // Whoever says it hears it, too.
      expect(nodes.map(({ heard }) => heard.filter(({ kind }) => kind === 'answer').length)).toEqual(nodes.length === 1 ? [3] : [3, ...nodes.slice(1).map((_, at) => (at === nodes.length - 2 ? 2 : 0))]);
    });

    it('[CLU2] follows a stream until the last who asked for it has let go, and letting go twice counts once', async () => {
      const nodes = listen();
      const stream = ids.id('conversation');
      const [far, near] = [harness.nodes.at(-1)!, harness.nodes[0]!];
      const [first, second] = [near.follow(app, stream), near.follow(app, stream)];
      first();
      first();
      await harness.settled();
      far.publish({ kind: 'evict', app, stream, seq: 1 });
      await nodes[0]!.until((heard) => heard.length === 1);
      second();
      await harness.settled();
      far.publish({ kind: 'evict', app, stream, seq: 2 });
      far.publish({ kind: 'app_changed', app });
      await nodes[0]!.until((heard) => heard.some((message) => message.kind === 'app_changed'));
      const kept = harness.nodes.length === 1 ? [1, 2] : [1];
      expect(nodes[0]!.heard.flatMap((message) => (message.kind === 'evict' ? [message.seq] : []))).toEqual(kept);
    });

    it('[CLU2] says whether it reaches other nodes', () => {
      for (const bus of harness.nodes) expect(bus.alive()).toBe(true);
    });
  });
}
