/** What a mutant wraps. The system itself has no switch for any of it. */
import type { Store } from '@talaria/sdk';
import type { Bus, Rules, Socket, Storage } from '@talaria/server/internals';
import type { Disk } from './disk.js';

export interface Mutation {
  readonly rules?: (rules: Rules) => Rules;
  readonly storage?: (storage: Storage) => Storage;
  readonly bus?: (bus: Bus) => Bus;
  /** A frame on its way to a device; null loses it. */
  readonly down?: (bytes: Uint8Array) => Uint8Array | null;
  /** What the gateway holds of a connection. @param later runs something after so many ms */
  readonly nodeSocket?: (socket: Socket, later: (ms: number, run: () => void) => void) => Socket;
  /** Facts that the app's own state leaves out. */
  readonly forgetsFact?: (type: string) => boolean;
  readonly deviceStore?: (store: Store) => Store;
  /** What a crash leaves on the disk. */
  readonly crashed?: (disk: Disk) => void;
  /** Open transactions hold no horizon: whoever reads in the order of the store takes what is there. */
  readonly looseHorizon?: true;
  /** Before each commit. */
  readonly committing?: (disk: Disk) => void;
  /** Changes functions of the system for the time of one run. @returns how to change them back */
  readonly install?: () => () => void;
}
