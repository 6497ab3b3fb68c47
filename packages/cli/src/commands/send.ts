import type { OperationOutput } from '@talaria/protocol/operations';
import type { Command } from 'commander';
import { addCommand, jsonObject, type JsonObject } from '../command.js';
import { withCommand, type CommandFlags } from '../command-flags.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import { print, type Context } from '../context.js';
import { argumentOrInput } from '../input.js';
import { userRef } from '../references.js';
import { record, type Field } from '../text/table.js';
import { longTime } from '../text/time.js';

const EXAMPLE = 'c_06aqx7m4e5v2k8r0d1f3g5h7j8';

export function addSend(program: Command, context: Context): void {
  const examples = [`send ${EXAMPLE} "Hello" --as alice`, `send ${EXAMPLE} "Maintenance at noon"`];
  const summary = 'Send a message. `-` reads the text from standard input.';
  withCommand(withConnection(addCommand(program, 'send <conversation> <text>', summary, examples)))
    .option('--data <json>', 'Your own JSON object, sent along', jsonObject)
    .option('--silent', 'Do not count it as unread')
    .action(async (conversation: string, text: string, flags: SendFlags) => {
      const { data, silent, as } = flags;
      const sent = { conversation_id: conversation, text: await argumentOrInput(text), data, silent };
      const client = connect(context, flags, 'app key');
      const result = await client.call('messages.send', { ...sent, as_user_id: as === undefined ? undefined : userRef(as) }, flags);
      print(context, result, () => resultText(result, context));
    });
}

type SendFlags = ConnectionFlags & CommandFlags & { readonly data?: JsonObject; readonly silent?: true };

function resultText(result: OperationOutput<'messages.send'>, { terminal }: Context): string {
  const again: readonly Field[] = result.duplicate ? [['Done', 'before, under the same idempotency key']] : [];
  const fields: readonly Field[] = [['Message', result.id], ['Seq', String(result.seq)], ['Time', longTime(result.time_ms)], ...again];
  return record(fields, terminal.columns, terminal.style);
}
