/** The server's configuration as its commands read it. */
import { existsSync, readFileSync } from 'node:fs';
import { flagOf, loadConfig, settingNames, settingOf, type Config, type ConfigFile, type SettingName } from '@talaria/server/config';
import { Option, type Command } from 'commander';
import { collect } from './command.js';
import type { Context } from './context.js';
import { CliError } from './errors.js';

const DEFAULT_FILE = 'talaria.json';
/** What commander calls each flag: `--trust-proxy` is `trustProxy`. */
const attributeOf = (name: SettingName): string => name.replaceAll(/_(\w)/g, (_whole, letter: string) => letter.toUpperCase());

/** The flags of settings, from the table. Their values stay text: the table reads them, so that mistakes sound alike everywhere. */
export function withSettings(command: Command, names: readonly SettingName[] = settingNames): Command {
  for (const name of names) {
    const { kind, default: value, help } = settingOf(name);
    const flag = flagOf(name);
    if (flag === undefined) continue;
    const shown = String(kind.show(value));
    const option = new Option(`${flag} <${kind.placeholder}>`, `${help.replace(/\.$/, '')}${shown === '' ? '' : ` (default ${shown})`}`);
    command.addOption(kind.many ? option.argParser(collect) : option);
  }
  return command.option('--config <path>', `Configuration file (TALARIA_CONFIG; default ${DEFAULT_FILE}, if it is there)`);
}

/** @throws ConfigError, CliError */
export function readConfig(context: Context, command: Command, overrides: Partial<Record<SettingName, string>> = {}): Config {
  const options = command.opts<Record<string, string | readonly string[] | undefined>>();
  const given = settingNames.flatMap((name) => {
    const value = options[attributeOf(name)];
    return value === undefined ? [] : [[name, value] as const];
  });
  return loadConfig({
    flags: { ...Object.fromEntries(given), ...overrides },
    environment: context.env,
    file: readFile(options['config'] as string | undefined, context),
    readText: (path) => readFileSync(path, 'utf8'),
  });
}

function readFile(flag: string | undefined, context: Context): ConfigFile | undefined {
  const fromEnvironment = context.env['TALARIA_CONFIG'] === '' ? undefined : context.env['TALARIA_CONFIG'];
  const path = flag ?? fromEnvironment ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  if (path === undefined) return undefined;
  try {
    return { path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw new CliError('bad_config', `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
