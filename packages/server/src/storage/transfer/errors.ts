/** How copying and checking fail: one sentence that says how to go on. */

/** What is read does not hold together. The message names the first thing that is wrong. */
export class UnsoundError extends Error {
  override readonly name = 'UnsoundError';
}

/** A file cannot be used as a backup. The message is one line that names the file. */
export class BackupUnusableError extends Error {
  override readonly name = 'BackupUnusableError';

  constructor(readonly path: string, reason: string, cause?: unknown) {
    super(`${path} ${reason}`, { cause });
  }
}

/** What was asked for is not done, because it would destroy something or mix what does not belong together. */
export class TransferRefusedError extends Error {
  override readonly name = 'TransferRefusedError';
}
