/** Checks of the data directory: rights, room, and the database in it. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { DatabaseChoice } from '@talaria/server';
import type { ServerModule } from '../serve.js';
import { bytesText } from '../text/time.js';
import { fail, ok, reasonOf, warn, type Finding } from './finding.js';

const ROOM_MIN = 100 * 2 ** 20;
const ROOM_GOOD = 2 ** 30;
const PRIVATE = ['secrets.json', 'admin-key', 'talaria.db', 'talaria-search.db'] as const;

export function checkDirectory(directory: string): Finding {
  const name = 'data';
  const place = nearestExisting(directory);
  try {
    accessSync(place, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return fail(
      name,
      `${place} cannot be written by this user.`,
      `Run as its owner, or: chown ${String(process.getuid?.() ?? '')} ${place}`,
    );
  }
  if (place !== resolve(directory)) return ok(name, `${directory} is made on the first start.`);
  if (!statSync(place).isDirectory()) return fail(name, `${directory} is not a directory.`, 'Choose another one with --data.');
  const open = PRIVATE.filter((file) => modeOf(join(place, file)) & 0o077);
  if (open.length > 0)
    return warn(
      name,
      `Other users of this machine may read ${open.join(', ')} in ${directory}.`,
      `Run chmod 600 ${open.map((file) => join(directory, file)).join(' ')}`,
    );
  return ok(name, `${directory} can be read and written.`);
}

export function checkRoom(directory: string): Finding {
  const { bavail, bsize } = statfsSync(nearestExisting(directory));
  const free = bavail * bsize;
  const fix = 'Make room, or move the data directory to a larger disk.';
  if (free < ROOM_MIN) return fail('disk', `Only ${bytesText(free)} are free.`, fix);
  return free < ROOM_GOOD ? warn('disk', `Only ${bytesText(free)} are free.`, fix) : ok('disk', `${bytesText(free)} are free.`);
}

/** Opens the database for reading only, unless a server works with it. */
export async function checkDatabaseFile(module: ServerModule, directory: string): Promise<Finding> {
  const name = 'database';
  const holder = module.directoryHolder(directory);
  if (holder !== undefined) return ok(name, `In use by process ${holder}, so not read. Stop the server to check it.`);
  if (!existsSync(join(directory, 'talaria.db'))) return ok(name, 'There is none yet.');
  try {
    const problems = module.checkDatabase(directory);
    const first = problems[0];
    if (first !== undefined)
      return fail(name, `The database is damaged: ${first.replaceAll(/\s+/g, ' ')}`, 'Restore the data directory from a back-up.');
    const pending = (await module.migrationsOfDatabase({ data: directory })).filter((migration) => migration.applied_ms === null).length;
    return pending === 0 ? ok(name, 'Sound and up to date.') : ok(name, `Sound. ${pending} migrations run on the next start.`);
  } catch (error) {
    return fail(name, reasonOf(error), 'Restore the data directory from a back-up, or use the version of Talaria that wrote it.');
  }
}

/** Asks a Postgres for its schema. */
export async function checkSharedDatabase(module: ServerModule, options: DatabaseChoice): Promise<Finding> {
  const name = 'database';
  try {
    const pending = (await module.migrationsOfDatabase(options)).filter((migration) => migration.applied_ms === null).length;
    return pending === 0 ? ok(name, 'It answers and is up to date.') : ok(name, `It answers. ${pending} migrations run on the next start.`);
  } catch (error) {
    return fail(name, reasonOf(error), 'See database_url and database_ca; the database must be there, and be empty or Talaria\'s own.');
  }
}

function nearestExisting(path: string): string {
  let place = resolve(path);
  while (!existsSync(place)) place = dirname(place);
  return place;
}

function modeOf(path: string): number {
  return existsSync(path) ? statSync(path).mode : 0;
}
