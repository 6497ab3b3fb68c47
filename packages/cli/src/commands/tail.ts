import type { Command } from 'commander';
import { addCommand, wholeNumber } from '../command.js';
import { connect, withConnection, type ConnectionFlags } from '../connection.js';
import type { Context } from '../context.js';
import { pollFacts, type Fact } from '../facts.js';
import { cut, plain } from '../text/width.js';

const EXAMPLE = 'c_06aqx7m4e5v2k8r0d1f3g5h7j8';
const DEFAULT_LAST = 10;

interface TailFlags {
  readonly last: number;
  readonly after?: number;
  readonly follow: boolean;
  readonly interval: number;
}

export function addTail(program: Command, context: Context): void {
  withConnection(
    addCommand(
      program,
      'tail <conversation>',
      'Print the facts of a conversation, and go on with new ones. With -o json, one line is one fact.',
      [`tail ${EXAMPLE}`, `tail ${EXAMPLE} --after 0 --no-follow -o json`],
    ),
  )
    .option('--last <number>', 'Begin with so many of the newest facts', wholeNumber(0, 1_000_000), DEFAULT_LAST)
    .option('--after <seq>', 'Begin after this seq; 0 is the beginning', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--no-follow', 'End when everything there is has been printed')
    .option('--interval <ms>', 'How often to ask for new facts', wholeNumber(50, 60_000), 500)
    .action(async (conversation: string, flags: ConnectionFlags & TailFlags) => {
      const client = connect(context, flags, 'app key');
      const stop = new AbortController();
      const end = (): void => stop.abort();
      process.once('SIGINT', end).once('SIGTERM', end);
      try {
        const afterSeq =
          flags.after ?? Math.max(0, (await client.call('conversations.get', { conversation_id: conversation })).head_seq - flags.last);
        for await (const fact of pollFacts(client, conversation, {
          afterSeq,
          follow: flags.follow,
          intervalMs: flags.interval,
          signal: stop.signal,
        })) {
          context.terminal.out(context.json ? `${JSON.stringify(fact)}\n` : `${lineOf(fact, context)}\n`);
        }
      } catch (error) {
        if (!stop.signal.aborted) throw error;
      }
    });
}

/** `12  09:30:01  u_…  message.created  Hello` */
function lineOf(fact: Fact, { terminal }: Context): string {
  const head = `${String(fact.seq).padStart(5)}  ${new Date(fact.time_ms).toISOString().slice(11, 19)}  `;
  const rest = `${fact.actor ?? 'app'}  ${contentOf(fact)}`;
  return terminal.style('dim', head) + cut(plain(rest), terminal.columns - head.length);
}

function contentOf(fact: Fact): string {
  const target = fact.target_seq === null ? '' : ` of ${fact.target_seq}`;
  if (fact.redacted) return `${fact.type}${target}  (erased)`;
  const { text } = fact.body;
  if (fact.type === 'message.created') return typeof text === 'string' ? text : JSON.stringify(fact.body);
  return `${fact.type}${target}  ${typeof text === 'string' ? text : JSON.stringify(fact.body)}`;
}
