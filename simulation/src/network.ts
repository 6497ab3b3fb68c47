/** All connections between devices and the nodes, the latency of each, and what goes wrong with them. */
import type { SocketLike } from '@talaria/sdk';
import type { Dice } from './dice.js';
import type { NodePort } from './node-port.js';
import type { Scheduler } from './scheduler.js';
import { Wire, type Tap } from './wire.js';

/** In ms; most messages are quick, and some are not. */
const QUICK = { least: 1, most: 25 };
const SLOW = { least: 100, most: 1_500 };

export class Network {
  private readonly wires = new Set<Wire>();
  private ids = 0;
  /** How many messages in a hundred are slow. */
  slowPct = 2;
  /** How many frames of facts in a hundred a socket drops without a word. */
  droppedPct = 0;
  /** Of each node that takes connections. */
  private readonly ports = new Map<number, NodePort>();

  constructor(private readonly scheduler: Scheduler, private readonly dice: Dice, private readonly tap: Tap) {}

  /** Whether, and where, a node takes connections. */
  leadTo(at: number, port: NodePort | undefined): void {
    if (port) this.ports.set(at, port);
    else this.ports.delete(at);
  }

  /** CLU1: any node serves any client. */
  private anyPort(): NodePort | undefined {
    const ports = [...this.ports.values()];
    return ports.length < 2 ? ports[0] : this.dice.pick(ports);
  }

  /** ORD3: a transport may drop what it says it has sent. Whoever misses a fact finds out. */
  drops(): boolean {
    return this.droppedPct > 0 && this.dice.chance(this.droppedPct / 100);
  }

  latencyMs(): number {
    const { least, most } = this.dice.chance(this.slowPct / 100) ? SLOW : QUICK;
    return this.dice.between(least, most);
  }

  /** @param user whose device connects, for what listens to the wire */
  connect(url: string, protocols: readonly string[], user: string): { readonly socket: SocketLike; readonly wire: Wire } {
    const wire = new Wire(this.ids += 1, user, this.scheduler, this, this.tap);
    this.wires.add(wire);
    this.scheduler.after(this.latencyMs(), `wire ${wire.id} syn`, () => {
      const port = this.anyPort();
      if (port) void port.upgrade(wire, new URL(url), protocols);
      else wire.refuse();
    });
    return { socket: wire.client, wire };
  }

  /** Connections that stand. */
  standing(): readonly Wire[] {
    const open = [...this.wires].filter((wire) => wire.open);
    for (const wire of this.wires) if (!wire.open && wire.openedMs < this.scheduler.nowMs - 600_000) this.wires.delete(wire);
    return open;
  }
}
