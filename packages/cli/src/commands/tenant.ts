import type { OperationOutput } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { addCommand, addGroup } from '../command.js';
import { confirm, withYes, type YesFlag } from '../confirm.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { argumentOrInput } from '../input.js';
import { noteMore, readPages, withPaging, type ListFlags } from '../lists.js';
import { record, table } from '../text/table.js';
import { longTime, shortTime } from '../text/time.js';

type Tenant = OperationOutput<'tenants.get'>;
const EXAMPLE = 't_06aqx7m4e5v2k8r0d1f3g5h7j8';

export function addTenant(program: Command, context: Context): void {
  const group = addGroup(program, 'tenant', 'Tenants: the customers of this installation.');
  addCreate(group, context);
  addList(group, context);
  addShow(group, context);
  addUpdate(group, context);
  addChange(group, context, 'suspend', 'suspended', 'Suspend a tenant: its apps refuse everybody until it is resumed.');
  addChange(group, context, 'resume', 'active', 'Let a suspended tenant work again.');
  addDelete(group, context);
}

const DATABASE_URL = 'A Postgres for this tenant alone. - reads it from standard input, so that its password stands in no list of processes';

function addCreate(group: Command, context: Context): void {
  const command = addCommand(group, 'create <name>', 'Make a tenant.', ['tenant create "Acme Inc"', 'tenant create "Acme Inc" --database-url - < acme-url']);
  withConnection(command)
    .option('--database-url <url>', DATABASE_URL)
    .action(async (name: string, flags: ConnectionFlags & DatabaseFlag) => {
      const database_url = flags.databaseUrl === undefined ? undefined : await argumentOrInput(flags.databaseUrl);
      show(context, await connect(context, flags, 'admin key').call('tenants.create', { name, database_url }));
    });
}

interface DatabaseFlag {
  readonly databaseUrl?: string;
}

function addUpdate(group: Command, context: Context): void {
  const summary = 'Rename a tenant, or say where its database is: before it has apps anywhere, afterwards only at another address of the same one.';
  withConnection(addCommand(group, 'update <tenant>', summary, [`tenant update ${EXAMPLE} --name "Acme Ltd"`, `tenant update ${EXAMPLE} --database-url - < acme-url`]))
    .option('--name <name>', 'Its new name')
    .option('--database-url <url>', `${DATABASE_URL}. none: the database of the installation`)
    .action(async (id: string, { name, databaseUrl, ...flags }: ConnectionFlags & DatabaseFlag & { readonly name?: string }) => {
      const url = databaseUrl === undefined ? undefined : await argumentOrInput(databaseUrl);
      const database_url = url === 'none' ? null : url;
      show(context, await connect(context, flags, 'admin key').call('tenants.update', { tenant_id: id, name, database_url }));
    });
}

function addList(group: Command, context: Context): void {
  const command = addCommand(group, 'list', 'List tenants.', ['tenant list', 'tenant list -o json']);
  withPaging(withConnection(command)).action(async (flags: ConnectionFlags & ListFlags) => {
    const client = connect(context, flags, 'admin key');
    const page = await readPages(flags, (query) => client.call('tenants.list', query));
    print(context, page, () => tenantTable(page.items, context));
    noteMore(context, page);
  });
}

function addShow(group: Command, context: Context): void {
  const command = addCommand(group, 'show <tenant>', 'Show a tenant.', [`tenant show ${EXAMPLE}`]);
  withConnection(command).action(async (id: string, flags: ConnectionFlags) => {
    show(context, await connect(context, flags, 'admin key').call('tenants.get', { tenant_id: id }));
  });
}

function addChange(group: Command, context: Context, verb: string, status: Tenant['status'], summary: string): void {
  const command = addCommand(group, `${verb} <tenant>`, summary, [`tenant ${verb} ${EXAMPLE}`]);
  withConnection(command).action(async (id: string, flags: ConnectionFlags) => {
    show(context, await connect(context, flags, 'admin key').call('tenants.update', { tenant_id: id, status }));
  });
}

function addDelete(group: Command, context: Context): void {
  const command = addCommand(group, 'delete <tenant>', 'Delete a suspended tenant with everything it has.', [
    `tenant delete ${EXAMPLE} --yes`,
  ]);
  withYes(withConnection(command)).action(async (id: string, flags: ConnectionFlags & YesFlag) => {
    const client = connect(context, flags, 'admin key');
    await confirm(context, `Delete the tenant ${id} with all its apps`, flags.yes);
    await client.call('tenants.delete', { tenant_id: id });
    print(context, { deleted: id }, () => `Deleted ${id}.\n`);
  });
}

function show(context: Context, tenant: Tenant): void {
  print(context, tenant, () => tenantText(tenant, context));
}

function tenantText(tenant: Tenant, { terminal }: Context): string {
  return record(
    [
      ['ID', tenant.id],
      ['Name', tenant.name],
      ['Status', tenant.status],
      ['Database', tenant.database_url ?? 'of the installation'],
      ['Created', longTime(tenant.created_ms)],
    ],
    terminal.columns,
    terminal.style,
  );
}

function tenantTable(tenants: readonly Tenant[], { terminal }: Context): string {
  return table<Tenant>(
    [
      { title: 'ID', value: ({ id }) => id },
      { title: 'NAME', value: ({ name }) => name, flexible: true },
      { title: 'STATUS', value: ({ status }) => status },
      { title: 'CREATED (UTC)', value: ({ created_ms }) => shortTime(created_ms) },
    ],
    tenants,
    terminal.columns,
    terminal.style,
  );
}
