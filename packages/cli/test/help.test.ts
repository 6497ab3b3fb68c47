import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { cliErrors } from '../src/errors.js';
import { cliReference } from '../src/main.js';
import { createProgram } from '../src/program.js';
import { leaves, pathOf } from '../src/reference.js';
import type { Terminal } from '../src/terminal.js';
import { run } from './support/cli.js';

const terminal: Terminal = {
  out: () => undefined,
  err: () => undefined,
  style: (_format, text) => text,
  styleErr: (_format, text) => text,
  columns: 80,
  interactive: false,
  ask: () => Promise.resolve(''),
};
const commands = leaves(createProgram({ terminal, env: {}, json: false }, () => undefined));

/** The whole help, with what is added after it. */
function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => void (help += text), getOutHelpWidth: () => 80 }).outputHelp();
  return help;
}

it('has the commands that scripts rely on', () => {
  expect(commands.map(pathOf).map((path) => path.replace('talaria ', ''))).toEqual([
    'start',
    'dev',
    'status',
    'cluster status',
    'stats',
    'connections list',
    'connections show',
    'connections close',
    'trace show',
    'trace start',
    'trace stop',
    'trace list',
    'consumers',
    'settings',
    'logs',
    'incidents',
    'doctor',
    'config show',
    'config check',
    'tenant create',
    'tenant list',
    'tenant show',
    'tenant update',
    'tenant suspend',
    'tenant resume',
    'tenant delete',
    'app create',
    'app list',
    'app show',
    'app update',
    'app delete',
    'app issuers',
    'app add-issuer',
    'app remove-issuer',
    'app identity',
    'key create',
    'key list',
    'key rotate',
    'key revoke',
    'operator list',
    'operator invite',
    'operator update',
    'operator disable',
    'operator delete',
    'operator link',
    'operator sessions',
    'operator end-session',
    'dashboard link',
    'token mint',
    'token inspect',
    'user create',
    'user show',
    'user update',
    'user list',
    'user presence',
    'user revoke-tokens',
    'user sessions',
    'user end-session',
    'user set-password',
    'conversation create',
    'conversation list',
    'conversation show',
    'conversation add',
    'conversation remove',
    'conversation members',
    'send',
    'tail',
    'call',
    'usage',
    'search status',
    'search rebuild',
    'verify-delivery',
    'migrate status',
    'migrate up',
    'migrate down',
    'backup',
    'verify',
    'restore',
    'move',
  ]);
});

describe.each(commands.map((command) => [pathOf(command), command] as const))('the help of %s', (path, command) => {
  const help = helpOf(command);

  it('fits 80 columns', () => {
    expect(help.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
  });

  it('says what the command does, and shows how it is typed', () => {
    expect(command.description()).toMatch(/^(?:[A-Z]).*\.( |$)/);
    expect(help).toMatch(new RegExp(`\nExamples:\n  ${path}(?: |\n|$)`));
  });

  it('describes every flag', () => {
    for (const option of command.options) expect([option.flags, option.description.length > 5]).toEqual([option.flags, true]);
  });

  it('shows examples of flags that exist', () => {
    const known = [...command.options, ...command.parent!.options, ...(command.parent?.parent?.options ?? [])].flatMap(
      ({ long, short }) => [long, short],
    );
    for (const line of help
      .slice(help.indexOf('Examples:'))
      .split('\n')
      .filter((text) => text.includes(path))) {
      for (const [flag] of line.split('|')[0]!.matchAll(/(?<= )--?[a-z][a-z-]*/g)) expect(known).toContain(flag);
    }
  });
});

describe('docs/reference/cli.md', () => {
  it('is what the commands say; run `node packages/cli/scripts/reference.mjs` when it is not', () => {
    expect(readFileSync(new URL('../../../docs/reference/cli.md', import.meta.url), 'utf8')).toBe(cliReference());
  });

  it('describes every command, flag and error code', () => {
    const page = cliReference();
    for (const command of commands) {
      expect(page).toContain(`## ${pathOf(command)}\n`);
      for (const { long } of command.options) expect(page).toContain(long);
    }
    for (const code of Object.keys(cliErrors)) expect(page).toContain(`| \`${code}\` |`);
  });
});

describe('as a process', () => {
  it('prints the help without arguments and with --help, to standard output', async () => {
    const [bare, asked] = await Promise.all([run([]), run(['--help'])]);
    expect([bare.code, asked.code, bare.stderr, asked.stderr]).toEqual([0, 0, '', '']);
    expect(bare.stdout).toBe(asked.stdout);
    expect(bare.stdout).toContain('Exit codes: 0 done, 1 failed, 2 called in a wrong way, 3 no server there.');
    expect(bare.stdout.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
  });

  it('prints the help of a group to standard error when its command is missing, with exit code 2', async () => {
    const [text, json] = await Promise.all([run(['tenant']), run(['tenant', '-o', 'json'])]);
    expect([text.code, text.stdout]).toEqual([2, '']);
    expect(text.stderr).toContain('Usage: talaria tenant ');
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'usage', message: 'A command is missing.' } });
  });
});
