/** What a process of probes is told, and what it answers. */
import { addAway } from '../away.js';
import type { Heads, ProbeEnd, ProbeSetup, ProbeState } from '../setup.js';

export type Order =
  | { readonly kind: 'start'; readonly setups: readonly ProbeSetup[] }
  | { readonly kind: 'run'; readonly paceMs: number }
  | { readonly kind: 'pause' }
  | { readonly kind: 'ask'; readonly id: number }
  | { readonly kind: 'turn'; readonly historyDir: string }
  /** By the name of the probe. */
  | { readonly kind: 'finish'; readonly heads: Readonly<Record<string, Heads>>; readonly within_ms: number };

/** All probes of a process together. */
export interface FleetState extends Omit<ProbeState, 'connected' | 'problem'> {
  readonly probes: number;
  readonly connected: number;
  readonly problems: readonly string[];
}

export type Report =
  | { readonly kind: 'started' }
  | { readonly kind: 'state'; readonly id: number; readonly state: FleetState }
  | { readonly kind: 'turned' }
  | { readonly kind: 'finished'; readonly ends: readonly (ProbeEnd & { readonly name: string })[] }
  | { readonly kind: 'failed'; readonly message: string };

export const noState: FleetState = {
  probes: 0, connected: 0, invoked: 0, pending: 0, acked: 0, failed: 0, duplicates: 0, seen: 0, lostConnections: 0, away: [], resyncs: 0, problems: [],
};

/** What several probes, or several processes of them, are together. */
export function together(states: readonly FleetState[]): FleetState {
  const sum = (pick: (state: FleetState) => number): number => states.reduce((total, state) => total + pick(state), 0);
  return {
    probes: sum((state) => state.probes), connected: sum((state) => state.connected), invoked: sum((state) => state.invoked), pending: sum((state) => state.pending),
    acked: sum((state) => state.acked), failed: sum((state) => state.failed), duplicates: sum((state) => state.duplicates), seen: sum((state) => state.seen),
    lostConnections: sum((state) => state.lostConnections), away: addAway(states.map((state) => state.away)), resyncs: sum((state) => state.resyncs), problems: states.flatMap((state) => state.problems),
  };
}
