/** Fills an empty database from a backup: with all of it or nothing. */
import { BackupUnusableError, TransferRefusedError } from './errors.js';
import type { OnProgress, Sink } from './snapshot.js';
import { readChecked, type Verified } from './verify.js';

export interface RestoreOptions {
  readonly path: string;
  /** Opens what is to be filled, once the file has turned out to be a backup. */
  readonly open: () => Promise<Sink>;
  /** RES5: cursors of before are told openly that this is another log. */
  readonly newEpoch: string;
  /** Tells the secret that is given apart from others; null when none is given. */
  readonly secretCheck: string | null;
  readonly onProgress: OnProgress;
}

export interface Restored extends Verified {
  readonly epoch: string;
}

/** @throws BackupUnusableError, TransferRefusedError, or what the database says; nothing is left behind then */
export async function restore({ path, open, newEpoch, secretCheck, onProgress }: RestoreOptions): Promise<Restored> {
  let sink: Sink | undefined;
  try {
    const verified = await readChecked(path, onProgress, 'restoring', {
      async header(header) {
        if (secretCheck !== null && header.secretCheck !== null && secretCheck !== header.secretCheck) {
          throw new TransferRefusedError(`the secret is another one than ${path} was made with; give the secrets.json that lay beside its database`);
        }
        sink = await open();
      },
      rows: ({ table, rows }) => sink!.write(table, rows),
    });
    const { state } = verified;
    await sink!.commit({ ...state, epoch: newEpoch, secretCheck: secretCheck ?? state.secretCheck });
    return { ...verified, epoch: newEpoch };
  } catch (error) {
    await sink?.abandon();
    // The rows hold together by themselves, but the database has rules of its own.
    if (error instanceof Error && 'code' in error && /^(?:SQLITE_CONSTRAINT|23)/.test(String(error.code))) throw new BackupUnusableError(path, `does not hold together: ${error.message}`, error);
    throw error;
  }
}
