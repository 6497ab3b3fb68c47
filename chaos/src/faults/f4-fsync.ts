/** F4: the disk fails every fsync for a while. */
import { until } from '@talaria/probe';
import type { Scene } from '@talaria/probe/harness';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readiness, sendRefusal } from '../ask-server.js';
import { between, sleep } from '../clock.js';
import type { Fault } from '../fault.js';
import { rounds } from '../rounds.js';
import type { Rig } from '../rig.js';
import { hasProgram, install, runLater } from '../system.js';

const PRELOADS = ['/usr/lib/fiu/fiu_run_preload.so', '/usr/lib/fiu/fiu_posix_preload.so'];
const CALLS = ['posix/io/sync/fsync', 'posix/io/sync/fdatasync'];
/** EIO. */
const ERROR_NUMBER = 5;
const FAIL_MS = { least: 2_000, most: 4_000 };
/** Acks that were on their way when it began arrive within this time. */
const SETTLE_MS = 300;
const TOLD_MS = 10_000;

const controlOf = (scene: Scene): string => join(scene.directory, 'fiu');

export const fsyncError: Fault = {
  id: 'F4',
  topologies: ['single'],
  name: 'fsync error',
  prepare: () => Promise.resolve(isReady() ? undefined : install('fiu-utils') ?? (isReady() ? undefined : `the package fiu-utils has no ${PRELOADS[0]}`)),
  rig: (scene) => ({ env: { LD_PRELOAD: PRELOADS.join(' '), FIU_CTRL_FIFO: controlOf(scene) } }),
  async play(rig, endMs) {
    const problems: string[] = [];
    const seen = { refused: 0, not_ready: 0 };
    await rounds(endMs, 2, async (at) => {
      rig.show(`fsync has failed ${at} times so far`);
      await sleep(between(200, 1_500));
      let begun: Promise<void> | undefined;
      await rig.inject('fsync.error', () => {
        begun = command(rig, CALLS.map((name) => `enable name=${name},failinfo=${ERROR_NUMBER}`));
      });
      await begun;
      await sleep(SETTLE_MS);
      const before = await rig.state();
      if (await sendRefusal(rig) === 'unavailable') seen.refused += 1;
      if (await until(async () => await readiness(rig) === 503, TOLD_MS)) seen.not_ready += 1;
      await sleep(between(FAIL_MS.least, FAIL_MS.most));
      const after = await rig.state();
      if (after.pending === 0) problems.push('nothing waited for an fsync');
      if (after.acked > before.acked) problems.push(`${after.acked - before.acked} commands were acked while no fsync succeeded`);
      await command(rig, CALLS.map((name) => `disable name=${name}`));
      await rig.goesOn();
    });
    if (seen.refused === 0) problems.push('no send was refused as unavailable while no fsync succeeded');
    if (seen.not_ready === 0) problems.push('the server never said that it was not ready');
    return { problems, figures: { refused_sends: seen.refused, not_ready: seen.not_ready } };
  },
};

const isReady = (): boolean => hasProgram('fiu-ctrl') && PRELOADS.every((file) => existsSync(file));

/** The server's own thread takes the command: one that is stopped takes it when it goes on. */
function command(rig: Rig, commands: readonly string[]): Promise<void> {
  return runLater('fiu-ctrl', ['-f', controlOf(rig.scene), ...commands.flatMap((one) => ['-c', one]), String(rig.server.pid)]);
}
