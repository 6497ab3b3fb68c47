// What stands where: the pages of the site, in the order of its menus. A page of docs/ that is not named here fails the build.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A page of docs/ keeps its name; pages from elsewhere are given one, and in the menu perhaps a shorter title. */
const other = (from, to, title) => ({ from, to, ...(title !== undefined && { title }) });
const doc = (name) => ({ from: `docs/${name}.md`, to: name });
const group = (text, pages) => ({ text, pages });

/** The menus: `text` stands in the bar, and leads to the first page; each group is a heading at the side. */
const menus = (decisions) => [
  { text: 'Quickstart', groups: [group('Begin', [doc('quickstart'), other('examples/walkthrough/README.md', 'walkthrough')])] },
  { text: 'Concepts', groups: [group('Concepts', [doc('concepts'), doc('delivery'), other('docs/ARCHITECTURE.md', 'architecture')])] },
  {
    text: 'Guides', groups: [
      group('Guides', ['guides/auth', 'react', 'views', 'guides/nextjs', 'browser', 'guides/offline', 'guides/scaling'].map(doc)),
      group('Features', ['users', 'conversations', 'joining', 'messages', 'waiting', 'receipts', 'live', 'calls', 'search', 'link-previews', 'identity'].map(doc)),
      group('Coming from', ['from-stream', 'from-sendbird', 'from-socketio'].map((name) => doc(`guides/${name}`))),
      group('Examples', [other('examples/backend/README.md', 'examples/backend'), other('examples/data-channel-call/README.md', 'examples/data-channel-call'), other('examples/echo-bot/README.md', 'examples/echo-bot'), other('examples/react-chat/README.md', 'examples/react-chat'), other('examples/support-widget/README.md', 'examples/support-widget'), other('examples/terminal-chat/README.md', 'examples/terminal-chat')]),
    ],
  },
  {
    text: 'Reference', groups: [
      group('SDK', [other('packages/sdk/README.md', 'reference/sdk', 'Overview'), { generated: 'sdk' }]),
      group('HTTP', [doc('reference/http'), doc('reference/errors'), doc('reference/limits'), doc('reference/permissions')]),
      group('Socket', [doc('reference/socket'), doc('reference/facts'), other('packages/protocol/SPEC.md', 'reference/protocol', 'Rules and wire')]),
      group('Server', [doc('reference/configuration'), doc('reference/cli'), doc('reference/metrics')]),
      group('Packages', [other('packages/protocol/README.md', 'reference/protocol-package', '@talaria/protocol'), other('packages/checker/README.md', 'reference/checker'), other('packages/probe/README.md', 'reference/probe')]),
    ],
  },
  {
    text: 'Operate', groups: [
      group('Run it', [other('deploy/README.md', 'deploy'), doc('postgres'), doc('nats'), doc('tenant-databases'), doc('administration'), doc('operators'), doc('dashboard'), doc('insight'), doc('backup'), doc('scaling'), other('SECURITY.md', 'security')]),
      group('How far to trust it', [doc('reliability'), doc('performance'), doc('simulation'), doc('fuzzing'), doc('bad-input'), other('chaos/FAULTS.md', 'faults')]),
      group('Work on it', [other('CONTRIBUTING.md', 'contributing'), other('services/README.md', 'services')]),
    ],
  },
  { text: 'Decisions', groups: [group('Decisions', decisions.map((name) => doc(`decisions/${name}`)))] },
];

/**
 * @param root the repository
 * @returns menus → groups → pages, each `{ from, to }`: a file of the repository, and its name on the site without an ending
 */
export function siteMenus(root) {
  const decisions = readdirSync(join(root, 'docs/decisions')).filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -3)).toSorted();
  return menus(decisions);
}

/** Every page that has a file, in the order of the menus. */
export const sitePages = (root) => siteMenus(root).flatMap(({ groups }) => groups.flatMap(({ pages }) => pages)).filter(({ from }) => from !== undefined);

/** Pages of docs/ that no menu names. */
export function unlisted(root) {
  const listed = new Set(sitePages(root).map(({ from }) => from));
  const files = readdirSync(join(root, 'docs'), { recursive: true }).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
  return files.filter((name) => !listed.has(name));
}
