/** What an operator sees of a running installation, and what is done about it. Answers cover every node that answers within a second. */
import { z } from 'zod';
import type { Operation } from './operation.js';
import {
  appId, connectionId, conversationId, deviceId, empty, limit, messageId, pageCursor, seq, tenantId, timeMs, userId, userRef,
} from './schemas.js';

const operator = { user: false, scope: 'admin', command: false, tag: 'insight' } as const;
/** For an app's key, within its app; an admin key names the app, or asks of all. */
const reads = { user: false, scope: 'insight:read', command: false, tag: 'insight' } as const;
const writes = { ...reads, scope: 'insight:write' } as const;

const node = z.string().min(1).max(64).regex(/^[\w-]+$/, 'must be the id of a node');
const ofNode = node.optional().meta({ description: 'Only this node, by its id as cluster.get has it.' });
const ofApp = appId.optional().meta({ description: "For an admin key; an app's key is of its own app." });
const short = z.string().min(1).max(128);
const missing = { missing_nodes: z.array(z.string()).meta({ description: 'Nodes that did not answer in time: what they would have said is missing.' }) };
/** A list over nodes: without those that did not answer, the rest is still said. */
const over = <T extends z.ZodType>(item: T) => z.strictObject({ items: z.array(item), ...missing });
const pageOver = <T extends z.ZodType>(item: T) => z.strictObject({
  items: z.array(item), next: pageCursor.nullable().meta({ description: 'Give it as `after` for the next page; null on the last one.' }), ...missing,
});

/** What the series of `stats.get` measure. Counts are by the second, times in ms. */
export const statNames = [
  'connections', 'messages_per_s', 'deliveries_per_s', 'refusals_per_s', 'http_requests_per_s', 'http_errors_per_s', 'send_p50_ms', 'send_p95_ms', 'send_p99_ms', 'commit_ms', 'loop_lag_ms',
  'memory_bytes', 'storage_bytes', 'consumer_lag_ms',
] as const;

const connection = z.strictObject({
  id: connectionId, app_id: appId, user_id: userId, node: z.string(), device_id: deviceId.nullable(), agent: z.string(), address: z.string(), form: z.enum(['binary', 'json']),
  opened_ms: timeMs, away: z.boolean(), followed: z.int().meta({ description: 'Streams that it follows, its own user\'s among them.' }),
  behind: z.int().meta({ description: 'Those of them that it is being caught up on.' }),
  slow: z.boolean().meta({ description: 'Whether it takes nothing at the moment: it is off all streams until it does.' }),
  buffered_bytes: z.int().meta({ description: 'Written to it, and not yet taken by its network.' }),
  in_flight: z.int().meta({ description: 'Commands that wait for their answer.' }),
  pong_ms: timeMs.nullable().meta({ description: 'When it last answered a heartbeat; null before the first.' }),
});
const followed = z.strictObject({
  stream: z.string(), state: z.enum(['live', 'behind']), cursor_seq: seq, head_seq: seq,
});

const level = z.enum(['info', 'warn', 'error']);
const logFields = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const logLine = z.strictObject({ time_ms: timeMs, level, event: z.string(), node: z.string(), number: z.int().meta({ description: 'Counts the lines of the node.' }), fields: logFields });

const trace = z.strictObject({
  app_id: appId, conversation_id: conversationId, started_ms: timeMs, until_ms: timeMs, running: z.boolean(),
  messages: z.int().meta({ description: 'Messages of which something was recorded, on the node that recorded most.' }),
});
const moment = z.number().meta({ description: 'Milliseconds since 1970, with a fraction: exact between steps of one node, as far as the clocks agree between two.' });
const followsOf = { app_id: ofApp };

export const insightOperations = {
  'stats.get': {
    ...operator, method: 'GET', path: '/v1/stats', summary: 'The last minutes of the installation, or of one node, as series of numbers.',
    input: z.strictObject({ minutes: z.int().min(1).max(60).default(5).meta({ description: 'Up to 5 in steps of a second, beyond that of ten.' }), node: ofNode }),
    output: z.strictObject({
      step_s: z.int(), times_ms: z.array(timeMs).meta({ description: 'When each step began.' }),
      series: z.array(z.strictObject({
        name: z.enum(statNames), of: z.string().nullable().meta({ description: 'The code of refusals, or the name of the consumer; null for the whole.' }),
        values: z.array(z.number().nullable()).meta({ description: 'One for each step; null where nothing is known.' }),
      })),
      nodes: z.array(z.string()).meta({ description: 'Whose numbers these are.' }), ...missing,
    }),
  },
  'connections.list': {
    ...reads, method: 'GET', path: '/v1/connections', summary: 'List open connections, the oldest first.',
    input: z.strictObject({
      app_id: ofApp, user_id: userRef.optional(), address: short.optional().meta({ description: 'What the address begins with.' }),
      agent: short.optional().meta({ description: 'What the name of the client begins with.' }), node: ofNode, limit, after: pageCursor.optional(),
    }),
    output: pageOver(connection),
  },
  'connections.get': {
    ...reads, method: 'GET', path: '/v1/connections/{connection_id}', summary: 'Get a connection with the streams that it follows.',
    input: z.strictObject({ connection_id: connectionId }), output: connection.extend({ streams: z.array(followed) }),
  },
  'connections.close': {
    ...writes, method: 'POST', path: '/v1/connections/{connection_id}/close', summary: 'Close a connection. The client comes back, unless it is told not to.',
    input: z.strictObject({
      connection_id: connectionId, reason: z.string().max(200).default('').meta({ description: 'For the log. The client is not told.' }),
      final: z.boolean().default(false).meta({ description: 'Whether the client is told not to come back. Its token stays valid: auth.revoke ends that.' }),
    }),
    output: empty,
  },
  'logs.list': {
    ...operator, method: 'GET', path: '/v1/logs', summary: 'The last lines of the log that nodes keep in memory, the newest first.',
    input: z.strictObject({
      level: level.default('info').meta({ description: 'The least level.' }), event: short.optional().meta({ description: 'What the name of the event begins with.' }), app_id: appId.optional(), user_id: userRef.optional(),
      since_ms: timeMs.optional(), node: ofNode, limit, after: pageCursor.optional(),
    }),
    output: pageOver(logLine),
  },
  'incidents.list': {
    ...operator, method: 'GET', path: '/v1/incidents', summary: 'What went wrong lately, by the kind of event, the latest first.',
    input: z.strictObject({ since_ms: timeMs.optional(), node: ofNode }),
    output: over(z.strictObject({
      event: z.string(), level, first_ms: timeMs, last_ms: timeMs, over_ms: timeMs.nullable().meta({ description: 'When it was over, for what has an end that can be seen; null while it goes on, or when that is not known.' }),
      count: z.int(), nodes: z.array(z.string()), example: logFields.meta({ description: 'The fields of the last such line.' }),
    })),
  },
  'settings.list': {
    ...operator, method: 'GET', path: '/v1/settings', summary: 'The settings that nodes run with, and where each comes from. Secrets are hidden.',
    input: z.strictObject({ node: ofNode }),
    output: over(z.strictObject({
      name: z.string(), value: z.string(), source: z.enum(['default', 'file', 'environment', 'flag']), from: z.string().meta({ description: 'The file, variable or flag.' }),
      nodes: z.array(z.string()).meta({ description: 'A setting that differs between nodes is there several times.' }),
    })),
  },
  'consumers.list': {
    ...operator, method: 'GET', path: '/v1/consumers', summary: 'What works on the log: how far each consumer is, who does it, and what failed.',
    input: z.strictObject({ tenant_id: tenantId.optional().meta({ description: "A tenant with a database of its own; without it, the installation's." }) }),
    output: over(z.strictObject({
      name: z.string(), position: z.int(), head: z.int(), lag: z.int().meta({ description: 'Facts that it has not looked at.' }),
      lag_ms: z.int().meta({ description: 'How old the first of them is; 0 when there is none.' }), node: z.string().nullable().meta({ description: 'Who holds the lease; null when nobody does.' }),
      lease_until_ms: timeMs.nullable(), failures: z.int().meta({ description: 'In a row, on the node that has most.' }), last_error: z.string().nullable(), last_error_ms: timeMs.nullable(),
      dead_letters: z.int().meta({ description: 'Facts that were given up, up to 100.' }),
    })),
  },
  'traces.start': {
    ...writes, method: 'POST', path: '/v1/traces', summary: 'Record for a while how messages of a conversation go from node to node and to connections.',
    input: z.strictObject({ conversation_id: conversationId, for_s: z.int().min(1).max(600).default(60), ...followsOf }), output: z.strictObject({ until_ms: timeMs, ...missing }),
  },
  'traces.stop': {
    ...writes, method: 'DELETE', path: '/v1/traces/{conversation_id}', summary: 'Stop recording. What was recorded is kept for a while.',
    input: z.strictObject({ conversation_id: conversationId, ...followsOf }), output: z.strictObject({ stopped: z.boolean().meta({ description: 'Whether it was being recorded.' }), ...missing }),
  },
  'traces.list': {
    ...reads, method: 'GET', path: '/v1/traces', summary: 'Conversations that are recorded, or were lately.', input: z.strictObject(followsOf), output: over(trace),
  },
  'traces.get': {
    ...reads, method: 'GET', path: '/v1/messages/{message_id}/trace', summary: 'The way of one message: when it was read, committed and acked, how it came to each node, and to whom it was written.',
    input: z.strictObject({ message_id: messageId, ...followsOf }),
    output: z.strictObject({
      message_id: messageId, conversation_id: conversationId, seq, position: z.int().meta({ description: 'In the order of the whole store.' }), sender_id: userId.nullable(), committed_ms: timeMs, trace_id: z.string(),
      recorded: z.boolean().meta({ description: 'Whether a trace was running on some node. Without one, only what the log and the marks know is said.' }),
      steps: z.array(z.strictObject({
        step: z.enum(['read', 'committed', 'announced', 'acked', 'received', 'published']), node: z.string(), at_ms: moment,
        took_ms: z.number().nullable().meta({ description: 'Of a commit: from the command to the answer of the storage.' }),
      })).meta({ description: 'In the order of their times.' }),
      writes: z.array(z.strictObject({
        node: z.string(), connection_id: connectionId, user_id: userId, how: z.enum(['live', 'catch_up']), at_ms: moment,
      })).meta({ description: 'To whom it was written, the first first; 1,000 at most.' }),
      writes_total: z.int(),
      members: z.int(), delivered: z.int(), read: z.int(),
      marks: z.array(z.strictObject({ user_id: userId, delivered: z.boolean(), read: z.boolean() })).nullable().meta({ description: 'Of each member but the sender; null in a conversation of more than 100.' }),
      ...missing,
    }),
  },
} as const satisfies Record<string, Operation>;
