/**
 * What `relaxed` loses in a power cut: a tail of what was committed, of a bounded length. It also shows that the cut takes away
 * what was not synced: if it took nothing, `durable` would prove nothing.
 */
import { readHistory } from '@talaria/checker';
import { Scene } from '@talaria/probe/harness';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../clock.js';
import { cutPower, makeDisk, nextDisk } from '../disk.js';
import type { Told } from '../fault.js';
import { own, SCENE_PREFIX } from '../leftovers.js';
import { usualRig } from '../rig-options.js';
import { Rig } from '../rig.js';

const PACE_MS = 8;
/** Of the write-ahead log: a checkpoint, which syncs, begins at so many. */
const CHECKPOINT_PAGES = 2_000;
const CHECKPOINT_MS_MAX = 60_000;
/** From the first checkpoint to the cut: long enough to have something to lose, too short for the next one. */
const AFTER_CHECKPOINT_MS = 1_500;
/** The last batch before a checkpoint may be a large one. */
const PAGES_MAX = 2_500;
const WAL_HEADER_BYTES = 32;
const WAL_FRAME_BYTES = 24 + 4_096;

/** @throws Error when the run breaks off */
export async function relaxedLoss(show: (text: string) => void): Promise<Told> {
  const scene = new Scene(`${SCENE_PREFIX}relaxed-`);
  own(scene);
  try {
    return await measure(scene, show);
  } finally {
    await scene.close();
  }
}

async function measure(scene: Scene, show: (text: string) => void): Promise<Told> {
  const disk = makeDisk(scene);
  const historyDir = join(scene.directory, 'history');
  const rig = await Rig.open({ ...usualRig, scene, show, historyDir, data: join(disk.directory, 'data'), flags: ['--durability', 'relaxed'], pace_ms: PACE_MS });
  const walFile = join(disk.directory, 'data', 'talaria.db-wal');
  rig.work();
  await firstCheckpoint(walFile);
  await sleep(AFTER_CHECKPOINT_MS);
  await rig.inject('power.cut', async () => {
    cutPower(scene, 0);
    await rig.kill();
  });
  const walPages = pagesOf(walFile);
  rig.pause();
  // Only the server: what the clients hold is of a log that is partly gone.
  await rig.openAlone(join(nextDisk(scene, 0).directory, 'data'));
  await rig.dumpLogs(historyDir);
  return judge(historyDir, walPages);
}

/** The log begins anew in the same file afterwards, so it never looks shorter. */
async function firstCheckpoint(walFile: string): Promise<void> {
  const endMs = Date.now() + CHECKPOINT_MS_MAX;
  while (pagesOf(walFile) < CHECKPOINT_PAGES) {
    if (Date.now() > endMs) throw new Error(`after ${CHECKPOINT_MS_MAX} ms of work the log has only ${pagesOf(walFile)} pages`);
    await sleep(50);
  }
}

function pagesOf(walFile: string): number {
  return Math.floor((statSync(walFile).size - WAL_HEADER_BYTES) / WAL_FRAME_BYTES);
}

function judge(historyDir: string, walPages: number): Told {
  const { commands, streams } = readHistory(historyDir);
  const acked = commands.flatMap(({ client_id: id, acks }) => (acks[0] === undefined ? [] : [{ id, ack: acks[0] }]));
  const isThere = ({ id, ack }: (typeof acked)[number]): boolean => streams.get(ack.stream)?.bySeq.get(ack.seq)?.client_id === id;
  const lost = acked.filter((one) => !isThere(one));
  const holes = lost.filter(({ ack }) => ack.seq <= (streams.get(ack.stream)?.head ?? 0));
  const first = Math.min(...lost.map(({ ack }) => ack.at));
  const last = Math.max(...acked.map(({ ack }) => ack.at));
  return {
    problems: [
      ...(lost.length === 0 ? ['the power cut took nothing away from relaxed, so it was none'] : []),
      ...(lost.length === acked.length ? ['relaxed lost everything'] : []),
      ...(holes.length === 0 ? [] : [`relaxed lost ${holes.length} commands that were not at the end of their log`]),
      ...(walPages <= PAGES_MAX ? [] : [`relaxed had ${walPages} pages that were not synced, more than ${PAGES_MAX}`]),
    ],
    figures: { relaxed_acked: acked.length, relaxed_lost: lost.length, relaxed_window_ms: lost.length === 0 ? 0 : Math.round(last - first), relaxed_wal_pages: walPages },
  };
}
