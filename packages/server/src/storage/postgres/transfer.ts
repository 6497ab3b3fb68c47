/** Opens a Postgres for being copied from, or to. */
import type { Sink, Snapshot } from '../transfer/snapshot.js';
import { migratePostgres, postgresMigrations, type PostgresPlace } from './driver.js';
import { Line } from './line.js';
import { openSnapshot } from './transfer-snapshot.js';
import { createPostgresSink } from './transfer-sink.js';

/** Copying takes as long as it takes; the server ends what nobody waits for any more by itself when the connection closes. */
const LONG_MS = 604_800_000;

export function openTransferLine({ url, ca }: PostgresPlace): Line {
  return new Line({
    url, ...(ca === undefined ? {} : { ca }), connect_timeout_ms: 5_000, statement_timeout_ms: LONG_MS, lock_timeout_ms: LONG_MS, idle_transaction_timeout_ms: LONG_MS,
  });
}

/** @throws Error with one sentence when the database cannot be used */
export async function snapshotOfPostgres(place: PostgresPlace): Promise<Snapshot> {
  if ((await postgresMigrations(place)).some(({ applied_ms }) => applied_ms === null)) throw new Error('its schema is older than this program; run talaria migrate up first');
  const line = openTransferLine(place);
  try {
    return await openSnapshot(line, () => line.close());
  } catch (error) {
    await line.close();
    throw error;
  }
}

/**
 * @param shown names the database without its password @param before done just before all of it is made last
 * @throws TransferRefusedError when it is not empty; Error with one sentence when it cannot be used
 */
export async function sinkOfPostgres(place: PostgresPlace, shown: string, before: () => void): Promise<Sink> {
  const fresh = (await postgresMigrations(place)).every(({ applied_ms }) => applied_ms === null);
  await migratePostgres(place, Date.now());
  const line = openTransferLine(place);
  const leave = async (committed: boolean): Promise<void> => {
    await line.close();
    if (!committed && fresh) await migratePostgres(place, Date.now(), 0);
  };
  try {
    const sink = await createPostgresSink(line, shown, leave);
    return {
      ...sink,
      commit(state) {
        before();
        return sink.commit(state);
      },
    };
  } catch (error) {
    await leave(false);
    throw error;
  }
}
