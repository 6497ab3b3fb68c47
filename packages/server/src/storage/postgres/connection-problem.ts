import { ConnectionLostError } from './line.js';
import { sqlState } from './refusal.js';

/** Why a connection could not be made, in one sentence that says what to do; undefined when the error is another one. */
export function connectionProblem(error: unknown): string | undefined {
  if (!(error instanceof ConnectionLostError)) return undefined;
  const { cause } = error;
  const said = cause instanceof Error ? cause.message : error.message;
  const state = sqlState(cause);
  if (state === '28P01') return `${said}; check the user and the password in the URL`;
  // Said by `pg_hba.conf`, and never translated.
  if (state === '28000' && said.endsWith('no encryption')) return `${said}; where it takes connections with TLS only, set database_ca, or sslmode=verify-full in the URL`;
  return said;
}
