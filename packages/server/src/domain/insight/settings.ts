import type { OperationInput, OperationOutput } from '@talaria/protocol/operations';
import type { Domain } from '../domain.js';

type Setting = OperationOutput<'settings.list'>['items'][number];

/** What nodes run with. What differs between them is there several times. @throws ProtocolError not_found */
export async function listSettings(domain: Domain, input: OperationInput<'settings.list'>): Promise<OperationOutput<'settings.list'>> {
  const { parts, missing } = await domain.ask('settings.list', input, null, input.node);
  const found = new Map<string, Setting>();
  for (const { node, part } of parts) {
    for (const item of part.items) {
      const key = JSON.stringify([item.name, item.value, item.source, item.from]);
      const known = found.get(key);
      found.set(key, { ...item, nodes: [...known?.nodes ?? [], node] });
    }
  }
  const order = new Map([...found.values()].map(({ name }, at) => [name, at] as const).reverse());
  return { items: [...found.values()].sort((left, right) => order.get(left.name)! - order.get(right.name)!), missing_nodes: [...missing] };
}
