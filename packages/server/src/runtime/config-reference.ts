/** `docs/reference/configuration.md`, made from the table. */
import { fileVariableOf, flagOf, settingNames, settingOf, variableOf, type SettingName } from './config-settings.js';

const INTRODUCTION = `<!-- Generated from packages/server/src/runtime/config-settings.ts by \`node packages/cli/scripts/reference.mjs\`. Do not edit. -->

# Configuration

Each setting has one name. It can be set in three places. A flag wins over an environment variable, that wins over the
configuration file, and that wins over the default.

- **Flag** of \`talaria start\` and \`talaria dev\`: \`--heartbeat-ms 20000\`.
- **Environment**: \`TALARIA_HEARTBEAT_MS=20000\`. An empty variable counts as not set.
- **File**: \`talaria.json\` in the working directory, or the file that \`--config\` or \`TALARIA_CONFIG\` names. It holds one
  JSON object: \`{"heartbeat_ms": 20000, "trust_proxy": ["10.0.0.0/8"]}\`.

\`talaria config show\` prints each value and where it comes from. \`talaria config check\` prints every mistake. An unknown key in
the file and an unknown variable that begins with \`TALARIA_\` are mistakes. Two kinds of variables are left alone: those that
Kubernetes sets for a service named talaria, and those that begin with \`TALARIA_TEST_\`.

What is or holds a secret has no flag, because flags show in the list of processes. It may come from a file: \`TALARIA_SECRET_FILE=/run/secrets/talaria\`.
`;

/** The whole page. */
export function configReference(): string {
  const rows = settingNames.map((name) => `| [\`${name}\`](#${name}) | \`${flagOf(name) ?? '–'}\` | ${defaultOf(name)} |`);
  return [INTRODUCTION, '| Setting | Flag | Default |', '| --- | --- | --- |', ...rows, '', ...settingNames.flatMap(section)].join('\n');
}

function defaultOf(name: SettingName): string {
  const { kind, default: value, secret } = settingOf(name);
  const shown = kind.show(value);
  if (name === 'secret') return 'made on first start';
  return secret || shown === '' || (Array.isArray(shown) && shown.length === 0) ? 'none' : `\`${String(shown)}\``;
}

function section(name: SettingName): readonly string[] {
  const { kind, help } = settingOf(name);
  const flag = flagOf(name);
  const variables = [variableOf(name), fileVariableOf(name) ?? []].flat();
  const parts = [
    flag === undefined ? [] : `Flag \`${flag} <${kind.placeholder}>\`${kind.many ? ', which may be given several times' : ''}.`,
    `Environment ${variables.map((each) => `\`${each}\``).join(' or ')}${kind.many ? ', with commas between' : ''}.`,
    `Allowed: ${kind.allowed}. Default: ${defaultOf(name)}.`,
  ].flat();
  return [`## ${name}`, '', help, '', parts.join(' '), ''];
}
