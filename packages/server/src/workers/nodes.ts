/** Which nodes there are: each says so every second, and is forgotten when it has been silent for a while. Soft state, of nobody's truth. */
import { SILENT_MS } from '../bus/node-silence.js';
import type { Bus, NodeDigest } from '../bus/port.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import type { Log } from '../runtime/log.js';

const SAY_MS = 1_000;

export interface KnownNode extends NodeDigest {
  readonly heardMsAgo: number;
}

export interface NodeRegistry {
  run(): void;
  /** By when they started; this one is among them from the start. */
  list(): readonly KnownNode[];
  /** How many there are besides this one. */
  others(): number;
  stop(): void;
}

/** @param id this node's @param self this node as it is now: to ask costs a read of the system's files */
export function createNodeRegistry(bus: Bus, clock: Clock, log: Log, id: string, self: () => NodeDigest): NodeRegistry {
  /** The others. */
  const heard = new Map<string, { readonly node: NodeDigest; readonly atMs: number }>();
  const living = () => [...heard.values()].filter(({ atMs }) => clock.monotonic() - atMs <= SILENT_MS);
  const ends: Cancel[] = [];

  function hear(node: NodeDigest): void {
    if (!heard.has(node.id)) log.info('node.joined', { node: node.id, host: node.host, port: node.port });
    heard.set(node.id, { node, atMs: clock.monotonic() });
  }

  return {
    run() {
      ends.push(bus.listen((message) => {
        if (message.kind === 'node' && message.node.id !== id) hear(message.node);
        // It stops in order; what it was is no news any more.
        if (message.kind === 'presence_digest' && message.gone && heard.delete(message.node)) log.info('node.left', { node: message.node });
      }));
      ends.push(clock.every(SAY_MS, () => {
        for (const [other, { node, atMs }] of heard) {
          if (clock.monotonic() - atMs <= SILENT_MS) continue;
          heard.delete(other);
          log.warn('node.silent', { node: other, host: node.host, port: node.port });
        }
        bus.publish({ kind: 'node', node: self() });
      }));
    },
    list() {
      const all = [{ ...self(), heardMsAgo: 0 }, ...living().map(({ node, atMs }) => ({ ...node, heardMsAgo: Math.round(clock.monotonic() - atMs) }))];
      return all.sort((left, right) => left.startedMs - right.startedMs || (left.id < right.id ? -1 : 1));
    },
    others: () => living().length,
    stop() {
      for (const end of ends.splice(0)) end();
    },
  };
}
