/** The server as a process of its own, through the `talaria` binary. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface StartServer {
  /** The JavaScript file of the `talaria` command. */
  readonly binary: string;
  /** Where it runs: no `talaria.json` of the caller's must change what it does. */
  readonly directory: string;
  /** Its data directory. */
  readonly data: string;
  /** Flags of `start`, beside the directory, the port and the log level. */
  readonly flags?: readonly string[];
  /** Beside the caller's variables, of which those of Talaria's own are left out. */
  readonly env?: NodeJS.ProcessEnv;
  /** A command that runs it in its own place, such as `ip netns exec NAME`. */
  readonly through?: readonly string[];
  /** Is told of the process at once. */
  readonly register: (child: ChildProcess) => void;
}

export interface ServerProcess {
  readonly url: string;
  /** Where it listens, as a socket connects there. */
  readonly host: string;
  readonly port: number;
  readonly pid: number;
  /** The installation's first admin key; empty at a node that did not make it. */
  readonly adminKey: string;
  /** Ends it at once, as a crash would (SIGKILL). */
  kill(): Promise<void>;
  /** Tells it to end in order (SIGTERM). Resolves when it has. */
  terminate(): Promise<void>;
  /** Stops its clock, so to say: it does nothing until it is thawed (SIGSTOP). */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  /** Whether the process is still there. */
  readonly alive: boolean;
  /** What it has written to its error output, the last of it. */
  readonly words: string;
}

const START_TIMEOUT_MS = 60_000;
const LAST_WORDS_CHARS = 4_000;

/**
 * Starts a server on a data directory and a free port. Resolves when it listens.
 *
 * @throws Error with the server's own last words when it does not start
 */
export async function startServer({ binary, directory, data, flags = [], env = {}, through = [], register }: StartServer): Promise<ServerProcess> {
  const [program = process.execPath, ...words] = [...through, process.execPath, binary, 'start', '-o', 'json', '--data', data, '--port', '0', '--log-level', 'warn', ...flags];
  const child = spawn(program, words, { cwd: directory, env: { ...ownEnvironment(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  register(child);
  const heard = { words: '' };
  child.stderr.on('data', (chunk: Buffer) => void (heard.words = (heard.words + chunk.toString()).slice(-LAST_WORDS_CHARS)));
  const { url, port, pid, admin_key_file: keyFile } = await started(child, heard);
  return {
    url, host: new URL(url).hostname, port, pid, adminKey: keyFile === null ? '' : readFileSync(keyFile, 'utf8').trim(),
    get alive() {
      return child.exitCode === null && child.signalCode === null;
    },
    get words() {
      return heard.words;
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill: () => end(child, 'SIGKILL'),
    terminate: () => end(child, 'SIGTERM'),
  };
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

interface Started {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly admin_key_file: string | null;
}

/** What `start -o json` prints once it listens. */
function started(child: ChildProcess, heard: { readonly words: string }): Promise<Started> {
  return new Promise((resolve, reject) => {
    let out = '';
    const fail = (why: string): void => reject(new Error(`the server did not start: ${why}. ${heard.words.trim()}`.trim()));
    const timer = setTimeout(() => fail(`no answer within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    child.once('error', (error) => fail(error.message));
    // Not `exit`: its last words may still be on their way.
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      fail(`it ended with ${code ?? signal}`);
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      out = (out + chunk.toString()).slice(-LAST_WORDS_CHARS);
      const told = parse(out);
      if (told === undefined) return;
      clearTimeout(timer);
      resolve(told);
    });
  });
}

function parse(text: string): Started | undefined {
  try {
    return JSON.parse(text) as Started;
  } catch {
    return undefined;
  }
}

function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TALARIA_')));
}
