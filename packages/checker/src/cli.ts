import { writeFileSync } from 'node:fs';
import { HistoryError } from './history-error.js';
import { nearest } from './nearest.js';
import { printable, reportLines } from './report.js';
import { judge } from './verdict.js';

/** How the command is used. */
export const USAGE = 'usage: check DIR [--json FILE]';

/** Where the command writes its lines. */
export interface CliOutput {
  out(line: string): void;
  err(line: string): void;
}

interface Arguments {
  readonly dir: string;
  readonly json: string | undefined;
}

const FLAGS = ['--json', '--help'];
const FLAG_WORD_MAX = 64;

/** Runs the command; the exit code is 0 for ok, 1 for failed, unknown or unreadable, 2 for wrong usage. */
export function runCheck(argv: readonly string[], output: CliOutput): 0 | 1 | 2 {
  if (argv.includes('--help')) {
    output.out(USAGE);
    return 0;
  }
  const given = parseArguments(argv);
  if (typeof given === 'string') {
    output.err(printable(`error: ${given}; ${USAGE}`));
    return 2;
  }
  return check(given, output);
}

function check({ dir, json }: Arguments, output: CliOutput): 0 | 1 {
  try {
    const verdict = judge(dir);
    const unwritten = json === undefined ? undefined : writeJson(json, verdict);
    if (unwritten !== undefined) output.err(printable(`error: ${unwritten}`));
    for (const line of reportLines(verdict)) output.out(line);
    return verdict.verdict === 'ok' && unwritten === undefined ? 0 : 1;
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    output.err(printable(`error: ${error.message}`));
    return 1;
  }
}

/** Why the file could not be written, or undefined. */
function writeJson(file: string, value: unknown): string | undefined {
  try {
    writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
    return undefined;
  } catch (error) {
    return `cannot write ${file}: ${(error as Error).message}`;
  }
}

/** The arguments, or what is wrong with them. */
function parseArguments(argv: readonly string[]): Arguments | string {
  const dirs: string[] = [];
  let json: string | undefined;
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--json') json = argv[(index += 1)] ?? '';
    else if (word.startsWith('--json=')) json = word.slice('--json='.length);
    else if (word.startsWith('-')) return `unknown flag ${word.slice(0, FLAG_WORD_MAX)}, did you mean ${nearest(word.slice(0, FLAG_WORD_MAX), FLAGS)}?`;
    else dirs.push(word);
  }
  if (json === '' || json?.startsWith('-')) return '--json needs a FILE';
  const [dir, extra] = dirs;
  if (dir === undefined || dir === '') return 'DIR is missing';
  if (extra !== undefined) return `one DIR only, not also ${extra}`;
  return { dir, json };
}
