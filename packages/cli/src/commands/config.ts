import { ConfigError, type ConfigEntry } from '@talaria/server/config';
import type { Command } from 'commander';
import { addCommand, addGroup } from '../command.js';
import { print, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { readConfig, withSettings } from '../server-config.js';
import { table } from '../text/table.js';

export function addConfig(program: Command, context: Context): void {
  const group = addGroup(program, 'config', "The server's configuration.");

  const show = addCommand(group, 'show', 'Show each setting with its value and where it comes from.', [
    'config show',
    'config show --config /etc/talaria.json',
  ]);
  withSettings(show).action(() => {
    const { entries } = readConfig(context, show);
    const data = entries.map(({ name, shown, source, from }) => ({ name, value: shown, source, from }));
    print(context, { settings: data }, () =>
      table<ConfigEntry>(
        [
          { title: 'SETTING', value: ({ name }) => name },
          { title: 'VALUE', value: valueText, flexible: true },
          { title: 'FROM', value: ({ source, from }) => (from === '' ? source : from), flexible: true },
        ],
        entries,
        context.terminal.columns,
        context.terminal.style,
      ),
    );
  });

  const check = addCommand(group, 'check', 'Find every mistake in the configuration.', [
    'config check',
    'config check --config /etc/talaria.json',
  ]);
  withSettings(check).action(() => {
    const issues = issuesOf(() => readConfig(context, check));
    print(context, { ok: issues.length === 0, issues }, () =>
      issues.length === 0 ? 'The configuration is good.\n' : issues.map(({ message }) => `${message}\n`).join(''),
    );
    if (issues.length > 0)
      throw new CliError(
        'checks_failed',
        `The configuration has ${issues.length === 1 ? 'one mistake' : `${issues.length} mistakes`}`,
        'Correct what is listed.',
      );
  });
}

function valueText({ shown }: ConfigEntry): string {
  if (typeof shown === 'object') return shown.length === 0 ? '–' : shown.join(' ');
  return shown === '' ? '–' : String(shown);
}

function issuesOf(read: () => unknown): ConfigError['issues'] | readonly [] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
}
