/** A history that cannot be judged: absent, unreadable, or with a line that is not an entry. */
export class HistoryError extends Error {
  readonly code = 'history_unreadable';
  override readonly name = 'HistoryError';
}

/** The error of one line, `file:line: what is wrong`. */
export function lineError(file: string, line: number, problem: string): HistoryError {
  return new HistoryError(`${file}:${line}: ${problem}`);
}
