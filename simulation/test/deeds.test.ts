import { operationIds, operations, type OperationId } from '@talaria/protocol/operations';
import { describe, expect, it } from 'vitest';
import { backendDeeds, DEEDS, LEFT_OUT, userDeeds } from '../src/deeds.js';
import { LOOKS } from '../src/looks.js';

const commands = operationIds.filter((id) => operations[id].command);
const excused: readonly OperationId[] = Object.values(LEFT_OUT).flat();

describe('what people and backends do', () => {
  it('is every command of the operation table', () => {
    expect(commands.filter((id) => !Object.hasOwn(DEEDS, id))).toEqual([]);
    expect(Object.keys(DEEDS).filter((id) => !(commands as readonly string[]).includes(id))).toEqual([]);
    expect(commands.length).toBeGreaterThan(40);
  });

  it('and what is no command, they look at, or leave for a reason', () => {
    expect(excused.filter((id) => Object.hasOwn(DEEDS, id) || Object.hasOwn(LOOKS, id))).toEqual([]);
    expect(new Set(excused).size).toBe(excused.length);
    for (const id of [...excused, ...Object.keys(LOOKS)]) expect(operationIds).toContain(id);
    for (const reason of Object.keys(LEFT_OUT)) expect(reason).toMatch(/^[A-Z].{20,}\.$/);
  });

  it('is what users may do, for users, and all of it for backends', () => {
    expect(new Set(userDeeds)).toEqual(new Set(commands.filter((id) => operations[id].user && Object.hasOwn(DEEDS, id))));
    expect(new Set(backendDeeds)).toEqual(new Set(Object.keys(DEEDS)));
  });
});
