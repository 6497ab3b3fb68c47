import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { Domain } from '../domain.js';
import { mergeStats } from './merge-stats.js';

/** The last minutes, over all nodes or of one. @throws ProtocolError not_found */
export async function getStats(domain: Domain, input: OperationInput<'stats.get'>): Promise<OperationOutput<'stats.get'>> {
  return mergeStats(await domain.ask('stats.get', input, null, input.node));
}
