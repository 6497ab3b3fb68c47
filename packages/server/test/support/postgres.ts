import { startPostgres, type PostgresOptions, type PostgresServer } from '@talaria/services';
import { afterAll, beforeAll } from 'vitest';

/** A Postgres of its own for the tests of a file. */
export function usePostgres(options?: PostgresOptions): () => PostgresServer {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    server = await startPostgres(options);
  });
  afterAll(() => server?.stop());
  return () => {
    if (!server) throw new Error('Postgres has not been started');
    return server;
  };
}
