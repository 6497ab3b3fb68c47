import { resolve } from 'node:path';
import type { Command } from 'commander';
import { addCommand } from '../command.js';
import { note, print, type Context } from '../context.js';
import { countsText, DATABASE_SETTINGS } from '../copied.js';
import { shownProgress } from '../progress.js';
import { readConfig, withSettings } from '../server-config.js';
import { loadServer } from '../serve.js';

const DESCRIPTION =
  'Fill a new data directory, or the empty Postgres of database_url, from a backup: with all of it or nothing. What came after the backup is lost, and clients are told so: they start again from the newest page.';

interface RestoreFlags {
  readonly from: string;
  readonly secrets?: string;
}

export function addRestore(program: Command, context: Context): void {
  const command = addCommand(program, 'restore', 'Fill a new data directory, or an empty Postgres, from a backup.', [
    'restore --from monday.backup --secrets secrets.json --data /srv/chat',
  ]).description(DESCRIPTION);
  withSettings(command, [...DATABASE_SETTINGS, 'database_partitions'])
    .requiredOption('--from <file>', 'The backup')
    .option('--secrets <file>', 'The secrets.json that lay beside the database')
    .action(async ({ from, secrets }: RestoreFlags) => {
      const { values } = readConfig(context, command);
      const module = await loadServer();
      process.umask(0o077);
      const options = module.serverOptions(values);
      const progress = shownProgress(context);
      const restored = await module
        .restoreDatabase(options, resolve(from), secrets === undefined ? undefined : resolve(secrets), progress.show)
        .finally(() => progress.end());
      const { counts, epoch, hasSecret } = restored;
      print(context, { data: values.data, epoch, counts, has_secret: hasSecret }, () => `Restored ${countsText(counts)}.\n`);
      if (!hasSecret) note(context, `Before you start the server: put secrets.json of the old data directory into ${values.data}, or set TALARIA_SECRET.`);
    });
}
