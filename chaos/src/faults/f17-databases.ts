/** Databases in the place of its own that a node must not take: it says so in one line, and does not start. */
import { runToEnd, talariaBinary, type Ended } from '@talaria/probe/harness';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Told } from '../fault.js';
import type { Rig } from '../rig.js';
import { talaria } from '../talaria.js';

const START_MS = 60_000;

interface BadDatabase {
  readonly name: string;
  /** What the first line must say. */
  readonly said: RegExp;
  /** Whether it has Talaria's schema, before it is spoiled. */
  readonly migrated: boolean;
  /** Spoils it. */
  readonly sql: string;
  /** Another one than the installation's. */
  readonly secret?: string;
}

const BAD_DATABASES: readonly BadDatabase[] = [
  { name: 'a database of something else', said: /belongs to another program/, migrated: false, sql: 'CREATE TABLE recipes (name text)' },
  { name: 'a database of a newer version', said: /newer/, migrated: true, sql: 'UPDATE migrations SET version = version + 1000' },
  { name: 'a migration that was changed', said: /was changed after it had been applied/, migrated: true, sql: "UPDATE migrations SET checksum = 'another' WHERE version = 1" },
  { name: 'a table that is not there any more', said: /database|relation/, migrated: true, sql: 'DROP TABLE store' },
];
const OTHER_SECRET = { name: 'another secret', said: /secret/i };

/** @returns each database that was taken, or refused in more than a line */
export async function badDatabases(rig: Rig): Promise<Told> {
  const { backing } = rig;
  const problems: string[] = [];
  const check = (name: string, said: RegExp, ended: Ended): void => {
    const problem = refusalProblem(ended, said);
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
  };
  for (const [at, { name, said, migrated, sql: spoil }] of BAD_DATABASES.entries()) {
    rig.show(`starting a node on ${name}`);
    const url = await backing.postgres.createDatabase();
    if (migrated) {
      const { code, err } = await talaria(rig, ['migrate', 'up'], { TALARIA_DATABASE_URL: url });
      if (code !== 0) problems.push(`${name}: talaria migrate has failed: ${err.trim()}`);
    }
    await backing.session((sql) => sql.unsafe(spoil).then(() => undefined), url);
    check(name, said, await start(rig, `bad-${at}`, url, backing.secret));
  }
  rig.show(`starting a node with ${OTHER_SECRET.name}`);
  check(OTHER_SECRET.name, OTHER_SECRET.said, await start(rig, 'bad-secret', backing.url, randomBytes(32).toString('base64')));
  return { problems, figures: { bad_databases_refused: BAD_DATABASES.length + 1 - problems.length } };
}

function start({ scene }: Rig, data: string, url: string, secret: string): Promise<Ended> {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TALARIA_')));
  return runToEnd(process.execPath, [talariaBinary(import.meta.url), 'start', '--data', join(scene.directory, data), '--port', '0', '--log-level', 'error'], START_MS, {
    cwd: scene.directory, env: { ...own, TALARIA_DATABASE_URL: url, TALARIA_SECRET: secret },
  });
}

/** What is wrong with how a node refuses a database, or undefined. */
function refusalProblem({ code, lines: out, err }: Ended, said: RegExp): string | undefined {
  if (code === -1) return 'the node has started on it';
  if (code === 0) return 'the node has ended as if nothing were wrong';
  const lines = `${out.join('\n')}${err}`.trim().split('\n');
  if (!said.test(lines[0] ?? '')) return `the node does not say what is wrong: ${lines[0]}`;
  return lines.length <= 2 && !lines.some((line) => /^\s+at /.test(line)) ? undefined : `the node says it in ${lines.length} lines`;
}
