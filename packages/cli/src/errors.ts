/** How commands fail: one sentence, what to do about it, and an exit code. */
import { errorInfo, isErrorCode } from '@talaria/protocol';
import { CommanderError } from 'commander';

/** 0 done, 1 failed, 2 called in a wrong way, 3 no server there. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Codes of the tool itself; a server's refusal keeps the server's own code. */
export const cliErrors = {
  usage: { exit: 2, remediation: 'See talaria --help.' },
  bad_config: { exit: 2, remediation: 'See talaria config check, and docs/reference/configuration.md.' },
  key_missing: { exit: 2, remediation: 'Set TALARIA_KEY, or name a file with --key-file.' },
  not_confirmed: { exit: 2, remediation: 'Repeat it with --yes if you mean it.' },
  cancelled: { exit: 1, remediation: 'Nothing was changed.' },
  directory_held: { exit: 1, remediation: 'Stop that process, or choose another directory with --data.' },
  port_in_use: { exit: 1, remediation: 'Choose another port with --port, or stop what uses it.' },
  database_unusable: { exit: 1, remediation: 'See talaria doctor.' },
  database_unsound: { exit: 1, remediation: 'Restore it from a backup that talaria verify finds sound.' },
  backup_unusable: { exit: 1, remediation: 'Use another backup.' },
  transfer_refused: { exit: 1, remediation: 'Nothing was changed.' },
  start_failed: { exit: 1, remediation: 'Run talaria doctor.' },
  checks_failed: { exit: 1, remediation: 'Do what stands beside each failed check.' },
  unreachable: { exit: 3, remediation: 'Start the server, or name its address with --url.' },
  outcome_unknown: { exit: 3, remediation: 'Repeat it with the same --idempotency-key: it is done once at most.' },
  stopped: { exit: 1, remediation: 'What the run had made was taken away.' },
  unanswered: { exit: 1, remediation: 'See talaria status, and the log of the server.' },
  unproven: { exit: 1, remediation: 'Repeat it with --keep DIR, and report it with the histories.' },
  left_behind: { exit: 1, remediation: 'Delete it with talaria tenant suspend ID and talaria tenant delete ID.' },
  failed: { exit: 1, remediation: 'Report it if it stays.' },
} as const satisfies Record<string, { readonly exit: ExitCode; readonly remediation: string }>;
export type CliErrorCode = keyof typeof cliErrors;

export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exit: ExitCode;
  readonly remediation: string;

  constructor(readonly code: CliErrorCode, message: string, remediation?: string) {
    super(message);
    this.exit = cliErrors[code].exit;
    this.remediation = remediation ?? cliErrors[code].remediation;
  }
}

/** The server answered, and the answer was no. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  constructor(readonly code: string, message: string, readonly remediation: string) {
    super(message);
  }
}

export interface ErrorReport {
  readonly code: string;
  readonly message: string;
  readonly remediation: string;
  readonly exit: ExitCode;
}

const own = (code: CliErrorCode, message: string, remediation?: string): ErrorReport => ({
  code,
  message: oneLine(message),
  remediation: remediation ?? cliErrors[code].remediation,
  exit: cliErrors[code].exit,
});

/** What to tell of a thrown value. The server's classes are known by name, because its code is loaded only where it is needed. */
export function reportOf(error: unknown): ErrorReport {
  if (error instanceof CliError) return own(error.code, error.message, error.remediation);
  if (error instanceof RefusedError) return { code: error.code, message: oneLine(error.message), remediation: error.remediation, exit: 1 };
  if (error instanceof CommanderError) return own('usage', error.message.replace(/^error: /, ''));
  if (!(error instanceof Error)) return own('failed', String(error));
  switch (error.name) {
    case 'ConfigError':
      return own('bad_config', error.message);
    case 'DirectoryHeldError':
      return own('directory_held', error.message, '');
    case 'DatabaseUnusableError':
      return own('database_unusable', error.message);
    case 'UnsoundError':
      return own('database_unsound', `The database does not hold together: ${error.message}.`);
    case 'BackupUnusableError':
      return own('backup_unusable', error.message);
    case 'TransferRefusedError':
      return own('transfer_refused', error.message);
    case 'StartFailed':
      return 'report' in error ? (error.report as ErrorReport) : own('start_failed', error.message);
    case 'UsageError':
      return own('usage', error.message);
    case 'TalariaError':
      return ofSdk(error);
    case 'ProtocolError':
      return 'code' in error && typeof error.code === 'string' && isErrorCode(error.code)
        ? { code: error.code, message: oneLine(error.message), remediation: errorInfo(error.code).remedy, exit: 1 }
        : own('failed', error.message);
    default:
      return own('code' in error && error.code === 'EADDRINUSE' ? 'port_in_use' : 'failed', error.message);
  }
}

/** What the SDK throws: a refusal of the server, or that there was no answer. */
function ofSdk(error: Error & { readonly code?: string; readonly remediation?: string }): ErrorReport {
  const { code = 'failed', message, remediation = '' } = error;
  return { code, message: oneLine(message), remediation, exit: code === 'unavailable' || code === 'timeout' ? 3 : 1 };
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
