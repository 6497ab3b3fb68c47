/** What a server renders: the page as it is before anything is known, with nothing of a browser and no connection. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import ts from 'typescript';
import { folderOf } from './bundle.js';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
let place: string;
beforeAll(() => {
  // Inside of the package, so that its name is found.
  place = mkdtempSync(join(DIST, '../.react-'));
});
afterAll(() => rmSync(place, { recursive: true }));

const PROGRAM = `
  const { createElement, StrictMode, Suspense } = React;
  const { TalariaProvider, ...hooks } = Talaria;
  function Screen() {
    const { entries, loading } = hooks.useMessages('c_x');
    const { conversations } = hooks.useConversations();
    const rest = [hooks.useClient(), hooks.useConnection().state, hooks.useThread('c_x', 'm_x').loading, hooks.useTyping('c_x').users.length, hooks.usePresence(['u_x']).size, hooks.useUnread().messages,
      hooks.useMembers('c_x').members.length, hooks.useMember('c_x', 'u_x'), hooks.useReceipts('c_x').marks.size, hooks.useDraft('c_x').text, hooks.useUser('u_x'), hooks.useConversation('c_x').loading];
    return createElement('p', null, JSON.stringify([entries.length, loading, conversations.length, ...rest]));
  }
  function Waiting() {
    hooks.useMessages('c_x', { suspense: true });
    return 'never';
  }
  const connect = () => { throw new Error('a server connects nobody'); };
  const tree = createElement(StrictMode, null, createElement(TalariaProvider, { connect }, createElement(Screen), createElement(Suspense, { fallback: 'waiting' }, createElement(Waiting))));
  const { pipe } = Server.renderToPipeableStream(tree, { onError: () => undefined, onAllReady: () => pipe(process.stdout) });
`;

describe.each([18, 19] as const)('React %i', (version) => {
  // ESM finds a package by its place alone, and there is the newer one.
  it.each(version === 19 ? ['module', 'commonjs'] as const : ['commonjs'] as const)('renders what there is before anything is known, as %s', (kind) => {
    const [react, dom] = [folderOf(version, 'react'), folderOf(version, 'react-dom')];
    // The entry finds the React that stands beside it, which is the newer one: the older is put in its place.
    const hook = join(place, `hook-${version}.cjs`);
    writeFileSync(hook, `const Module = require('node:module');
      const find = Module._resolveFilename;
      Module._resolveFilename = (name, ...rest) => (name === 'react' ? ${JSON.stringify(join(react, 'index.js'))} : find(name, ...rest));`);
    const program = kind === 'commonjs'
      ? `const React = require('react'), Server = require(${JSON.stringify(join(dom, 'server.node.js'))}), Talaria = require('@talaria/sdk/react');${PROGRAM}`
      : `import { createRequire } from 'node:module'; import * as Talaria from '@talaria/sdk/react'; const require = createRequire(import.meta.url); const React = require('react'), Server = require(${JSON.stringify(join(dom, 'server.node.js'))});${PROGRAM}`;
    const file = join(place, `${kind}-${version}.${kind === 'commonjs' ? 'cjs' : 'mjs'}`);
    writeFileSync(file, program);
    const html = execFileSync(process.execPath, ['--require', hook, file], { encoding: 'utf8' }).replaceAll('&quot;', '"');
    expect(html).toContain('<p>[0,"first",0,null,"connecting","first",0,0,0,0,null,0,"",null,true]</p>');
    expect(html).toContain('waiting');
    expect(html).not.toContain('never');
  }, 60_000);

  it('has types', () => {
    const types = version === 18 ? join(ROOT, 'services/node_modules/@types/react') : join(ROOT, 'node_modules/@types/react');
    const file = join(place, `types-${version}.tsx`);
    writeFileSync(file, `
      import { connect, type Client } from '@talaria/sdk';
      import { TalariaProvider, useMessages, useUser } from '@talaria/sdk/react';
      import type { ReactElement } from 'react';
      function Chat({ id }: { readonly id: string }): ReactElement {
        const { entries, send } = useMessages(id, { suspense: true });
        const name: string | undefined = useUser(entries[0]?.message.sender_id ?? undefined)?.name;
        // @ts-expect-error a message has no such field
        void entries[0]?.message.body;
        return <button onClick={() => send(name ?? '')}>{entries.map(({ key, message }) => <i key={key}>{message.text}</i>)}</button>;
      }
      export const app = (client: Client): ReactElement => <TalariaProvider client={client}><Chat id="x" /></TalariaProvider>;
      export const owned = <TalariaProvider connect={() => connect({ url: '', app: '', token: '' })}><Chat id="x" /></TalariaProvider>;
      // @ts-expect-error a client is connected by whoever calls that
      export const wrong = <TalariaProvider connect={{ url: '' }} />;
    `);
    const program = ts.createProgram([file], {
      strict: true, exactOptionalPropertyTypes: true, noEmit: true, jsx: ts.JsxEmit.ReactJSX, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, target: ts.ScriptTarget.ES2022, types: [],
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.esnext.disposable.d.ts'], paths: { react: [types], 'react/jsx-runtime': [join(types, 'jsx-runtime')] }, skipLibCheck: false,
    });
    expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  }, 60_000);
});
