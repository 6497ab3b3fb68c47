/** Every screen, in light and dark, wide and on a phone: axe finds nothing that keeps somebody out, and nothing sticks out. */
import type { Client } from '@talaria/sdk';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settled, startDesk, WAIT, type Desk, type Opened } from './support/desk.js';
import { connectUser, tellStory, type Story } from './support/story.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const LOOKS = [['light', 1_280], ['dark', 390]] as const;

let desk: Desk;
let story: Story;
let alice: Client;
let recorded: string;

beforeAll(async () => {
  desk = await startDesk();
  story = await tellStory(desk);
  await desk.admin.keys.create({ app_id: story.app, name: 'token server', scopes: ['tokens:write'] });
  alice = await connectUser(desk, story, 'alice');
  await story.backend.traces.start({ conversation_id: story.group });
  recorded = (await alice.conversations.open(story.group).send('Where does this go?').sent).id;
}, 300_000);
afterAll(async () => {
  await alice.close();
  await desk.stop();
});

/** By a name for whoever reads what failed; each kind of screen, and each of its parts. */
async function screens(): Promise<readonly string[]> {
  const { id: connection } = (await desk.admin.connections.list({})).items[0]!;
  const { id: operator } = (await desk.admin.operators.list({})).items[0]!;
  const inApp = ['', '/keys', '/users', '/conversations', '/conversations?words=meet', '/usage?days=1', `/messages/${story.edited}`, `/messages/${story.deleted}`, `/messages/${recorded}`];
  const parts = [
    ...['profile', 'conversations', 'connections', 'sessions', 'blocks'].map((tab) => `/users/${story.carol}?tab=${tab}`),
    ...['log', 'state', 'members', 'marks', 'trace', 'about'].map((tab) => `/conversations/${story.group}?tab=${tab}`), `/conversations/${story.group}?seq=5`,
  ];
  return [
    '/', '/connections', `/connections/${connection}`, '/consumers', '/traces', '/incidents', '/logs', '/nodes', '/settings', '/tenants', `/tenants/${story.tenant}`, '/apps', '/usage', '/keys', '/operators', `/operators/${operator}`, '/account',
    '/nowhere', '/tenants/t_06aqx7m4e5v2k8r0d1f3g5h7j8', '/connections?user=ext:nobody', ...[...inApp, ...parts].map((path) => `/apps/${story.app}${path}`),
  ];
}

async function faults({ page }: Opened): Promise<readonly string[]> {
  await page.evaluate(axe);
  return page.evaluate<string[]>(`axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => id + ' ' + nodes[0].html))`);
}

describe.each(LOOKS)('%s, %i px wide', (colorScheme, width) => {
  it('no screen has a serious fault, and none is wider than the window', async () => {
    const opened = await desk.enter('owner', '/', { colorScheme, viewport: { width, height: 844 } });
    const { page, visit } = opened;
    const found: Record<string, readonly string[]> = {};
    for (const path of await screens()) {
      await visit(path);
      await settled(page);
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
      const all = [...await faults(opened), ...(wide > width ? [`${wide} px wide`] : [])];
      if (all.length > 0) found[path] = all;
    }
    expect(found).toEqual({});
    await opened.close();
  }, 300_000);

  it('neither has a dialog, the menu, or the way in', async () => {
    const opened = await desk.enter('owner', '/tenants', { colorScheme, viewport: { width, height: 844 } });
    const { page } = opened;
    await page.getByRole('button', { name: 'New tenant' }).click();
    await page.locator('dialog[open]').waitFor(WAIT);
    expect(await faults(opened)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached', ...WAIT });
    const menu = page.getByRole('button', { name: 'Menu' });
    if (await menu.isVisible()) {
      await menu.click();
      await page.locator('nav.side').getByRole('link', { name: 'Overview' }).waitFor(WAIT);
      expect(await faults(opened)).toEqual([]);
    }
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor(WAIT);
    expect(await faults(opened)).toEqual([]);
    await opened.close();
  }, 60_000);
});
