/**
 * Nodes ask each other about themselves: a question goes to all, and each answers to the one that asks. What is lost is not repeated
 * (CLU2): after a second the answers that came are what there is, and the nodes that are known and have said nothing are named.
 */
import { ProtocolError } from '@talaria/protocol';
import { operations, type OperationInput } from '@talaria/protocol/operations';
import type { Bus, BusMessage } from '../bus/port.js';
import { isQuestion, partSchemas, type Answer, type Answerers, type Answers, type AskNodes, type Part, type QuestionId } from '../domain/insight/parts.js';
import type { Cancel, Clock } from '../runtime/clock.js';
import { errorFields, type Log } from '../runtime/log.js';

export const DEADLINE_MS = 1_000;
/** Questions of this node that wait, and questions of others that it is answering. */
const WAITING_MAX = 64;
const ANSWERING_MAX = 32;
export const ANSWER_CHARS_MAX = 262_144;

export interface Asking {
  readonly ask: AskNodes;
  run(): void;
  stop(): void;
}

export interface AskingParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** This node's id. */
  readonly node: string;
  /** Of all nodes that are known, this one included. */
  readonly nodes: () => readonly string[];
  readonly answerers: Answerers;
}

interface Waiting {
  /** What each node has said; null for one that could not. */
  readonly answered: Map<string, string | null>;
  /** Nodes that have said nothing yet. */
  readonly left: Set<string>;
  done(): void;
}

export function createAsking({ bus, clock, log, node, nodes, answerers }: AskingParts): Asking {
  const waiting = new Map<number, Waiting>();
  const ends: Cancel[] = [];
  let questions = 0;
  let answering = 0;

  async function ask<Id extends QuestionId>(id: Id, input: OperationInput<Id>, app: string | null, only?: string): Promise<Answers<Id>> {
    const known = nodes();
    if (only !== undefined && !known.includes(only)) throw new ProtocolError('not_found', 'There is no such node.', { field: 'node' });
    const asked = (only === undefined ? known : [only]).filter((one) => one !== node);
    // The others work on it meanwhile.
    const others = bus.lossless || asked.length === 0 ? undefined : gather(id, input, app, asked, only ?? null);
    const own = only === undefined || only === node ? [{ node, part: await answerers[id](input, app) }] : [];
    const { parts, missing } = await others ?? { parts: [], missing: [] };
    return { parts: [...own, ...parts], missing };
  }

  async function gather<Id extends QuestionId>(id: Id, input: OperationInput<Id>, app: string | null, asked: readonly string[], to: string | null): Promise<Answers<Id>> {
    if (waiting.size >= WAITING_MAX) throw new ProtocolError('overloaded', 'Too many questions to other nodes wait.', { retryAfterMs: DEADLINE_MS });
    const question = (questions += 1);
    const answered = new Map<string, string | null>();
    await new Promise<void>((resolve) => {
      const cancel = clock.after(DEADLINE_MS, resolve);
      waiting.set(question, {
        answered, left: new Set(asked),
        done() {
          cancel();
          resolve();
        },
      });
      bus.publish({ kind: 'ask', node, question, to, op: id, app, json: JSON.stringify(input) });
    });
    waiting.delete(question);
    const parts = asked.flatMap((from): Answer<Id>[] => {
      const part = readPart(id, answered.get(from) ?? null);
      return part === undefined ? [] : [{ node: from, part }];
    });
    return { parts, missing: asked.filter((one) => parts.every((part) => part.node !== one)) };
  }

  function hearAnswer({ question, from, json }: Extract<BusMessage, { kind: 'answer' }>): void {
    const one = waiting.get(question);
    // Late, twice, or of a node that was not asked.
    if (!one?.left.delete(from)) return;
    one.answered.set(from, json);
    if (one.left.size === 0) one.done();
  }

  async function answer({ node: asker, question, op, app, json }: Extract<BusMessage, { kind: 'ask' }>): Promise<void> {
    // Whoever asks goes on without this node: it has enough to do.
    if (answering >= ANSWERING_MAX) return;
    answering += 1;
    const say = (text: string | null): void => bus.publish({ kind: 'answer', to: asker, from: node, question, json: text });
    try {
      const text = isQuestion(op) ? JSON.stringify(await partOf(op, json, app)) : null;
      say(text === null || text.length > ANSWER_CHARS_MAX ? null : text);
    } catch (error) {
      log.warn('node.not_answered', { operation: op, ...errorFields(error) });
      say(null);
    } finally {
      answering -= 1;
    }
  }

  async function partOf<Id extends QuestionId>(id: Id, json: string, app: string | null): Promise<Part<Id>> {
    // Checked as whoever asks over HTTP is: what the bus brings comes from outside.
    return answerers[id](operations[id].input.parse(JSON.parse(json)), app);
  }

  return {
    ask,
    run() {
      ends.push(bus.inbox(node), bus.listen((message) => {
        if (message.kind === 'answer' && message.to === node) hearAnswer(message);
        else if (message.kind === 'ask' && message.node !== node && (message.to === null || message.to === node)) void answer(message);
      }));
    },
    stop() {
      for (const end of ends.splice(0)) end();
      for (const one of waiting.values()) one.done();
    },
  };
}

/** @returns undefined for what is no such answer: it may be of another version */
function readPart<Id extends QuestionId>(id: Id, json: string | null): Part<Id> | undefined {
  if (json === null) return undefined;
  try {
    const read = partSchemas[id].safeParse(JSON.parse(json));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
