/** Which nodes there are: each says so every second, and is forgotten when it has been silent for a while. Soft state, of nobody's truth. */
import type { Bus, NodeDigest } from '../bus/port.js';
import type { Cancel, Clock } from '../runtime/clock.js';

const SAY_MS = 1_000;
/** A node that was silent for so long is gone, or cut off. */
export const SILENT_MS = 3_000;

export interface KnownNode extends NodeDigest {
  readonly heardMsAgo: number;
}

export interface NodeRegistry {
  run(): void;
  /** By when they started; this one is among them from the start. */
  list(): readonly KnownNode[];
  stop(): void;
}

/** @param self this node as it is now */
export function createNodeRegistry(bus: Bus, clock: Clock, self: () => NodeDigest): NodeRegistry {
  const heard = new Map<string, { readonly node: NodeDigest; readonly atMs: number }>();
  const ends: Cancel[] = [];
  return {
    run() {
      ends.push(bus.listen((message) => {
        if (message.kind === 'node') heard.set(message.node.id, { node: message.node, atMs: clock.monotonic() });
      }));
      ends.push(clock.every(SAY_MS, () => {
        for (const [id, { atMs }] of heard) if (clock.monotonic() - atMs > SILENT_MS) heard.delete(id);
        bus.publish({ kind: 'node', node: self() });
      }));
    },
    list() {
      const own = self();
      const others = [...heard.values()].filter(({ node, atMs }) => node.id !== own.id && clock.monotonic() - atMs <= SILENT_MS);
      const all = [{ ...own, heardMsAgo: 0 }, ...others.map(({ node, atMs }) => ({ ...node, heardMsAgo: Math.round(clock.monotonic() - atMs) }))];
      return all.sort((left, right) => left.startedMs - right.startedMs || (left.id < right.id ? -1 : 1));
    },
    stop() {
      for (const end of ends.splice(0)) end();
    },
  };
}
