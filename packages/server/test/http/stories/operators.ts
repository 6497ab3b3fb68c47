import { operations, type OperationId, type OperationOutput } from '@talaria/protocol/operations';
import { expect } from 'vitest';
import { openBrowser, PASSWORD, secretOf, type Browser } from '../support/browser.js';
import type { Input, Stage } from '../support/stage.js';

/** Those who run the installation. @param told to which each operation is added @param app one that they act for */
export async function tellOfOperators(stage: Stage, told: Set<OperationId>, app: string): Promise<void> {
  async function tell<Id extends OperationId>(browser: Browser, id: Id, input: Input = {}): Promise<OperationOutput<Id>> {
    const output = await browser.done(id, input);
    expect(operations[id].output.parse(output), id).toEqual(output);
    told.add(id);
    return output;
  }
  const first = await stage.done('operators.invite', { role: 'owner' }, { as: stage.adminKey });
  const ann = openBrowser(stage);
  await tell(ann, 'session.link', { link: secretOf(first.path) });
  const { operator } = await tell(ann, 'session.accept', { link: secretOf(first.path), login: 'ann@example.com', name: 'Ann', password: PASSWORD });
  expect(await tell(ann, 'operators.me')).toEqual(operator);
  expect((await tell(ann, 'session.get')).operator).toEqual(operator);
  const { operator: ben, path } = await tell(ann, 'operators.invite', { role: 'viewer', name: 'Ben' });
  await tell(ann, 'operators.link', { operator_id: ben.id });
  expect(path).toMatch(/^\/dashboard\/#link=/);
  expect(await tell(ann, 'operators.update', { operator_id: ben.id, role: 'moderator' })).toEqual({ ...ben, role: 'moderator' });
  expect(await tell(ann, 'operators.get', { operator_id: ben.id })).toEqual({ ...ben, role: 'moderator' });
  expect((await tell(ann, 'operators.list')).items).toEqual([operator, { ...ben, role: 'moderator' }]);
  expect((await ann.actingFor(app).done('users.list', {})).items.length).toBeGreaterThan(0);
  await tell(ann, 'operators.delete', { operator_id: ben.id });
  const elsewhere = openBrowser(stage);
  await tell(elsewhere, 'session.create', { login: 'ann@example.com', password: PASSWORD });
  const { items } = await tell(ann, 'operators.sessions', { operator_id: operator.id });
  expect(items.map(({ current }) => current)).toEqual([false, true]);
  await tell(ann, 'operators.revoke', { operator_id: operator.id, session_id: elsewhere.sessionId });
  await tell(ann, 'operators.password', { current_password: PASSWORD, new_password: 'another battery' });
  await tell(ann, 'session.delete');
}
