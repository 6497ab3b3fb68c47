/** What a fault is to this command. */
import type { Scene } from '@talaria/probe/harness';
import type { BackingOptions } from './backing.js';
import type { RigOptions } from './rig-options.js';
import type { Rig } from './rig.js';
import type { Topology } from './topology.js';

export type FaultId = 'F1' | 'F2' | 'F3' | 'F4' | 'F5' | 'F6' | 'F7' | 'F8' | 'F9' | 'F10' | 'F11' | 'F12' | 'F13' | 'F14' | 'F15' | 'F17';

/** What a fault has to say beside what the histories show. */
export interface Told {
  /** Each makes the run fail. */
  readonly problems: readonly string[];
  /** Names end in their unit. */
  readonly figures: Readonly<Record<string, number>>;
}

export interface Fault {
  readonly id: FaultId;
  /** A few words for the table. */
  readonly name: string;
  /** What it can be played on. */
  readonly topologies: readonly Topology[];
  /** Gets what it needs on this machine. @returns why it cannot run here, or undefined when it can */
  prepare?(topology: Topology): Promise<string | undefined>;
  /** How the server and its clients are set up for it. */
  rig?(scene: Scene, topology: Topology): Partial<RigOptions> | Promise<Partial<RigOptions>>;
  /** How Postgres and NATS are set up for it, in a cluster. */
  backing?(scene: Scene): BackingOptions;
  /**
   * Breaks things while clients are at work: at least once, and again until the time is over.
   *
   * @param endMs by `performance.now`
   */
  play(rig: Rig, endMs: number): Promise<Told>;
  /** What only the whole history shows. @returns problems */
  afterwards?(historyDir: string): readonly string[];
}

/** What differs between topologies. */
export type Part = Pick<Fault, 'play'> & Partial<Pick<Fault, 'backing'>> & { rig?(scene: Scene): Partial<RigOptions> };

/** A fault that is made in one way on one node, and in another in a cluster. */
export function onBoth(about: Pick<Fault, 'id' | 'name' | 'prepare' | 'afterwards'>, parts: Readonly<Record<Topology, Part>>): Fault {
  return {
    ...about, topologies: ['single', 'cluster'],
    rig: (scene, topology) => parts[topology].rig?.(scene) ?? {},
    backing: (scene) => parts.cluster.backing?.(scene) ?? {},
    play: (rig, endMs) => parts[rig.topology].play(rig, endMs),
  };
}
