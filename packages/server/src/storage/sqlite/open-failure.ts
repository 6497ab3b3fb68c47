import { sqliteCode } from './refusal.js';

/** One sentence for the operator: which file, and what is wrong with it. */
export function openFailure(path: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  const sentence = sentenceFor(path, sqliteCode(error), reason);
  return sentence === undefined && error instanceof Error ? error : new Error(sentence ?? reason, { cause: error });
}

function sentenceFor(path: string, code: string, reason: string): string | undefined {
  if (code === '') return undefined;
  if (code.startsWith('SQLITE_NOTADB')) return `${path} is not a SQLite database`;
  if (code.startsWith('SQLITE_CORRUPT')) return `${path} is damaged or incomplete; restore it from a backup`;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return `${path} is in use by another process`;
  if (/^SQLITE_(READONLY|PERM|CANTOPEN)/.test(code)) return `${path} cannot be opened for reading and writing`;
  return `${path} cannot be used: ${reason}`;
}
