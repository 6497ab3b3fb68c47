/** F17: an old backup is restored under clients that know more than it holds; and files that are no database of Talaria's. */
import Database from 'better-sqlite3';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onBoth, type Part } from '../fault.js';
import { restoredCluster } from './f17-cluster.js';
import { badFiles } from './f17-files.js';
import { goneOn, oldBackup } from './f17-old-backup.js';

const restoredFile: Part = {
  play(rig, endMs) {
    const { scene } = rig;
    const backup = join(scene.directory, 'backup.db');
    const file = join(rig.dataDirectory, 'talaria.db');
    return oldBackup(rig, endMs, {
      // A copy of the file, by hand.
      newEpoch: false,
      backUp: () => backUp(file, backup),
      async restore() {
        await rig.kill();
        restore(backup, file);
      },
      restart: () => rig.restart(),
      refusals: () => badFiles(scene, backup),
    });
  },
};

export const restored = onBoth({ id: 'F17', name: 'old backup, bad files', afterwards: goneOn }, { single: restoredFile, cluster: restoredCluster });

/** As an operator does it, while the server runs. */
async function backUp(file: string, to: string): Promise<void> {
  const db = new Database(file, { readonly: true });
  try {
    await db.backup(to);
  } finally {
    db.close();
  }
}

function restore(backup: string, file: string): void {
  for (const part of ['-wal', '-shm']) rmSync(`${file}${part}`, { force: true });
  copyFileSync(backup, file);
}
