import { resolve } from 'node:path';
import type { Command } from 'commander';
import { addCommand } from '../command.js';
import { note, print, type Context } from '../context.js';
import { countsText, DATABASE_SETTINGS } from '../copied.js';
import { shownProgress } from '../progress.js';
import { readConfig, withSettings } from '../server-config.js';
import { loadServer } from '../serve.js';
import { bytesText } from '../text/time.js';

const DESCRIPTION =
  "Copy the whole database into one file, while servers are at work on it. The file holds everything but the installation's secret: keep secrets.json of the data directory, or TALARIA_SECRET, in another place. Without it the secrets of apps cannot be read again.";

export function addBackup(program: Command, context: Context): void {
  const command = addCommand(program, 'backup', 'Copy the whole database into one file, while servers are at work on it.', [
    'backup --to talaria-monday.backup',
    'backup --data /var/lib/talaria --to /mnt/backups/monday.backup',
  ]).description(DESCRIPTION);
  withSettings(command, DATABASE_SETTINGS).requiredOption('--to <file>', 'File to make; there must be none of this name').action(async ({ to }: { readonly to: string }) => {
    const { values } = readConfig(context, command);
    const module = await loadServer();
    const progress = shownProgress(context);
    const { path, bytes, counts, epoch } = await module.backupDatabase(module.serverOptions(values), resolve(to), progress.show).finally(() => progress.end());
    print(context, { file: path, bytes, epoch, counts }, () => `${path}: ${bytesText(bytes)}, ${countsText(counts)}.\n`);
    note(context, 'The secret of the installation is not in it: keep secrets.json of the data directory, or TALARIA_SECRET, too.');
  });
}
