import type { Line } from './line.js';

const ignore = (): void => undefined;

/**
 * Reads in one snapshot (RES4). Nothing waits for its beginning or its end: statements of a connection are carried out in order.
 *
 * @throws what `read` throws
 */
export async function inSnapshot<T>(line: Line, read: () => Promise<T>): Promise<T> {
  line.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY').catch(ignore);
  try {
    return await read();
  } finally {
    line.query('COMMIT').catch(ignore);
  }
}

/**
 * Writes all or nothing. Each statement sees what was committed before it began, so what is read behind a lock is what the lock
 * protects.
 *
 * @param write is done when everything that it has sent is answered
 * @throws what `write` throws, and then nothing is written; ConnectionLostError behind which nobody knows
 */
export async function inTransaction<T>(line: Line, write: () => Promise<T>): Promise<T> {
  begin(line);
  let result: T;
  try {
    result = await write();
  } catch (error) {
    await rollback(line);
    throw error;
  }
  await commit(line);
  return result;
}

/** Nothing waits for it: what fails in a transaction fails at its first statement. */
export function begin(line: Line): void {
  line.query('BEGIN').catch(ignore);
}

/** Never rejects: a connection that is lost takes its transaction with it. */
export async function rollback(line: Line): Promise<void> {
  await line.query('ROLLBACK').catch(ignore);
}

/** @throws when the server has not committed: it rolls back without a word when a statement has failed */
export async function commit(line: Line): Promise<void> {
  const { command } = await line.query('COMMIT');
  if (command !== 'COMMIT') throw new Error(`the transaction was not committed: ${command}`);
}
