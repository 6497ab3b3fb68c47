import { describe, expect, it } from 'vitest';
import { confirm } from '../src/confirm.js';
import type { Context } from '../src/context.js';

function answering(answer: string, { interactive = true, json = false } = {}): { readonly context: Context; readonly asked: string[] } {
  const asked: string[] = [];
  const ask = (question: string): Promise<string> => {
    asked.push(question);
    return Promise.resolve(answer);
  };
  const plain = (_format: string, text: string): string => text;
  const terminal = { out: () => undefined, err: () => undefined, style: plain, styleErr: plain, columns: 80, interactive, ask };
  return { context: { terminal, env: {}, json }, asked };
}

describe('what destroys', () => {
  it('asks on a terminal, and goes on after yes alone', async () => {
    const yes = answering('Yes ');
    await confirm(yes.context, 'Delete the app a_1', undefined);
    expect(yes.asked).toEqual(['Delete the app a_1? This cannot be undone. Type yes to go on: ']);
    for (const answer of ['', 'y', 'no', 'yes please']) {
      await expect(confirm(answering(answer).context, 'Delete', undefined)).rejects.toMatchObject({ code: 'cancelled', exit: 1 });
    }
  });

  it('asks nobody with --yes', async () => {
    const { context, asked } = answering('no');
    await confirm(context, 'Delete', true);
    expect(asked).toEqual([]);
  });

  it('is refused where nobody can be asked: off a terminal, and by programs', async () => {
    for (const where of [{ interactive: false }, { json: true }]) {
      await expect(confirm(answering('yes', where).context, 'Delete', undefined)).rejects.toMatchObject({ code: 'not_confirmed', exit: 2 });
    }
  });
});
