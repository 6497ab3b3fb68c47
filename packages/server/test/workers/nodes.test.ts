import { expect, it } from 'vitest';
import { createLocalBus } from '../../src/bus/local/local-bus.js';
import type { NodeDigest } from '../../src/bus/port.js';
import { SILENT_MS } from '../../src/bus/node-silence.js';
import { createNodeRegistry } from '../../src/workers/nodes.js';
import { silentLog } from '../../src/runtime/log.js';
import { manualClock } from '../support/manual-clock.js';
import { recordingLog } from '../support/recording-log.js';

const digest = (id: string, startedMs: number, connections = 0): NodeDigest => ({
  id, version: '1', host: 'h', port: 1, startedMs, ready: true, bus: true, connections, followedStreams: 0, memoryBytes: 1, lagMs: 0,
});

it('[CLU1] knows the nodes that speak, by age, and forgets those that have been silent', () => {
  const bus = createLocalBus();
  const clock = manualClock();
  const log = recordingLog();
  const registries = [createNodeRegistry(bus, clock, log, 'b', () => digest('b', 2)), createNodeRegistry(bus, clock, silentLog(), 'a', () => digest('a', 1, 7))];
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

it('[CLU1] forgets at once a node that says goodbye, and tells one that is silent from it', () => {
  const bus = createLocalBus();
  const clock = manualClock();
  const log = recordingLog();
  const registry = createNodeRegistry(bus, clock, log, 'b', () => digest('b', 2));
  registry.run();
  for (const id of ['a', 'c']) bus.publish({ kind: 'node', node: digest(id, 1) });
  expect(registry.others()).toBe(2);
  bus.publish({ kind: 'presence_digest', node: 'a', place: 'h:1/0', version: 1, gone: true });
  expect(registry.list().map(({ id }) => id)).toEqual(['c', 'b']);
  clock.advance(SILENT_MS + 1);
  expect(registry.others()).toBe(0);
  expect(log.lines.map(({ level, event, fields }) => [level, event, fields['node']])).toEqual([['info', 'node.joined', 'a'], ['info', 'node.joined', 'c'], ['info', 'node.left', 'a'], ['warn', 'node.silent', 'c']]);
  registry.stop();
});
