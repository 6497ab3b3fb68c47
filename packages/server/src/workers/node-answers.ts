/** What a node answers when it is asked about itself, but for its connections. */
import { behindPlace, readLinePlace } from '../domain/insight/logs.js';
import type { Answerers } from '../domain/insight/parts.js';
import type { Traces } from '../domain/insight/traces.js';
import { parseMessageId } from '@talaria/protocol';
import type { LogLines } from '../runtime/log-lines.js';
import type { Stats } from './stats.js';
import type { Trouble } from './troubles.js';

/** A setting as it may be shown: a secret is hidden. */
export interface ShownSetting {
  readonly name: string;
  readonly shown: string | number | readonly string[];
  readonly source: 'flag' | 'environment' | 'file' | 'default';
  /** The flag, variable or file; empty for a default. */
  readonly from: string;
}

export interface NodeAnswersParts {
  readonly node: string;
  readonly lines: LogLines;
  readonly settings: readonly ShownSetting[];
  readonly stats: Stats;
  readonly traces: Traces;
  readonly troubles: () => readonly Trouble[];
}

type NodeAnswers = Pick<Answerers, 'stats.get' | 'logs.list' | 'incidents.list' | 'settings.list' | 'consumers.list' | 'traces.list' | 'traces.get'>;

export function createNodeAnswers({ node, lines, settings, stats, traces, troubles }: NodeAnswersParts): NodeAnswers {
  return {
    'stats.get': ({ minutes }) => stats.part(minutes),
    'logs.list'({ level, event, app_id: app, user_id: user, since_ms: sinceMs, limit, after }) {
      const before = after === undefined ? undefined : behindPlace(readLinePlace(after), node);
      const found = lines.list({ level, event, app, user, sinceMs }, limit + 1, before);
      return { items: found.map((line) => ({ time_ms: line.timeMs, level: line.level, event: line.event, node, number: line.number, fields: line.fields })) };
    },
    'incidents.list': ({ since_ms: sinceMs }) => ({
      items: lines.incidents.list(sinceMs).map((one) => ({
        event: one.event, level: one.level, first_ms: one.firstMs, last_ms: one.lastMs, over_ms: one.overMs, count: one.count, example: one.example,
      })),
    }),
    'settings.list': () => ({
      items: settings.map(({ name, shown, source, from }) => ({ name, value: typeof shown === 'object' ? shown.join(' ') : String(shown), source, from })),
    }),
    'consumers.list': () => ({ items: troubles().map(({ name, failures, lastError, lastErrorMs }) => ({ name, failures, last_error: lastError, last_error_ms: lastErrorMs })) }),
    'traces.list': (_input, app) => ({ items: traces.list(app) }),
    'traces.get'({ message_id: id }, app) {
      const { conversationId, seq } = parseMessageId(id)!;
      const told = app === null ? null : traces.message(app, conversationId, seq);
      return { recorded: told !== null, steps: told?.steps ?? [], writes: told?.writes ?? [], writes_total: told?.writes_total ?? 0 };
    },
  };
}
