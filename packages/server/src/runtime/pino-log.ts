import { writeSync } from 'node:fs';
import { styleText } from 'node:util';
import { pino, stdTimeFunctions, type Logger } from 'pino';
import type { Log } from './log.js';
import { hideSecrets, safeFields } from './safe-fields.js';

export interface PinoLogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** `auto` is pretty on a terminal, else JSON. */
  readonly format: 'auto' | 'pretty' | 'json';
  /** Whether pretty lines have colour. Default: on a terminal, unless NO_COLOR is set. */
  readonly colour?: boolean;
  /** Where whole lines go. Default: standard error. */
  readonly write?: (line: string) => void;
}

/** The log of a server process: one line an event, with control characters escaped and anything like a key or token hidden. */
export function createPinoLog(options: PinoLogOptions): Log {
  const terminal = process.stderr.isTTY;
  const pretty = options.format === 'pretty' || (options.format === 'auto' && terminal);
  const write = options.write ?? writeToStderr;
  const form = pretty ? prettyForm(options.colour ?? (terminal && !process.env['NO_COLOR'])) : (line: string) => line;
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: 'event',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => write(escapeControls(form(hideSecrets(line)))) },
  );
  return wrap(logger);
}

function wrap(logger: Logger): Log {
  return {
    debug: (event, fields) => logger.debug(safeFields(fields, TAKEN), event),
    info: (event, fields) => logger.info(safeFields(fields, TAKEN), event),
    warn: (event, fields) => logger.warn(safeFields(fields, TAKEN), event),
    error: (event, fields) => logger.error(safeFields(fields, TAKEN), event),
    with: (fields) => wrap(logger.child(safeFields(fields, TAKEN))),
  };
}

/** pino's own fields, which a caller's must not shadow. */
const TAKEN = new Set(['level', 'time', 'event']);

/**
 * JSON escapes the controls below U+0020 by itself. A terminal obeys those from U+007F on, too, some readers take U+2028 for the
 * end of a line, and marks of direction make a line show as something else.
 */
function escapeControls(line: string): string {
  return line.replaceAll(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const COLOURS = { debug: 'gray', info: 'green', warn: 'yellow', error: 'red' } as const;

/** `12:30:01.250 INFO  server.started port=7400`; a value that is more than a word stands in JSON's quotes. */
function prettyForm(colour: boolean): (line: string) => string {
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  return (line) => {
    const { time, level, event, ...fields } = JSON.parse(line) as { time: string; level: keyof typeof COLOURS; event: string } & Record<
      string,
      unknown
    >;
    const shown = Object.entries(fields).map(([name, value]) => ` ${style('gray', `${name}=`)}${shortJson(value)}`);
    return `${style('gray', localTime(time))} ${style(COLOURS[level], level.toUpperCase().padEnd(5))} ${event}${shown.join('')}\n`;
  };
}

function shortJson(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
}

function localTime(iso: string): string {
  const time = new Date(iso);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

/** At once, so that the last line before a crash is not lost. A reader that went away is no reason to stop serving. */
function writeToStderr(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // EAGAIN: the pipe is full, and waiting would stop the server. EPIPE: nobody reads any more.
  }
}
