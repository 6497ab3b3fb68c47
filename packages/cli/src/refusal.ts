import { errorInfo, isErrorCode } from '@talaria/protocol';
import { CliError, RefusedError } from './errors.js';

/** What a response says that is not a success: a problem document (RFC 9457) with a code, or somebody else's page. */
export function refusalOf(url: string, status: number, text: string): CliError | RefusedError {
  const problem = objectOf(text);
  const code = textOf(problem, 'code');
  if (code === undefined) return new CliError('unreachable', `What answers at ${url} is not Talaria (HTTP status ${status}).`);
  const known = isErrorCode(code) ? errorInfo(code) : undefined;
  const message = textOf(problem, 'detail') ?? textOf(problem, 'title') ?? known?.text ?? code;
  return new RefusedError(code, message, textOf(problem, 'remediation') ?? textOf(problem, 'remedy') ?? known?.remedy ?? '');
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function textOf(problem: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = problem[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
