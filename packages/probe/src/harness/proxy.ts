/** A TCP proxy between clients and a server, which does to connections what networks do. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Valve } from './flow.js';
import { Pair } from './pair.js';

/** What happens to both directions; one that is not named stays as it is. */
export interface Valves {
  /** From the client to the server. */
  readonly up?: Valve;
  readonly down?: Valve;
}

/** A port of the loopback interface, or of another address of this machine. */
export type Target = number | { readonly host: string; readonly port: number };

export interface Proxy {
  readonly port: number;
  /** Connections that stand, orphaned ones included. */
  readonly connections: number;
  /**
   * Where connections lead from now on: one place, or several in turn. While that is nowhere, new ones wait, as at a load balancer without a server, or are
   * ended at once, as where no server listens.
   */
  leadTo(place: Target | readonly Target[] | undefined, meanwhile?: 'wait' | 'refuse'): void;
  /** Does this to every connection that stands, and to new ones until the next cut or reset. */
  set(valves: Valves): void;
  /** Keeps back what the server sends; what clients send still arrives. */
  hold(): void;
  /** Cuts every connection; what was kept back is lost with it. New ones pass freely. @returns how many were cut */
  cut(): number;
  /** As `cut`, with a reset. */
  reset(): number;
  /** Half-open: from now on nothing passes on the connections that stand, and nobody is told. @returns how many */
  sever(): number;
  /** Cuts the clients' sides only: the server does not know, and what was kept back upwards can still arrive. @returns how many */
  orphan(): number;
  /** What was kept back of orphaned connections arrives at the server now. @returns bytes */
  release(): number;
  /** Ends what was orphaned. */
  dropOrphans(): void;
  close(): Promise<void>;
}

const OPEN: Valves = { up: { kind: 'open' }, down: { kind: 'open' } };

/** Starts on a free port of this machine. @param first where connections lead first */
export async function startProxy(first: Target): Promise<Proxy> {
  let targets: readonly Target[] = [first];
  let turn = 0;
  let refusing = false;
  let valves = OPEN;
  const waiting = new Set<Socket>();
  const pairs = new Set<Pair>();
  const listener = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    if (targets.length === 0 && refusing) {
      client.destroy();
      return;
    }
    waiting.add(client);
    client.once('close', () => waiting.delete(client)).on('error', () => client.destroy());
    admit();
  });

  function admit(): void {
    if (targets.length === 0) return;
    for (const client of waiting) {
      turn += 1;
      const target = targets[turn % targets.length]!;
      const pair: Pair = new Pair(client, connect({ ...(typeof target === 'number' ? { host: '127.0.0.1', port: target } : target), noDelay: true }), () => pairs.delete(pair));
      pairs.add(pair);
      pair.set(valves);
    }
    waiting.clear();
  }

  function each(act: (pair: Pair) => void): number {
    const all = [...pairs];
    for (const pair of all) act(pair);
    return all.length;
  }

  function set(wanted: Valves): void {
    valves = { ...valves, ...wanted };
    each((pair) => pair.set(wanted));
  }

  function end(act: (pair: Pair) => void): number {
    valves = OPEN;
    return each(act);
  }

  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (listener.address() as AddressInfo).port,
    get connections() {
      return pairs.size;
    },
    leadTo(place, meanwhile = 'wait') {
      targets = place === undefined ? [] : isList(place) ? place : [place];
      refusing = meanwhile === 'refuse';
      admit();
    },
    set,
    hold: () => set({ down: { kind: 'hold' } }),
    cut: () => end((pair) => pair.cut()),
    reset: () => end((pair) => pair.reset()),
    sever: () => each((pair) => pair.sever()),
    orphan: () => end((pair) => pair.orphan()),
    release() {
      const late = [...pairs].filter((pair) => pair.orphaned);
      const bytes = late.reduce((sum, pair) => sum + pair.kept, 0);
      for (const pair of late) pair.set({ up: { kind: 'open' } });
      return bytes;
    },
    dropOrphans: () => void each((pair) => {
      if (pair.orphaned) pair.cut();
    }),
    close: () => new Promise((resolve) => {
      listener.close(() => resolve());
      each((pair) => pair.cut());
      for (const client of waiting) client.destroy();
    }),
  };
}

const isList = (place: Target | readonly Target[]): place is readonly Target[] => Array.isArray(place);
