import { operationIds, operations } from '@talaria/protocol/operations';
import { describe, expect, it } from 'vitest';
import { backendDeeds, DEEDS, LEFT_OUT, userDeeds } from '../src/deeds.js';

const commands = operationIds.filter((id) => operations[id].command);

describe('what people and backends do', () => {
  it('is every command of the operation table, but for those that are left out for a reason', () => {
    expect(commands.filter((id) => !Object.hasOwn(DEEDS, id) && !Object.hasOwn(LEFT_OUT, id))).toEqual([]);
    expect(Object.keys(LEFT_OUT).filter((id) => Object.hasOwn(DEEDS, id))).toEqual([]);
    for (const reason of Object.values(LEFT_OUT)) expect(reason).toMatch(/\w+ \w+/);
    expect(commands.length).toBeGreaterThan(40);
  });

  it('names nothing that the table does not have, and no read', () => {
    for (const id of [...Object.keys(DEEDS), ...Object.keys(LEFT_OUT)]) expect(commands).toContain(id);
  });

  it('is what users may do, for users, and all of it for backends', () => {
    expect(new Set(userDeeds)).toEqual(new Set(commands.filter((id) => operations[id].user && Object.hasOwn(DEEDS, id))));
    expect(new Set(backendDeeds)).toEqual(new Set(Object.keys(DEEDS)));
  });
});
