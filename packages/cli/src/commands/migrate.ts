import type { MigrationStatus } from '@talaria/server';
import type { Command } from 'commander';
import { addCommand, addGroup } from '../command.js';
import { print, type Context } from '../context.js';
import { readConfig, withSettings } from '../server-config.js';
import { loadServer } from '../serve.js';
import { table } from '../text/table.js';
import { shortTime } from '../text/time.js';

export function addMigrate(program: Command, context: Context): void {
  const group = addGroup(program, 'migrate', 'The schema of a data directory. A start brings it up to date by itself.');

  const status = addCommand(group, 'status', 'List migrations and when each was applied.', [
    'migrate status',
    'migrate status --data /var/lib/talaria',
  ]);
  withSettings(status, ['data']).action(async () => {
    const { data } = readConfig(context, status).values;
    const migrations = (await loadServer()).migrationsOfDirectory(data);
    print(context, { migrations, pending: pendingOf(migrations) }, () => migrationTable(migrations, context));
  });

  const up = addCommand(group, 'up', 'Apply what is missing, while no server runs.', ['migrate up', 'migrate up --data /var/lib/talaria']);
  withSettings(up, ['data']).action(async () => {
    const { values } = readConfig(context, up);
    const module = await loadServer();
    process.umask(0o077);
    const before = pendingOf(module.migrationsOfDirectory(values.data));
    const migrations = module.migrateDataDirectory(module.serverOptions(values));
    print(
      context,
      { migrations, applied: before },
      () => migrationTable(migrations, context) + (before === 0 ? 'Nothing was missing.\n' : `${before} applied.\n`),
    );
  });
}

function pendingOf(migrations: readonly MigrationStatus[]): number {
  return migrations.filter((migration) => migration.applied_ms === null).length;
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
