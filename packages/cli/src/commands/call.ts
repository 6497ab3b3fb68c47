import type { Operation, OperationId } from '@talaria/protocol/operations';
import { Option, type Command } from 'commander';
import { addCommand, jsonObject, type JsonObject } from '../command.js';
import { withCommand, type CommandFlags } from '../command-flags.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { argumentOrInput } from '../input.js';
import { userRef } from '../references.js';
import { table } from '../text/table.js';

/** Every operation of the server's table, for what has no command of its own. */
export function addCall(program: Command, context: Context): void {
  const examples = [
    'call',
    'call pins.list \'{"conversation_id":"c_06aqx7m4e5v2k8r0d1f3g5h7j8"}\'',
    'call reactions.add \'{"message_id":"m_…","reaction":"👍"}\' --as alice',
  ];
  const summary = 'Call any operation of the API. `-` reads the JSON from standard input. Without an operation, all of them are listed.';
  withCommand(withConnection(addCommand(program, 'call [operation] [json]', summary, examples)))
    .addOption(new Option('--tag <tag>', 'List the operations of one tag only'))
    .action(async (name: string | undefined, json: string | undefined, flags: CallFlags) => {
      const { operations, findOperation } = await import('@talaria/protocol/operations');
      if (name === undefined) {
        list(context, Object.entries(operations), flags.tag);
        return;
      }
      const operation = findOperation(name);
      if (!operation) throw new CliError('usage', `There is no operation ${name}.`, 'See talaria call.');
      if (operation.public) throw new CliError('usage', `${name} is for apps, without a key.`, 'Use @talaria/sdk/identity, or HTTP.');
      const given = json === undefined ? {} : inputOf(await argumentOrInput(json));
      const input = flags.as === undefined ? given : { ...given, as_user_id: userRef(flags.as) };
      // The table checks it before anything is sent, and says which field is wrong.
      const output = await connect(context, flags, operation.scope === 'admin' ? 'admin key' : 'app key')
        .call(name as OperationId, input, flags);
      print(context, output, () => `${JSON.stringify(output, null, 2)}\n`);
    });
}

type CallFlags = ConnectionFlags & CommandFlags & { readonly tag?: string };

function inputOf(json: string): JsonObject {
  try {
    return jsonObject(json);
  } catch {
    throw new CliError('usage', 'The input must be a JSON object.', 'Give one such as \'{"message_id":"m_…"}\'.');
  }
}

function list(context: Context, all: readonly (readonly [string, Operation])[], tag: string | undefined): void {
  const found = all.filter(([, operation]) => !operation.public && (tag === undefined || operation.tag === tag));
  if (found.length === 0) throw new CliError('usage', `There is no tag ${tag}.`, 'See talaria call.');
  const rows = found.map(([operation, { tag: of, summary }]) => ({ operation, tag: of, summary }));
  print(context, rows, () =>
    table(
      [
        { title: 'Operation', value: ({ operation }) => operation },
        { title: 'Tag', value: ({ tag: of }) => of },
        { title: 'Does', value: ({ summary }) => summary, flexible: true },
      ],
      rows,
      context.terminal.columns,
      context.terminal.style,
    ),
  );
}
