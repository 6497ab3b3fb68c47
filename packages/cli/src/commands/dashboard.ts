import type { Command } from 'commander';
import type { OperatorRole } from '@talaria/protocol/operations';
import { addCommand, addGroup } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { invited, linked, linkText, OPERATOR, roleOption } from './operator.js';

export function addDashboard(program: Command, context: Context): void {
  const group = addGroup(program, 'dashboard', 'The dashboard: a page of the server for those who run it.');
  const summary = 'Make a link into the dashboard: for a new operator, or for one who cannot sign in any more.';
  const command = addCommand(group, 'link', summary, ['dashboard link', 'dashboard link --role viewer', `dashboard link --operator ${OPERATOR}`]);
  withConnection(command)
    .addOption(roleOption('Role of the new operator (default owner)'))
    .option('--operator <id>', 'For this operator, to choose a new password')
    .action(async ({ role, operator, ...flags }: ConnectionFlags & { readonly role?: OperatorRole; readonly operator?: string }) => {
      if (role !== undefined && operator !== undefined) throw new CliError('usage', 'Who is an operator has a role.', 'Give --role or --operator, or change the role with talaria operator update.');
      const client = connect(context, flags, 'admin key');
      const link = operator === undefined ? await invited(client, { role: role ?? 'owner' }) : await linked(client, operator);
      print(context, link, () => linkText(link, context));
    });
}
