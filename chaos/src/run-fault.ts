/** Runs one fault from an empty directory to its line of the table, and leaves nothing behind but the histories. */
import { Scene } from '@talaria/probe/harness';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from './clock.js';
import { openBacking } from './backing.js';
import type { Fault } from './fault.js';
import { own, SCENE_PREFIX } from './leftovers.js';
import { noRow, rowOf, type Row } from './outcome.js';
import { usualRig } from './rig-options.js';
import { Rig } from './rig.js';
import { settle, useOf } from './settle.js';
import { NODES, type Topology } from './topology.js';

export interface RunOptions {
  readonly topology: Topology;
  /** How long clients are at work while the fault comes again and again. */
  readonly minutes: number;
  /** Where the histories stay, in a directory named after the fault; in a temporary one when undefined. */
  readonly keep: string | undefined;
  readonly show: (text: string) => void;
}

/** How long clients are at work before the first measure and the first fault. */
const WARM_MS = 2_000;

export async function runFault(fault: Fault, options: RunOptions): Promise<Row> {
  const missing = await fault.prepare?.(options.topology);
  if (missing !== undefined) return noRow(fault.id, fault.name, 'not run', missing);
  const scene = new Scene(`${SCENE_PREFIX}${fault.id}-`);
  own(scene);
  try {
    return await play(fault, scene, options);
  } catch (error) {
    return noRow(fault.id, fault.name, 'failed', error instanceof Error ? error.message : String(error));
  } finally {
    await scene.close();
  }
}

async function play(fault: Fault, scene: Scene, { topology, minutes, keep, show }: RunOptions): Promise<Row> {
  const historyDir = join(keep ?? scene.directory, keep === undefined ? 'history' : fault.id);
  mkdirSync(historyDir, { recursive: true });
  if (topology === 'cluster') show(`${fault.id} starting Postgres and NATS`);
  const backing = topology === 'cluster' ? await openBacking(scene, NODES, fault.backing?.(scene)) : undefined;
  const rig = await Rig.open({ ...usualRig, backing, scene, historyDir, data: join(scene.directory, 'data'), show: (text) => show(`${fault.id} ${text}`), ...await fault.rig?.(scene, topology) });
  rig.work();
  await sleep(WARM_MS);
  await rig.quiet();
  const base = useOf(rig.servers);
  rig.work();
  const told = await fault.play(rig, performance.now() + minutes * 60_000);
  await rig.quiet();
  const settled = await settle(rig.servers, base);
  const reported = await rig.finish(historyDir);
  const problems = [...told.problems, ...reported, ...fault.afterwards?.(historyDir) ?? []];
  return rowOf({ fault: fault.id, name: fault.name, historyDir, inFlight: rig.inFlight, settled, told: { ...told, problems } });
}
