/** What the environment says: which variables are ours, and what they hold. */
import type { ConfigIssue } from './config-error.js';
import { nearestName } from './config-nearest.js';
import { fileVariableOf, settingNames, variableOf, type SettingName } from './config-settings.js';
import { printable } from './printable.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of the command line tool; the server does not read them. */
export const toolVariables = ['TALARIA_CONFIG', 'TALARIA_URL', 'TALARIA_KEY', 'TALARIA_KEY_FILE'] as const;

const PREFIX = 'TALARIA_';
const NAME_CHARS_MAX = 100;
const knownVariables: readonly string[] = [
  ...settingNames.flatMap((name) => [variableOf(name), fileVariableOf(name) ?? []].flat()),
  ...toolVariables,
];

/** Kubernetes sets such variables for a service named `talaria`; they are not meant for us. */
const SERVICE_LINK = /^TALARIA_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)$/;
const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

function isForeign(name: string, value: string): boolean {
  if (name.startsWith('TALARIA_TEST_') || SERVICE_LINK.test(name)) return true;
  return /^TALARIA_(?:\w+_)?PORT$/.test(name) && SERVICE_ADDRESS.test(value);
}

/** An empty variable counts as not set. */
export function variable(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === '' || isForeign(name, value) ? undefined : value;
}

/** One issue for each variable that begins with TALARIA_ and means nothing. */
export function unknownVariables(env: Environment): readonly ConfigIssue[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && variable(env, name) !== undefined && !knownVariables.includes(name))
    .sort()
    .map((name) => ({ field: name, message: `${shownName(name)} is not a known variable${suggestion(nearestVariable(name))}` }));
}

/** A variable's name may hold anything but `=`. */
function shownName(name: string): string {
  const safe = printable(name);
  return safe.length > NAME_CHARS_MAX ? `${safe.slice(0, NAME_CHARS_MAX)}…` : safe;
}

/** The prefix is the same everywhere, so it says nothing about nearness. */
function nearestVariable(name: string): string | undefined {
  const nearest = nearestName(
    name.slice(PREFIX.length),
    knownVariables.map((known) => known.slice(PREFIX.length)),
  );
  return nearest === undefined ? undefined : `${PREFIX}${nearest}`;
}

/** `; did you mean X?`, or nothing. */
export function suggestion(nearest: string | undefined): string {
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

export interface FromEnvironment {
  readonly text: string;
  /** The variable that was read. */
  readonly from: string;
}

/**
 * The text of a setting, from its variable or from the file that its `…_FILE` variable names.
 *
 * @throws Error with one sentence when both are set or the file cannot be read
 */
export function fromEnvironment(name: SettingName, env: Environment, readText: (path: string) => string): FromEnvironment | undefined {
  const direct = variableOf(name);
  const indirect = fileVariableOf(name);
  const text = variable(env, direct);
  const file = indirect === undefined ? undefined : variable(env, indirect);
  if (indirect === undefined || file === undefined) return text === undefined ? undefined : { text, from: direct };
  if (text !== undefined) throw new Error(`is set twice; keep ${direct} or ${indirect}`);
  try {
    return { text: readText(file).trim(), from: indirect };
  } catch (error) {
    throw new Error(`cannot be read: ${printable(error instanceof Error ? error.message : String(error))} (${indirect})`, { cause: error });
  }
}
