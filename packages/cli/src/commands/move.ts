import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { MoveChoice } from '@talaria/server';
import type { ConfigValues } from '@talaria/server/config';
import type { Command } from 'commander';
import { addCommand } from '../command.js';
import { note, print, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { shownProgress } from '../progress.js';
import { readConfig, withSettings } from '../server-config.js';
import { loadServer, type ServerModule } from '../serve.js';
import { counted } from '../text/numbers.js';

const DESCRIPTION =
  'Move the database of a data directory into an empty Postgres, while a server is at work on it. Everything keeps its place, so that clients go on from their cursors. At the end nothing can be sent for a moment; from then on the server refuses what is sent, retryably, until one is started with database_url. When it is interrupted, type it again: it goes on from there. The URL may come from TALARIA_DATABASE_URL, where its password does not show in the list of processes.';

interface MoveFlags {
  readonly from: string;
  readonly to?: string;
  readonly forget?: true;
}

export function addMove(program: Command, context: Context): void {
  const command = addCommand(program, 'move', 'Move the database of a data directory into an empty Postgres.', [
    'move --from sqlite:/var/lib/talaria',
    'move --from sqlite:/srv/chat --to postgres://db.example.com/chat',
    'move --from sqlite:/var/lib/talaria --forget',
  ]).description(DESCRIPTION);
  withSettings(command, ['database_url', 'database_ca', 'database_partitions'])
    .requiredOption('--from <place>', 'sqlite: and the data directory, or the database file in it')
    .option('--to <place>', 'postgres: and the URL of an empty database (default database_url)')
    .option('--forget', 'Give up a move that was begun: the directory is as it was before')
    .action(async (flags: MoveFlags) => {
      const from = sourceOf(flags.from);
      const { values } = readConfig(context, command);
      const module = await loadServer();
      if (flags.forget) return forget(context, module, from);
      const options = module.serverOptions(values);
      const to = targetOf(flags.to, options.database, values);
      const progress = shownProgress(context);
      const choice: MoveChoice = { from, to, ...(options.secret === undefined ? {} : { secret: options.secret }) };
      const moved = await module.moveDatabase(choice, progress.show).finally(() => progress.end());
      print(context, moved, () =>
        `${moved.from} has moved to ${moved.to}: ${counted(moved.rows, 'row')}, ${counted(moved.streams, 'stream')} compared.\nNothing could be sent for ${Math.ceil(moved.pause_ms)} ms.\n`);
      note(context, 'Now stop the server, and start it with database_url. Until then it refuses what is sent; clients send it again.');
    });
}

async function forget(context: Context, module: ServerModule, from: string): Promise<void> {
  const forgotten = await module.forgetMoveOf(from);
  print(context, { forgotten }, () => (forgotten ? 'The move is given up. Drop what it has made in Postgres.\n' : 'No move was begun.\n'));
}

/** @throws CliError */
function sourceOf(text: string): string {
  const [, path = ''] = /^sqlite:(.+)$/s.exec(text) ?? [];
  if (path === '') throw new CliError('usage', '--from must be sqlite: and the path of a data directory.');
  if (!existsSync(path)) throw new CliError('usage', `${path} is not there.`);
  return resolve(path);
}

/** `postgres:` may stand before the URL or be its own. What is wrong with a URL is said without it: it may hold a password. @throws CliError */
function targetOf(text: string | undefined, configured: MoveChoice['to'] | undefined, { database_ca: ca, database_partitions: partitions }: Pick<ConfigValues, 'database_ca' | 'database_partitions'>): MoveChoice['to'] {
  if (text === undefined) {
    if (configured) return configured;
    throw new CliError('usage', 'Where to is missing: name a Postgres with --to, or with TALARIA_DATABASE_URL.');
  }
  const url = text.replace(/^postgres(?:ql)?:(?=postgres(?:ql)?:\/\/)/, '');
  if (!/^postgres(?:ql)?:\/\/[^/]/.test(url) || !URL.canParse(url)) throw new CliError('usage', '--to must be like postgres://user:password@host:5432/name.');
  return { url, ...(ca === '' ? {} : { ca }), ...(partitions === 0 ? {} : { partitions }) };
}
