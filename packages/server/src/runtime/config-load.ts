import { fromEnvironment, unknownVariables, type Environment } from './config-environment.js';
import { ConfigError, type ConfigIssue } from './config-error.js';
import { parseConfigFile, type ConfigFile } from './config-file.js';
import type { Reading } from './config-kinds.js';
import { flagOf, settingNames, settingOf, variableOf, type ConfigValues, type SettingName } from './config-settings.js';

export interface ConfigSources {
  /** What was given on the command line, unread. */
  readonly flags?: Readonly<Partial<Record<SettingName, string | readonly string[]>>>;
  readonly environment?: Environment;
  readonly file?: ConfigFile | undefined;
  /** Reads the file that a `…_FILE` variable names. */
  readonly readText?: (path: string) => string;
}

export interface ConfigEntry {
  readonly name: SettingName;
  /** As it may be shown: a secret is hidden. */
  readonly shown: string | number | readonly string[];
  readonly source: 'flag' | 'environment' | 'file' | 'default';
  /** The flag, variable or file; empty for a default. */
  readonly from: string;
}

export interface Config {
  readonly values: ConfigValues;
  /** One for each setting, in the order of the table. */
  readonly entries: readonly ConfigEntry[];
}

interface Found {
  readonly reading: Reading<unknown>;
  readonly source: ConfigEntry['source'];
  readonly from: string;
}

/**
 * Reads the configuration: flags before environment before file before defaults.
 *
 * @throws ConfigError with an issue for every value that is wrong and every name that is unknown
 */
export function loadConfig(sources: ConfigSources): Config {
  const environment = sources.environment ?? {};
  const file = sources.file === undefined ? { fields: {}, issues: [] } : parseConfigFile(sources.file);
  const issues: ConfigIssue[] = [...file.issues, ...unknownVariables(environment)];
  const values: Partial<Record<SettingName, unknown>> = {};
  const entries: ConfigEntry[] = [];
  for (const name of settingNames) {
    const { reading, source, from } = find(name, sources, environment, file.fields);
    if (reading.ok) {
      values[name] = reading.value;
      entries.push({ name, shown: settingOf(name).kind.show(reading.value), source, from });
    } else {
      issues.push({ field: name, message: `${name} ${reading.problem}${from === '' ? '' : ` (${from})`}` });
    }
  }
  const [first, ...more] = issues;
  if (first) throw new ConfigError([first, ...more]);
  return { values: values as ConfigValues, entries };
}

function find(name: SettingName, sources: ConfigSources, environment: Environment, fields: Readonly<Record<string, unknown>>): Found {
  const { kind, default: value } = settingOf(name);
  const flag = flagOf(name);
  const given = sources.flags?.[name];
  if (flag !== undefined && given !== undefined) {
    return { reading: kind.fromText(typeof given === 'string' ? given : given.join(',')), source: 'flag', from: flag };
  }
  try {
    const found = fromEnvironment(name, environment, sources.readText ?? noFiles);
    if (found) return { reading: kind.fromText(found.text), source: 'environment', from: found.from };
  } catch (error) {
    return { reading: { ok: false, problem: error instanceof Error ? error.message : String(error) }, source: 'environment', from: '' };
  }
  if (Object.hasOwn(fields, name))
    return { reading: kind.fromJson(fields[name]), source: 'file', from: sources.file?.path ?? variableOf(name) };
  return { reading: { ok: true, value }, source: 'default', from: '' };
}

function noFiles(): string {
  throw new Error('files are not read here');
}
