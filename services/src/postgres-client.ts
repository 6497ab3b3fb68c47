/** A connection for a moment, to a server of whatever certificate. */
import postgres from 'postgres';
import type { KeptProcess } from './keeper.js';

const READY_MS = 60_000;
/** One that answers at all does so sooner; a connection that was cut while it began may never say so. */
const ANSWER_MS = 5_000;

/** @throws Error when the server does not answer in a minute, or ends: with what it wrote last */
export async function ready(url: string, server: KeptProcess): Promise<void> {
  const endMs = Date.now() + READY_MS;
  let over = false;
  void server.ended.then(() => {
    over = true;
  });
  for (;;) {
    try {
      await withClient(url, (sql) => inTime(sql`SELECT 1`));
      return;
    } catch (error) {
      if (over || Date.now() > endMs) throw new Error(`Postgres did not start: ${server.output().trim()}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** @throws Error when it takes longer than it may */
async function inTime<T>(answer: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), ANSWER_MS);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

export async function withClient<T>(url: string, run: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
  // With TLS where there is any; whose certificate it is, is the tests' to ask.
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => undefined, ssl: 'prefer' });
  try {
    return await run(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
