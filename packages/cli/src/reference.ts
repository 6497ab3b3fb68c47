/** `docs/reference/cli.md`, made from the commands themselves. */
import type { Command } from 'commander';
import { cliErrors } from './errors.js';

const INTRODUCTION = `<!-- Generated from packages/cli/src by \`node packages/cli/scripts/reference.mjs\`. Do not edit. -->

# Command line

\`talaria\` runs a server and administers running ones. \`start\`, \`dev\`, \`doctor\`, \`config\` and \`migrate\` work on this machine. All others
speak HTTP to a server: \`--url\` or \`TALARIA_URL\` says where it is, \`--key\`, \`--key-file\`, \`TALARIA_KEY\` or \`TALARIA_KEY_FILE\` gives the
key. Without a key, administration on the server's own machine takes \`admin-key\` from \`./talaria-data\` or \`TALARIA_DATA\`.

With \`-o json\` data goes to standard output as JSON, and an error to standard error as
\`{"error":{"code","message","remediation"}}\`. Colour is used on terminals only, and not when \`NO_COLOR\` is set.

| Exit code | Meaning |
| --- | --- |
| 0 | done |
| 1 | failed, or the server refused it |
| 2 | called in a wrong way: unknown flag, wrong value, missing key, bad configuration |
| 3 | no server there |

A server's refusal keeps the server's error code. The tool's own codes are:

| Code | Exit code | What to do |
| --- | --- | --- |
`;

/** The whole page. */
export function commandReference(program: Command): string {
  const codes = Object.entries(cliErrors).map(([code, { exit, remediation }]) => `| \`${code}\` | ${exit} | ${remediation} |`);
  return `${INTRODUCTION}${codes.join('\n')}\n\n${leaves(program).map(section).join('\n')}`;
}

/** Commands that do something, in the order of the help. */
export function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

/** `talaria tenant create` */
export function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function section(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => void (help += text), getOutHelpWidth: () => 80 }).outputHelp();
  // Flags that every command has stand at the top of the page.
  const own = help
    .replace(/\nGlobal Options:\n(?: .*\n)+/, '')
    .replace(/^ {2}-h, --help.*\n/m, '')
    .replace(/\nOptions:\n(?=\n)/, '')
    .trimEnd();
  return `## ${pathOf(command)}\n\n\`\`\`text\n${own}\n\`\`\`\n`;
}
