/** A program as a person sees it who runs it: its exit code and what it printed. */
import { execFile } from 'node:child_process';

export interface Ended {
  readonly code: number;
  readonly lines: readonly string[];
  readonly err: string;
}

interface Surroundings {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** @param timeout_ms after which it is killed, which gives the code -1 */
export function runToEnd(command: string, args: readonly string[], timeout_ms: number, { cwd, env = process.env }: Surroundings = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, timeout: timeout_ms }, (error, out, err) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, lines: out.trimEnd().split('\n'), err });
    });
  });
}

/** Judges a history with the command that anybody has. @param root of a checkout */
export const runCheck = (root: string, directory: string, timeout_ms: number): Promise<Ended> =>
  runToEnd('npm', ['run', '--silent', 'check', '--', directory], timeout_ms, { cwd: root });
