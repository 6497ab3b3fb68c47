/** Nodes that ask each other, on a bus that the test breaks, and a clock that it moves. */
import { ProtocolError } from '@talaria/protocol';
import { describe, expect, it } from 'vitest';
import type { Bus, BusMessage } from '../../src/bus/port.js';
import type { Answerers } from '../../src/domain/insight/parts.js';
import { createAsking, DEADLINE_MS, type Asking } from '../../src/workers/asking.js';
import { manualClock, type ManualClock } from '../support/manual-clock.js';
import { recordingLog } from '../support/recording-log.js';

interface Group {
  readonly clock: ManualClock;
  readonly nodes: readonly Asking[];
  readonly said: BusMessage[];
  readonly asked: { readonly node: string; readonly app: string | null; readonly input: unknown }[];
}

const setting = (node: string) => ({ name: 'port', value: node, source: 'flag' as const, from: '--port' });

/** @param fate what becomes of a message on its way to a node: how often it comes */
function group(names: readonly string[], { fate = () => 1, answer, known = names }: { fate?: (message: BusMessage, to: string) => number; answer?: (node: string) => unknown; known?: readonly string[] } = {}): Group {
  const clock = manualClock();
  const said: BusMessage[] = [];
  const asked: Group['asked'] = [];
  const handlers = new Map<string, Set<(message: BusMessage) => void>>(names.map((name) => [name, new Set()]));
  const nodes = names.map((name) => {
    const bus: Bus = {
      lossless: false, alive: () => true, follow: () => () => undefined, inbox: () => () => undefined, stop: () => Promise.resolve(),
      publish(message) {
        said.push(message);
        for (const [to, all] of handlers) for (let times = to === name ? 1 : fate(message, to); times > 0; times -= 1) queueMicrotask(() => all.forEach((handler) => handler(message)));
      },
      listen(handler) {
        handlers.get(name)!.add(handler);
        return () => void handlers.get(name)!.delete(handler);
      },
    };
    const answerers = {
      'settings.list'(input: unknown, app: string | null) {
        asked.push({ node: name, app, input });
        return answer ? answer(name) : { items: [setting(name)] };
      },
    } as unknown as Answerers;
    const asking = createAsking({ bus, clock, log: recordingLog(), node: name, nodes: () => known, answerers });
    asking.run();
    return asking;
  });
  return { clock, nodes, said, asked };
}

/** Lets everything be carried, then lets the time be over. */
async function later<T>(clock: ManualClock, pending: Promise<T>): Promise<T> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  clock.advance(DEADLINE_MS);
  return pending;
}

describe('nodes that ask each other', () => {
  it('[CLU2] has the answers of all, and waits no longer than for the last', async () => {
    const { nodes, asked } = group(['a', 'b', 'c']);
    const { parts, missing } = await nodes[0]!.ask('settings.list', {}, 'a_1');
    expect(parts.map(({ node, part }) => [node, part.items[0]?.value])).toEqual([['a', 'a'], ['b', 'b'], ['c', 'c']]);
    expect(missing).toEqual([]);
    expect(asked.map(({ node, app }) => `${node} ${app}`).toSorted()).toEqual(['a a_1', 'b a_1', 'c a_1']);
  });

  it('[CLU2] names after a second who has said nothing, whether the question or the answer was lost', async () => {
    for (const lost of ['ask', 'answer'] as const) {
      const { clock, nodes } = group(['a', 'b', 'c'], { fate: (message, to) => (message.kind === lost && (lost === 'ask' ? to === 'c' : message.kind === 'answer' && message.from === 'c') ? 0 : 1) });
      const { parts, missing } = await later(clock, nodes[0]!.ask('settings.list', {}, null));
      expect([parts.map(({ node }) => node), missing], lost).toEqual([['a', 'b'], ['c']]);
    }
  });

  it('[CLU2] takes an answer that comes twice once, and one that comes late not at all', async () => {
    const { nodes, said } = group(['a', 'b'], { fate: (message) => (message.kind === 'answer' ? 2 : 1) });
    expect((await nodes[0]!.ask('settings.list', {}, null)).parts).toHaveLength(2);
    expect((await nodes[0]!.ask('settings.list', {}, null)).parts).toHaveLength(2);
    expect(said.filter(({ kind }) => kind === 'answer')).toHaveLength(2);
  });

  it('asks one node alone, and does not ask itself then', async () => {
    const { nodes, asked } = group(['a', 'b', 'c']);
    const { parts, missing } = await nodes[0]!.ask('settings.list', {}, null, 'c');
    expect([parts.map(({ node }) => node), missing, asked.map(({ node }) => node)]).toEqual([['c'], [], ['c']]);
    expect((await nodes[0]!.ask('settings.list', {}, null, 'a')).parts.map(({ node }) => node)).toEqual(['a']);
    await expect(nodes[0]!.ask('settings.list', {}, null, 'z')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('counts a node as missing that cannot answer, answers something else, or too much, and does not wait for it', async () => {
    for (const answer of [() => { throw new ProtocolError('internal'); }, () => ({ items: 'none' }), () => ({ items: [{ ...setting('b'), secret: 'x' }] }), () => ({ items: [], more: 'x'.repeat(300_000) })]) {
      const { nodes } = group(['a', 'b'], { answer: (node) => (node === 'a' ? { items: [] } : answer()) });
      expect((await nodes[0]!.ask('settings.list', {}, null)).missing).toEqual(['b']);
    }
  });

  it('[FLW3] refuses more questions than may wait', async () => {
    const { clock, nodes } = group(['a', 'b'], { fate: () => 0 });
    const waiting = Array.from({ length: 64 }, () => nodes[0]!.ask('settings.list', {}, null));
    await expect(nodes[0]!.ask('settings.list', {}, null)).rejects.toMatchObject({ code: 'overloaded' });
    await later(clock, Promise.all(waiting));
    await expect(later(clock, nodes[0]!.ask('settings.list', {}, null))).resolves.toMatchObject({ missing: ['b'] });
  });

  it('lets nobody wait when it stops', async () => {
    const { nodes } = group(['a', 'b'], { fate: () => 0 });
    const pending = nodes[0]!.ask('settings.list', {}, null);
    await Promise.resolve();
    nodes[0]!.stop();
    expect((await pending).missing).toEqual(['b']);
  });

  it('checks what the bus brings as if a stranger had sent it', async () => {
    const { nodes, asked } = group(['a', 'b'], { known: ['a', 'b'] });
    const bad = nodes[0]!.ask('settings.list', { node: 'not a node!' } as never, null);
    expect((await bad).missing).toEqual(['b']);
    expect(asked.map(({ node }) => node)).toEqual(['a']);
  });
});
