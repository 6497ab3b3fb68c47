/** Structured logs: an event name and fields. Never message text, never a token or key. */
export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** The same log with fields on every line. */
  with(fields: LogFields): Log;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** A log that keeps nothing. */
export function silentLog(): Log {
  const log: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, with: () => log };
  return log;
}

/** What is safe and useful to log of a thrown value: its name, message and first stack line. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  return { error: error.name, reason: error.message, at: error.stack?.split('\n')[1]?.trim() };
}
