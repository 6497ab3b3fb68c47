/** F6: the disk stands still for a while: whoever writes waits, and nothing fails. */
import { until } from '@talaria/probe';
import { connectAdmin, TalariaError } from '@talaria/sdk/admin';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readiness } from '../ask-server.js';
import { between, sleep } from '../clock.js';
import { makeDisk, noDisks } from '../disk.js';
import { onBoth, type Fault } from '../fault.js';
import { freezeDisk, type FrozenDisk } from '../freeze.js';
import { rounds } from '../rounds.js';
import type { Rig } from '../rig.js';
import { hasProgram } from '../system.js';

/** Longer than a node takes to say that it is not ready; in a cluster every second time longer than it waits for a transaction. */
const STALL_MS = { least: 5_000, most: 7_000 };
const LONG_MS = 22_000;
const MOST_MS = 60_000;
/** What was written before is answered, and a node says so, within this time. */
const TOLD_MS = 6_000;
const SEND_MS = 1_500;

export const diskStalled: Fault = onBoth(
  { id: 'F6', name: 'disk stalled', prepare: () => Promise.resolve(noDisks() ?? (hasProgram('fsfreeze') ? undefined : 'needs the program fsfreeze, of util-linux')) },
  {
    single: { rig: (scene) => ({ data: join(makeDisk(scene).directory, 'data') }), play: (rig, endMs) => play(rig, endMs, () => between(STALL_MS.least, STALL_MS.most)) },
    cluster: {
      backing: (scene) => ({ postgres: { data: join(makeDisk(scene).directory, 'data') } }),
      play: (rig, endMs) => play(rig, endMs, (at) => (at % 2 === 1 ? LONG_MS : between(STALL_MS.least, STALL_MS.most))),
    },
  },
);

const play = async (rig: Rig, endMs: number, stallMs: (at: number) => number): ReturnType<Fault['play']> => {
  const problems: string[] = [];
  const seen = { not_ready: 0, unknown: 0, resolved: 0 };
  await rounds(endMs, 2, async (at) => {
    rig.show(`the disk stood still ${at} times so far`);
    await sleep(between(200, 1_500));
    let disk: FrozenDisk | undefined;
    await rig.inject('disk.stalled', () => {
      disk = freezeDisk(rig.scene, join(rig.scene.directory, 'disk'), MOST_MS);
    });
    const startedMs = performance.now();
    const send = new Sending(rig);
    if (await send.outcome() === 'timeout') seen.unknown += 1;
    else problems.push('a send was answered although the disk stood still');
    const before = await rig.state();
    if (await until(async () => await readiness(rig) === 503, TOLD_MS)) seen.not_ready += 1;
    else problems.push(`the server does not say within ${TOLD_MS / 1_000} s that it is not ready`);
    await sleep(Math.max(0, startedMs + stallMs(at) - performance.now()));
    const after = await rig.state();
    if (after.acked > before.acked) problems.push(`${after.acked - before.acked} commands were acked while the disk stood still`);
    if (after.failed > before.failed) problems.push(`${after.failed - before.failed} commands were finally refused`);
    await disk!.thaw();
    await rig.goesOn();
    // The retry says whether it had been done; the checker, that it stands there once (H2, H11).
    const places = [await send.outcome(), await send.outcome()];
    if (places[0] === places[1] && places[0]!.startsWith('c_')) seen.resolved += 1;
    else problems.push(`a send whose outcome was unknown is answered ${places.join(', then ')}`);
    if (!await until(async () => await readiness(rig) === 200, TOLD_MS)) problems.push('the server does not say that it is ready again');
  });
  return { problems, figures: { not_ready: seen.not_ready, unknown_sends: seen.unknown, resolved_sends: seen.resolved } };
};

/** One message of the backend, sent again and again with the same key. */
class Sending {
  private readonly key = randomUUID();

  constructor(private readonly rig: Rig) {}

  /** @returns its place in the log, or the code by which it was not sent */
  async outcome(): Promise<string> {
    const [stage] = this.rig.stages;
    try {
      const backend = connectAdmin({ url: this.rig.server.url, key: stage!.key, retries: 0, timeoutMs: SEND_MS });
      const { conversation_id: stream, seq } = await backend.messages.send({ conversation_id: stage!.conversations[0]!, text: 'sent by the backend' }, { idempotencyKey: this.key });
      return `${stream} ${seq}`;
    } catch (error) {
      if (error instanceof TalariaError) return error.code;
      throw error;
    }
  }
}
