/** Child processes that end with the process that started them, also when it is killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface KeptProcess {
  readonly pid: number;
  /** What it wrote last, for messages of failure. */
  output(): string;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  /** Sends a signal to the program itself. */
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** A program that is started again when it has ended. */
export interface Restartable {
  readonly process: KeptProcess;
  /** @throws what starting throws */
  restart(): Promise<void>;
}

/** @param start resolves when it is ready @throws what `start` throws */
export async function startRestartable(start: () => Promise<KeptProcess>): Promise<Restartable> {
  let running = await start();
  return {
    get process() {
      return running;
    },
    async restart() {
      await running.ended;
      running = await start();
    },
  };
}

/** Its standard input closes when the starter ends, however that happens. It says the pid of the program first. */
const KEEPER = 'exec 3<&0; "$@" </dev/null & child=$!; echo "$child"; { cat <&3 >/dev/null; kill -QUIT "$child" 2>/dev/null; } & wait "$child"';

const OUTPUT_CHARS_MAX = 20_000;
const STOP_MS = 10_000;

/** @throws Error when it cannot be started at all */
export async function startKept(command: string, args: readonly string[], options: { readonly uid?: number; readonly gid?: number; readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {}): Promise<KeptProcess> {
  const child = spawn('sh', ['-c', KEEPER, 'keeper', command, ...args], { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  let output = '';
  const keep = (text: string): void => {
    output = (output + text).slice(-OUTPUT_CHARS_MAX);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const ended = once(child, 'close').then(() => undefined);
  const [first] = await Promise.race([once(child.stdout, 'data'), ended.then(() => [''])]) as [string];
  const pid = Number.parseInt(first, 10);
  if (!Number.isSafeInteger(pid)) throw new Error(`${command} could not be started: ${output.trim()}`);
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended already.
    }
  };
  return {
    pid, ended, signal,
    output: () => output,
    async stop() {
      signal('SIGCONT');
      child.stdin.end();
      // One that does not end as it is told is killed.
      const timer = setTimeout(() => signal('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
