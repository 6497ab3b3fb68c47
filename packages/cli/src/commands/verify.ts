import { resolve } from 'node:path';
import type { Command } from 'commander';
import { addCommand } from '../command.js';
import { print, type Context } from '../context.js';
import { countsText, DATABASE_SETTINGS } from '../copied.js';
import { shownProgress } from '../progress.js';
import { readConfig, withSettings } from '../server-config.js';
import { loadServer } from '../serve.js';

const DESCRIPTION =
  'Check that a backup is whole and holds together: every checksum and count, every seq, every head. Without a file the database itself is checked, while servers are at work on it. The first thing that is wrong is named.';

export function addVerify(program: Command, context: Context): void {
  const command = addCommand(program, 'verify [file]', 'Check that a backup, or the database, is whole and holds together.', [
    'verify talaria-monday.backup',
    'verify --data /var/lib/talaria',
  ]).description(DESCRIPTION);
  withSettings(command, DATABASE_SETTINGS).action(async (file: string | undefined) => {
    const { values } = readConfig(context, command);
    const module = await loadServer();
    const progress = shownProgress(context);
    const path = file === undefined ? undefined : resolve(file);
    const checking = path === undefined ? module.verifyDatabase(module.serverOptions(values), progress.show) : module.verifyFile(path, progress.show);
    const { state, counts } = await checking.finally(() => progress.end());
    print(context, { ok: true, ...(path === undefined ? {} : { file: path }), driver: state.driver, epoch: state.epoch, counts }, () => `${path ?? 'The database'} is sound: ${countsText(counts)}.\n`);
  });
}
