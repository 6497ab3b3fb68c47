import type { MigrationStatus } from '@talaria/server';
import type { SettingName } from '@talaria/server/config';
import type { Command } from 'commander';
import { addCommand, addGroup } from '../command.js';
import { confirm, withYes, type YesFlag } from '../confirm.js';
import { print, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { readConfig, withSettings } from '../server-config.js';
import { loadServer } from '../serve.js';
import { table } from '../text/table.js';
import { shortTime } from '../text/time.js';

export function addMigrate(program: Command, context: Context): void {
  const group = addGroup(program, 'migrate', 'The schema of the database. A start brings it up to date by itself.');

  const status = addCommand(group, 'status', 'List migrations and when each was applied.', [
    'migrate status',
    'migrate status --data /var/lib/talaria',
  ]);
  withSettings(status, SETTINGS).action(async () => {
    const { values } = readConfig(context, status);
    const module = await loadServer();
    const options = module.serverOptions(values);
    const migrations = await module.migrationsOfDatabase(options);
    const partitions = await module.partitionsOfDatabase(options);
    print(context, { migrations, pending: pendingOf(migrations), partitions }, () => migrationTable(migrations, context) + partitionsText(partitions));
  });

  const up = addCommand(group, 'up', 'Apply what is missing. No server may be at work on a file.', [
    'migrate up',
    'migrate up --data /var/lib/talaria',
    'migrate up --database-partitions 16',
  ]);
  withSettings(up, [...SETTINGS, 'database_partitions']).action(async () => {
    const { values } = readConfig(context, up);
    const module = await loadServer();
    process.umask(0o077);
    const options = module.serverOptions(values);
    const before = pendingOf(await module.migrationsOfDatabase(options));
    const migrations = await module.migrateDatabase(options);
    const partitions = await module.partitionsOfDatabase(options);
    print(
      context,
      { migrations, applied: before, partitions },
      () => migrationTable(migrations, context) + partitionsText(partitions) + (before === 0 ? 'Nothing was missing.\n' : `${before} applied.\n`),
    );
  });

  const down = addCommand(group, 'down', 'Take migrations back, while no server runs. What they brought is lost.', ['migrate down --to 1']);
  withYes(withSettings(down, SETTINGS).requiredOption('--to <version>', 'The version to go back to; 0 takes everything away')).action(
    async (flags: YesFlag & { readonly to: string }) => {
      const to = versionOf(flags.to);
      const { values } = readConfig(context, down);
      const module = await loadServer();
      const choice = module.serverOptions(values);
      const applied = (await module.migrationsOfDatabase(choice)).filter(({ version, applied_ms }) => applied_ms !== null && version > to);
      const what = applied.map(({ version, name }) => `${version} (${name})`).join(', ');
      if (applied.length > 0) await confirm(context, `Take back ${what}, and lose what came with it`, flags.yes);
      const migrations = await module.migrateDatabase(choice, to);
      print(context, { migrations, taken_back: applied.length }, () => migrationTable(migrations, context) + `${applied.length} taken back.\n`);
    },
  );
}

/** What says which database it is. */
const SETTINGS: readonly SettingName[] = ['data', 'database_url', 'database_ca'];

function versionOf(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new CliError('usage', '--to must be the number of a migration.');
  return Number(text);
}

function pendingOf(migrations: readonly MigrationStatus[]): number {
  return migrations.filter((migration) => migration.applied_ms === null).length;
}

function partitionsText(partitions: number): string {
  return partitions === 0 ? '' : `Events and command keys have ${partitions} partitions each.\n`;
}

function migrationTable(migrations: readonly MigrationStatus[], context: Context): string {
  return table<MigrationStatus>(
    [
      { title: 'NO', value: ({ version }) => String(version), right: true },
      { title: 'MIGRATION', value: ({ name }) => name, flexible: true },
      { title: 'APPLIED (UTC)', value: ({ applied_ms }) => (applied_ms === null ? 'not yet' : shortTime(applied_ms)) },
    ],
    migrations,
    context.terminal.columns,
    context.terminal.style,
  );
}
