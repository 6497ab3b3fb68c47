/** How a server and its clients are set up for a run. */
import type { FleetOptions } from '@talaria/probe';
import type { Scene } from '@talaria/probe/harness';
import type { Backing } from './backing.js';
import type { Seat } from './seat.js';

export interface RigOptions extends Omit<FleetOptions, 'register' | 'storeDir'> {
  readonly scene: Scene;
  /** Whether clients keep their outbox and cursors in files. */
  readonly durableClients: boolean;
  /** The server's data directory; those of further nodes lie beside it. */
  readonly data: string;
  /** What the nodes of a cluster share; one node on a file of its own when undefined. */
  readonly backing: Backing | undefined;
  /** Flags of the server, beside those of every run. */
  readonly flags: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** What is of one node only, by its number. */
  readonly seat: ((node: number) => Seat) | undefined;
  /** Users of the first app; the second has two. */
  readonly users: number;
  /** By number, who is in which conversation of the first app. */
  readonly conversations: readonly (readonly number[])[];
  /** The last process has a proxy of its own. */
  readonly ownProxy: boolean;
  /** Says how far it is. */
  readonly show: (text: string) => void;
}

const everybody = (users: number): number[] => Array.from({ length: users }, (_, at) => at);

export const usualRig = {
  backing: undefined, flags: [], env: {}, seat: undefined, processes: 2, users: 6, conversations: [everybody(6), [0, 1, 2, 3], [2, 3, 4, 5], everybody(6)], pace_ms: 25, textChars: 0, mix: undefined,
  durableClients: true, ownProxy: false,
} as const satisfies Partial<RigOptions>;
