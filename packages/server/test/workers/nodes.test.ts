import { expect, it } from 'vitest';
import { createLocalBus } from '../../src/bus/local/local-bus.js';
import type { NodeDigest } from '../../src/bus/port.js';
import { SILENT_MS } from '../../src/bus/node-silence.js';
import { createNodeRegistry } from '../../src/workers/nodes.js';
import { manualClock } from '../support/manual-clock.js';

const digest = (id: string, startedMs: number, connections = 0): NodeDigest => ({
  id, version: '1', host: 'h', port: 1, startedMs, ready: true, bus: true, connections, followedStreams: 0, memoryBytes: 1, lagMs: 0,
});

it('[CLU1] knows the nodes that speak, by age, and forgets those that have been silent', () => {
  const bus = createLocalBus();
  const clock = manualClock();
  const registries = [createNodeRegistry(bus, clock, 'b', () => digest('b', 2)), createNodeRegistry(bus, clock, 'a', () => digest('a', 1, 7))];
  const [first, second] = registries as [typeof registries[0], typeof registries[0]];
  expect(first!.list()).toEqual([{ ...digest('b', 2), heardMsAgo: 0 }]);
  for (const registry of registries) registry!.run();
  clock.advance(1_000);
  expect(first!.list().map(({ id, connections }) => [id, connections])).toEqual([['a', 7], ['b', 0]]);
  expect(first!.others()).toBe(1);
  second!.stop();
  clock.advance(1_000);
  expect(first!.list()[0]).toMatchObject({ id: 'a', heardMsAgo: 1_000 });
  clock.advance(SILENT_MS);
  expect(first!.list().map(({ id }) => id)).toEqual(['b']);
  expect(first!.others()).toBe(0);
  first!.stop();
});
