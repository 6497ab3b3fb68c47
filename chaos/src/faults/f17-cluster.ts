/** F17 in a cluster: a backup is restored into an empty Postgres, and all nodes go on there under clients that know more than it holds. */
import { join } from 'node:path';
import type { Part } from '../fault.js';
import type { Rig } from '../rig.js';
import { talaria, unsound } from '../talaria.js';
import { badDatabases } from './f17-databases.js';
import { oldBackup } from './f17-old-backup.js';

export const restoredCluster: Part = {
  play: (rig, endMs) => oldBackup(rig, endMs, {
    newEpoch: true,
    backUp: () => must(rig, ['backup', '--to', fileOf(rig)]),
    async restore() {
      await rig.killAll();
      const url = await rig.backing.postgres.createDatabase();
      rig.backing.use(url);
      await must(rig, ['restore', '--from', fileOf(rig)]);
    },
    restart: () => rig.restartAll(),
    async refusals() {
      const { problems, figures } = await badDatabases(rig);
      return { problems: [...await unsound(rig, 'after a restore'), ...problems], figures };
    },
  }),
};

const fileOf = ({ scene }: Rig): string => join(scene.directory, 'old.backup');

/** @throws Error with what the command says */
async function must(rig: Rig, words: readonly string[]): Promise<void> {
  const { code, err } = await talaria(rig, words);
  if (code !== 0) throw new Error(`talaria ${words[0]} has failed: ${err.trim()}`);
}
