/** F3: the power fails: what was not synced is gone. */
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { between, sleep } from '../clock.js';
import { cutPower, makeDisk, nextDisk, noDisks } from '../disk.js';
import { onBoth, type Part } from '../fault.js';
import { rounds } from '../rounds.js';
import { postgresPower } from './f3-postgres.js';
import { relaxedLoss } from './f3-relaxed.js';

const filePower: Part = {
  rig: (scene) => ({ data: join(makeDisk(scene).directory, 'data') }),
  async play(rig, endMs) {
    const { scene } = rig;
    const problems: string[] = [];
    await rounds(endMs, 2, async (at) => {
      rig.show(`${at} power cuts so far`);
      await sleep(between(500, 2_500));
      await rig.inject('power.cut', async () => {
        cutPower(scene, at);
        await rig.kill();
      });
      const data = join(nextDisk(scene, at).directory, 'data');
      await rig.restart(data);
      problems.push(...damage(join(data, 'talaria.db')));
      await rig.goesOn();
    });
    const relaxed = await relaxedLoss((text) => rig.show(`relaxed: ${text}`));
    return { problems: [...problems, ...relaxed.problems], figures: relaxed.figures };
  },
};

export const powerCut = onBoth({ id: 'F3', name: 'power cut', prepare: () => Promise.resolve(noDisks()) }, { single: filePower, cluster: postgresPower });

/** What SQLite finds wrong with a file that a server has open. */
function damage(file: string): string[] {
  const db = new Database(file, { readonly: true });
  try {
    const found = db.pragma('integrity_check') as { integrity_check: string }[];
    return found.filter(({ integrity_check: text }) => text !== 'ok').map(({ integrity_check: text }) => `after a power cut the database is damaged: ${text}`);
  } finally {
    db.close();
  }
}
