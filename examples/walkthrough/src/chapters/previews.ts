/** Link previews: off until an app switches them on, and then of the public internet alone. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Stage } from '../stage.js';
import { eventually } from '../wait.js';

export async function previews({ story, url, adminKey, appId, cli, alice }: Stage): Promise<void> {
  story.chapter('Link previews');
  let visits = 0;
  const page = createServer((_, response) => {
    visits += 1;
    response.setHeader('content-type', 'text/html').end('<title>Staff only</title>');
  });
  await new Promise<void>((resolve) => {
    page.listen(0, '127.0.0.1', resolve);
  });
  const link = `http://127.0.0.1:${(page.address() as AddressInfo).port}/`;
  const failed = async (): Promise<number> => {
    const response = await fetch(new URL('/metrics', url), { headers: { authorization: `Bearer ${adminKey}` } });
    return Number(/^talaria_previews_failed_total (\d+)/m.exec(await response.text())?.[1]);
  };
  const group = await alice.conversations.create({ name: 'Links', members: ['ext:bob'] });
  const before = await failed();
  const settings = await cli(['app', 'update', appId, '--link-previews', 'true']) as { link_previews: boolean };
  story.saw('the app switches previews on, by the command line', settings.link_previews);
  const message = await group.send(`Look: ${link}`).sent;
  const tried = await eventually(failed, (count) => count > before);
  const { previews: shown } = await alice.call('messages.get', { message_id: message.id });
  story.saw('an address of this machine is not asked, and has no preview', tried > before && visits === 0 && shown.length === 0, { tried, visits, shown });
  page.close();
}
