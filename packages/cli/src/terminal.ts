import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';

export type Style = (format: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', text: string) => string;

/** Where a command writes to, and whom it may ask. */
export interface Terminal {
  /** Data goes to standard output, whole lines at a time. */
  out(text: string): void;
  /** What people should know beside the data goes to standard error. */
  err(text: string): void;
  /** Colours of standard output and of standard error; plain text where colour does not belong. */
  readonly style: Style;
  readonly styleErr: Style;
  /** Room for tables. */
  readonly columns: number;
  /** Whether somebody is there to answer. */
  readonly interactive: boolean;
  /** Asks on standard error. @returns what was typed; empty when the input ended */
  ask(question: string): Promise<string>;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function processTerminal(env: Environment): Terminal {
  const { stdin, stdout, stderr } = process;
  quitWhenNobodyReads(stdout);
  quitWhenNobodyReads(stderr);
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    style: styleFor(stdout.isTTY, env),
    styleErr: styleFor(stderr.isTTY, env),
    columns: columnsOf(stdout.isTTY ? stdout.columns : 0, env),
    interactive: stdin.isTTY && stderr.isTTY,
    async ask(question) {
      const lines = createInterface({ input: stdin, output: stderr });
      const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
      try {
        return await Promise.race([lines.question(question), closed]);
      } finally {
        lines.close();
      }
    },
  };
}

/** `talaria … | head` ends when head has seen enough. */
function quitWhenNobodyReads(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

/** See no-color.org. FORCE_COLOR is for those who page through colours. */
function styleFor(terminal: boolean, env: Environment): Style {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '' && env['FORCE_COLOR'] !== '0';
  const colour = !env['NO_COLOR'] && (forced || (terminal && env['TERM'] !== 'dumb'));
  return (format, text) => (colour ? styleText(format, text, { validateStream: false }) : text);
}

function columnsOf(measured: number, env: Environment): number {
  const told = Number(env['COLUMNS']);
  if (measured > 0) return Math.max(40, measured);
  return Number.isInteger(told) && told >= 40 && told <= 1_000 ? told : 80;
}
