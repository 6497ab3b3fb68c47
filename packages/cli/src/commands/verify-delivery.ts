import { join, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { createClient, type Client } from '../client.js';
import { addCommand, wholeNumber } from '../command.js';
import { accessTo, withConnection, type ConnectionFlags } from '../connection.js';
import { note, print, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { record, type Field } from '../text/table.js';
import type { Verified } from '../verify/verify.js';

const MINUTES_MIN = 0.1;
const MINUTES_MAX = 1_440;

interface VerifyFlags {
  readonly minutes: number;
  readonly users: number;
  readonly pace: number;
  readonly keep?: string;
}

const DESCRIPTION =
  "Check that a running server loses, repeats and reorders nothing. Clients send, edit, delete and read in a tenant that is made for them, and is deleted at the end. All the while their processes are killed and started again. What they were told and shown is judged against the server's log.";

export function addVerifyDelivery(program: Command, context: Context): void {
  const command = addCommand(program, 'verify-delivery', 'Check that a running server loses, repeats and reorders nothing.', [
    'verify-delivery',
    'verify-delivery --url https://chat.example.com --minutes 5',
    'verify-delivery --minutes 0.5 --keep history',
  ]).description(DESCRIPTION);
  withConnection(command)
    .option('--minutes <number>', 'How long clients are at work', minutesOf, 1)
    .option('--users <number>', 'How many users, each with one client', wholeNumber(2, 200), 6)
    .option('--pace <ms>', 'Each user does something every so many ms', wholeNumber(10, 60_000), 250)
    .option('--keep <directory>', 'Keep the histories, so that anybody can judge them')
    .action((flags: ConnectionFlags & VerifyFlags) => verifyOn(context, flags));
}

async function verifyOn(context: Context, flags: ConnectionFlags & VerifyFlags): Promise<void> {
  const { url, key } = accessTo(context, flags, 'admin key');
  const historyDir = flags.keep === undefined ? undefined : resolve(flags.keep);
  // Loaded here: no other command needs them.
  const { Progress, refuseUsedDirectory, Scene } = await import('@talaria/probe/harness');
  const { verify } = await import('../verify/verify.js');
  if (historyDir !== undefined) refuseUsedDirectory(historyDir);
  const client = createClient({ url, key });
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const { id: tenantId } = await client.call('tenants.create', { name: 'verify-delivery' });
  try {
    const verified = await runClients();
    await tell(context, flags, verified);
  } catch (error) {
    await removeTenant(client, tenantId).catch((more: unknown) => note(context, more instanceof Error ? more.message : String(more)));
    throw error;
  }
  await removeTenant(client, tenantId);

  async function runClients(): Promise<Verified> {
    const scene = new Scene('talaria-verify-');
    const progress = new Progress(process.stderr);
    try {
      return await verify({
        url, adminKey: key, tenantId, minutes: flags.minutes, users: flags.users, pace_ms: flags.pace, scene, signal: stop.signal,
        historyDir: historyDir ?? join(scene.directory, 'history'), show: (text) => context.json || progress.show(text),
      });
    } finally {
      progress.end();
      // Before their tenant is deleted: its clients must not find it gone.
      await scene.close();
    }
  }
}

/** What was done and seen, and last the verdict. @throws CliError unproven */
async function tell(context: Context, { users, minutes, keep }: VerifyFlags, { verdict, crashes, problems }: Verified): Promise<void> {
  const { reportLines } = await import('@talaria/checker');
  const good = verdict.verdict === 'ok' && problems.length === 0;
  print(context, { ok: good, minutes, users, crashes, problems, ...verdict }, () => {
    const { columns, style } = context.terminal;
    const fields: readonly Field[] = [
      ['Clients', `${users}, at work for ${minutes} min; ${crashes} times one of their processes was killed`],
      ['Repeats', `${verdict.duplicates} commands were sent again, and answered as the first time`],
      ...(keep === undefined ? [] : [['History', keep] as const]),
    ];
    return `${record(fields, columns, style)}${[...problems, ...reportLines(verdict)].map((line) => `${line}\n`).join('')}`;
  });
  if (!good) throw new CliError('unproven', verdict.verdict === 'failed' ? 'The promise does not hold here.' : 'The run proves nothing.');
}

/** @throws CliError left_behind */
async function removeTenant(client: Client, id: string): Promise<void> {
  try {
    await client.call('tenants.update', { tenant_id: id, status: 'suspended' });
    await client.call('tenants.delete', { tenant_id: id });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError('left_behind', `The tenant ${id}, which was made for this run, could not be deleted: ${why}`);
  }
}

function minutesOf(text: string): number {
  const value = /^\d{1,4}(?:\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= MINUTES_MIN && value <= MINUTES_MAX) return value;
  throw new InvalidArgumentError(`It must be a number from ${MINUTES_MIN} to ${MINUTES_MAX}.`);
}
