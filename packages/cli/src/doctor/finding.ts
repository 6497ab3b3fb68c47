/** What one check of `talaria doctor` found. */
export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly message: string;
  /** What to do, for all but `ok`. */
  readonly fix?: string;
}

export const ok = (name: string, message: string): Finding => ({ name, status: 'ok', message });
export const warn = (name: string, message: string, fix: string): Finding => ({ name, status: 'warn', message, fix });
export const fail = (name: string, message: string, fix: string): Finding => ({ name, status: 'fail', message, fix });

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
