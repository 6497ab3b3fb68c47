import { z } from 'zod';
import { limits } from '../limits.js';
import type { Operation } from './operation.js';
import { conversation, conversationId, limit, message, page, pageCursor, tenantId, timeMs, user, userRefOrMe } from './schemas.js';

const tag = 'search';
const question = z.string().max(limits.search_chars_max);
const key = 'data\\.[A-Za-z0-9_-]{1,64}';
/** At most 8,000,000 days from 1970, as far as dates go. */
const moment = timeMs.max(8_640_000_000_000_000);

const state = z.strictObject({
  tenant_id: tenantId.nullable().meta({ description: "Whose database it is of; null for the installation's own." }),
  generation: z.int().meta({ description: 'Grows each time a new index takes the place of the old one.' }),
  position: z.int().meta({ description: 'Of the last fact in the index.' }),
  lag_ms: z.int().min(0).meta({ description: 'How long ago the first fact came that is not in the index; 0 when all are.' }),
  building: z.strictObject({ position: z.int() }).nullable().meta({ description: 'How far a new index is; null when none is being made.' }),
});
const whichDatabase = z.strictObject({ tenant_id: tenantId.optional().meta({ description: "A tenant with a database of its own; without it, the installation's." }) });
const admin = { tag: 'operation', user: false, scope: 'admin', command: false } as const;

export const searchOperations = {
  'search.messages': {
    method: 'POST', path: '/v1/search/messages', tag, user: true, scope: 'messages:read', command: false,
    summary: 'Find messages by their words, the newest first. A user finds what they may read.',
    input: z.strictObject({
      q: question.default('').meta({ description: 'Words that must all stand in the message, in any order. There is no query language: what is written together, such as `a-b`, must stand together, and other signs mean nothing.', example: 'quarterly report' }),
      phrase: question.optional().meta({ description: 'Words that must stand one behind the other.' }),
      prefix: z.boolean().default(false).meta({ description: 'Whether the last word of `q` may be the beginning of one, from two characters on.' }),
      from_user_ids: z.array(userRefOrMe).min(1).max(20).optional().meta({ description: 'Only messages of one of these users.' }),
      conversation_ids: z.array(conversationId).min(1).max(limits.batch_items_max).optional().meta({ description: 'Only messages of one of these conversations.' }),
      has: z.array(z.string().max(80).regex(new RegExp(`^(?:link|data|${key})$`), 'must be link, data, or data. and a key')).min(1).max(8).optional()
        .meta({ description: 'What a message must hold, all of it: `link` in its text, `data`, or a key of its data such as `data.attachment`.', example: ['link'] }),
      before_ms: moment.optional().meta({ description: 'Only messages from before this moment.' }),
      after_ms: moment.optional().meta({ description: 'Only messages from this moment on.' }),
      limit, after: pageCursor.optional(),
    }),
    output: z.strictObject({
      items: z.array(z.strictObject({
        message,
        highlights: z.array(z.strictObject({ from: z.int().min(0), to: z.int().min(0) }))
          .meta({ description: 'Where in the text the words stand, in UTF-16 units as JavaScript counts them; `to` is left out.' }),
      })),
      next: pageCursor.nullable().meta({ description: 'Give it as `after` for what is older; null at the end. A page may have fewer items than its limit, or none, before the end.' }),
    }),
  },
  'search.suggest': {
    method: 'POST', path: '/v1/search/suggest', tag, user: true, scope: 'messages:read', command: false,
    summary: 'Complete the last word, with words from the newest messages that the caller may read.',
    input: z.strictObject({ q: question.min(1), limit: z.int().min(1).max(20).default(10) }),
    output: z.strictObject({ items: z.array(z.strictObject({ word: z.string(), messages: z.int().meta({ description: 'How many of the messages that were looked at have it.' }) })) }),
  },
  'search.conversations': {
    method: 'GET', path: '/v1/search/conversations', tag, user: true, scope: 'conversations:read', command: false,
    summary: 'Find conversations of a user by the words of their names, latest activity first. Each word may be the beginning of one.',
    input: z.strictObject({ q: question.min(1), user_id: userRefOrMe.default('me'), limit, after: pageCursor.optional() }), output: page(conversation),
  },
  'search.users': {
    method: 'GET', path: '/v1/search/users', tag, user: true, scope: 'users:read', command: false,
    summary: 'Find users by the words of their names; each may be the beginning of one. A user finds those with whom they share a conversation.',
    input: z.strictObject({ q: question.min(1), limit, after: pageCursor.optional() }), output: page(user),
  },
  'search.status': { ...admin, method: 'GET', path: '/v1/search/status', summary: 'How far the search index is.', input: whichDatabase, output: state },
  'search.rebuild': { ...admin, method: 'POST', path: '/v1/search/rebuild', summary: 'Make the search index anew. The old one answers until the new one is as far.', input: whichDatabase, output: state },
} as const satisfies Record<string, Operation>;
