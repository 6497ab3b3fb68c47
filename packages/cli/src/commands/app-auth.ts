import type { OperationOutput } from '@talaria/protocol/operations';
import { InvalidArgumentError, type Command } from 'commander';
import type { CallInput } from '../client.js';
import { addCommand, collect, trueOrFalse, wholeNumber } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { record, table } from '../text/table.js';

type App = OperationOutput<'apps.get'>;
type Issuer = App['issuers'][number];
const EXAMPLE = 'a_06aqx7m4e5v2k8r0d1f3g5h7j8';
const ISSUER = 'https://a.io';

/** Who may sign users in: issuers, and Talaria's own identity. */
export function addAppAuth(group: Command, context: Context): void {
  addIssuers(group, context);
  addIssuerAdd(group, context);
  addIssuerRemove(group, context);
  addIdentity(group, context);
}

function addIssuers(group: Command, context: Context): void {
  const command = addCommand(group, 'issuers <app>', 'List the issuers whose tokens an app takes.', [`app issuers ${EXAMPLE}`]);
  withConnection(command).action(async (id: string, flags: ConnectionFlags) => {
    const { issuers } = await connect(context, flags, 'admin key').call('apps.get', { app_id: id });
    print(context, { items: issuers }, () => issuerTable(issuers, context));
  });
}

interface IssuerFlags {
  readonly audience: readonly string[];
  readonly jwksUrl?: string;
  readonly userClaim?: string;
  readonly userPrefix?: string;
  readonly algorithm?: readonly string[];
  readonly createUsers?: boolean;
}

function addIssuerAdd(group: Command, context: Context): void {
  const examples = [`app add-issuer ${EXAMPLE} ${ISSUER} --audience a`];
  const command = addCommand(group, 'add-issuer <app> <issuer>', 'Take tokens of an issuer; one that the app has is replaced.', examples);
  withConnection(command)
    .requiredOption('--audience <text>', '`aud` of its tokens; may be repeated', collect)
    .option('--jwks-url <url>', 'Where its keys are, if its OpenID configuration does not say so')
    .option('--user-claim <name>', 'The claim that is your own id of the user (default: sub)')
    .option('--user-prefix <text>', 'Put before that claim')
    .option('--algorithm <name>', 'Signature to take, such as ES256; may be repeated', collect)
    .option('--create-users <bool>', 'Whether a token of an unknown user makes that user', trueOrFalse)
    .action(async (id: string, issuer: string, flags: ConnectionFlags & IssuerFlags) => {
      const client = connect(context, flags, 'admin key');
      const { issuers } = await client.call('apps.get', { app_id: id });
      const added = {
        issuer,
        audiences: [...flags.audience],
        ...(flags.jwksUrl === undefined ? {} : { jwks_url: flags.jwksUrl }),
        ...(flags.userClaim === undefined ? {} : { user_claim: flags.userClaim }),
        ...(flags.userPrefix === undefined ? {} : { user_prefix: flags.userPrefix }),
        // The operation's schema says which there are.
        ...(flags.algorithm === undefined ? {} : { algorithms: [...flags.algorithm] as Issuer['algorithms'] }),
        ...(flags.createUsers === undefined ? {} : { create_users: flags.createUsers }),
      };
      const changed = await client.call('apps.update', { app_id: id, issuers: [...issuers.filter((one) => one.issuer !== issuer), added] });
      print(context, { items: changed.issuers }, () => issuerTable(changed.issuers, context));
    });
}

function addIssuerRemove(group: Command, context: Context): void {
  const summary = 'Take no more tokens of an issuer. Its users are disconnected.';
  const command = addCommand(group, 'remove-issuer <app> <issuer>', summary, [`app remove-issuer ${EXAMPLE} ${ISSUER}`]);
  withConnection(command).action(async (id: string, issuer: string, flags: ConnectionFlags) => {
    const client = connect(context, flags, 'admin key');
    const { issuers } = await client.call('apps.get', { app_id: id });
    if (!issuers.some((one) => one.issuer === issuer)) throw new CliError('usage', `The app has no issuer ${issuer}.`, 'talaria app issuers shows them.');
    const changed = await client.call('apps.update', { app_id: id, issuers: issuers.filter((one) => one.issuer !== issuer) });
    print(context, { items: changed.issuers }, () => issuerTable(changed.issuers, context));
  });
}

interface IdentityFlags {
  readonly enabled?: boolean;
  readonly register?: boolean;
  readonly guests?: boolean;
  readonly tokenS?: number;
  readonly sessionDays?: number;
}

function addIdentity(group: Command, context: Context): void {
  const examples = [`app identity ${EXAMPLE} --enabled true --guests true`, `app identity ${EXAMPLE}`];
  const command = addCommand(group, 'identity <app>', "Show Talaria's own identity of an app, or change it.", examples);
  withConnection(command)
    .option('--enabled <bool>', 'Whether it is on', trueOrFalse)
    .option('--register <bool>', 'Whether anybody may make an account', trueOrFalse)
    .option('--guests <bool>', 'Whether anybody may be a guest', trueOrFalse)
    .option('--token-s <number>', 'How long a user token lives', bounded(60, 3_600))
    .option('--session-days <number>', 'How long a session lives without being used', bounded(1, 365))
    .action(async (id: string, flags: ConnectionFlags & IdentityFlags) => {
      const client = connect(context, flags, 'admin key');
      const { identity: known } = await client.call('apps.get', { app_id: id });
      const wanted = settingsOf(flags);
      if (flags.enabled !== true && known === null && Object.keys(wanted).length > 0) {
        throw new CliError('usage', 'The identity of this app is off.', 'Switch it on with --enabled true.');
      }
      const changes = flags.enabled !== undefined || Object.keys(wanted).length > 0;
      const identity = flags.enabled === false ? null : { ...known, ...wanted };
      const now = changes ? (await client.call('apps.update', { app_id: id, identity })).identity : known;
      print(context, { identity: now }, () => identityText(now, context));
    });
}

function bounded(min: number, max: number): (text: string) => number {
  return (text) => {
    try {
      return wholeNumber(min, max)(text);
    } catch {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
  };
}

function settingsOf({ register, guests, tokenS, sessionDays }: IdentityFlags): NonNullable<CallInput<'apps.update'>['identity']> {
  return {
    ...(register === undefined ? {} : { register }),
    ...(guests === undefined ? {} : { guests }),
    ...(tokenS === undefined ? {} : { token_s: tokenS }),
    ...(sessionDays === undefined ? {} : { session_days: sessionDays }),
  };
}

function identityText(identity: App['identity'], { terminal }: Context): string {
  if (identity === null) return 'Off.\n';
  return record(
    [
      ['Anybody registers', identity.register ? 'yes' : 'no'],
      ['Guests', identity.guests ? 'yes' : 'no'],
      ['User token', `${identity.token_s} s`],
      ['Session', `${identity.session_days} days`],
    ],
    terminal.columns,
    terminal.style,
  );
}

function issuerTable(issuers: readonly Issuer[], { terminal }: Context): string {
  return table<Issuer>(
    [
      { title: 'ISSUER', value: ({ issuer }) => issuer, flexible: true },
      { title: 'AUDIENCES', value: ({ audiences }) => audiences.join(' '), flexible: true },
      { title: 'USER', value: ({ user_prefix, user_claim }) => `${user_prefix}${user_claim}` },
      { title: 'ALGORITHMS', value: ({ algorithms }) => algorithms.join(' ') },
    ],
    issuers,
    terminal.columns,
    terminal.style,
  );
}
