import { join } from 'node:path';
import type { Command } from 'commander';
import { addCommand } from '../command.js';
import { print, type Context } from '../context.js';
import { checkDatabaseFile, checkDirectory, checkRoom, checkSharedDatabase } from '../doctor/directory.js';
import type { Finding } from '../doctor/finding.js';
import { checkPort } from '../doctor/port.js';
import { checkClock, checkFiles, checkModules, checkNode } from '../doctor/program.js';
import { CliError } from '../errors.js';
import { readConfig, withSettings } from '../server-config.js';
import { loadServer } from '../serve.js';
import { padEnd, plain, wrap } from '../text/width.js';

const MARKS = { ok: ['green', 'ok  '], warn: ['yellow', 'warn'], fail: ['red', 'fail'] } as const;
const INDENT = 22;

export function addDoctor(program: Command, context: Context): void {
  const command = addCommand(program, 'doctor', 'Check that a server can run here, and say what to do if not.', [
    'doctor',
    'doctor --data /var/lib/talaria --port 8080',
  ]);
  withSettings(command, ['data', 'host', 'port', 'database_ca']).action(async () => {
    const { values } = readConfig(context, command);
    const { data, host, port } = values;
    const module = await loadServer();
    const options = module.serverOptions(values);
    const findings = [
      checkNode(),
      ...checkModules(module),
      checkDirectory(data),
      checkRoom(data),
      options.database ? await checkSharedDatabase(module, options) : await checkDatabaseFile(module, data),
      await checkPort(host, port),
      checkClock(join(data, 'talaria.db')),
      checkFiles(),
    ];
    const failed = findings.filter(({ status }) => status === 'fail').length;
    print(context, { ok: failed === 0, checks: findings }, () => findings.map((finding) => lines(finding, context)).join(''));
    if (failed > 0) throw new CliError('checks_failed', `${failed} of ${findings.length} checks failed`);
  });
}

function lines({ name, status, message, fix }: Finding, { terminal }: Context): string {
  const [colour, mark] = MARKS[status];
  const room = terminal.columns - INDENT;
  const [first = '', ...rest] = [
    ...wrap(plain(message), room),
    ...(fix === undefined ? [] : wrap(plain(fix), room - 2).map((line, at) => (at === 0 ? `→ ${line}` : `  ${line}`))),
  ];
  const head = `${terminal.style(colour, mark)}  ${padEnd(name, INDENT - 6)}${first}`;
  return [head, ...rest.map((line) => ' '.repeat(INDENT) + line)].map((line) => `${line.trimEnd()}\n`).join('');
}
