/** One connection, used for long. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { ConnectionLostError, Line } from '../../src/storage/postgres/line.js';
import { usePostgres } from '../support/postgres.js';

const server = usePostgres();
const open = (): Line => new Line({ url: server().url, connect_timeout_ms: 5_000, statement_timeout_ms: 10_000, lock_timeout_ms: 10_000, idle_transaction_timeout_ms: 10_000 });

it('[FLW3] keeps no answer that has been given', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const line = open();
  const used = async (): Promise<number> => {
    await new Promise((resolve) => void setImmediate(resolve));
    collect();
    return process.memoryUsage().heapUsed;
  };
  const ask = (): Promise<unknown> => line.query("SELECT repeat('x', 1000) || n AS text FROM generate_series(1, 1000) AS n");
  await ask();
  const before = await used();
  for (let at = 0; at < 60; at += 1) await ask();
  // They come to 60 MB.
  expect(await used() - before).toBeLessThan(20_000_000);
  await line.close();
}, 60_000);

it('tells all that waits when it ends', async () => {
  const line = open();
  await line.query('SELECT 1');
  const waiting = [line.query('SELECT pg_sleep(60)'), line.query('SELECT 2')];
  line.break('enough');
  for (const answer of waiting) await expect(answer).rejects.toBeInstanceOf(ConnectionLostError);
  await expect(line.query('SELECT 3')).rejects.toBeInstanceOf(ConnectionLostError);
});
