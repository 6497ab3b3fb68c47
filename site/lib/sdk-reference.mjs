// The reference of the SDK, by TypeDoc, from the declarations that are published: what an app can name is what is described.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application, LogLevel } from 'typedoc';
import { anchorOf, outsideCode } from './stage.mjs';

const PACKAGE = 'packages/sdk';
const FOLDER = 'reference/sdk';

/** The entries of the package: what an app imports, the declarations behind it, and the page's name. */
export function sdkEntries(root) {
  const { name, exports } = JSON.parse(readFileSync(join(root, PACKAGE, 'package.json'), 'utf8'));
  const entries = Object.entries(exports).filter(([, target]) => typeof target === 'object').map(([path, target]) => ({ path, types: target.import.types }));
  return [
    { name, types: 'dist/index.d.ts', page: 'client' },
    // On Node the same import leads to another file, which has more.
    { name: `${name} on Node`, types: 'dist/node.d.ts', page: 'node' },
    ...entries.filter(({ path }) => path !== '.').map(({ path, types }) => ({ name: name + path.slice(1), types, page: path.slice(2) })),
  ].map((entry) => ({ ...entry, module: entry.types.replace(/^.*\/|\.d\.ts$/g, '') }));
}

/** TypeDoc with the entries read. Call it when the SDK is built. @returns the application and its project */
export async function readSdk(root, workshop) {
  const tsconfig = join(workshop, 'tsconfig.json');
  writeFileSync(tsconfig, JSON.stringify({
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: { lib: ['ES2023', 'DOM', 'ESNext.Disposable'], composite: false, skipLibCheck: true, types: [] },
    files: sdkEntries(root).map(({ types }) => join(root, PACKAGE, types)),
  }));
  const application = await Application.bootstrapWithPlugins({
    entryPoints: sdkEntries(root).map(({ types }) => join(root, PACKAGE, types)), tsconfig, plugin: ['typedoc-plugin-markdown'], readme: 'none', logLevel: LogLevel.Error,
    outputFileStrategy: 'modules', disableSources: true, excludePrivate: true, excludeInternal: true, hideBreadcrumbs: true, hidePageHeader: true, parametersFormat: 'table', interfacePropertiesFormat: 'table', typeDeclarationFormat: 'table',
    tableColumnSettings: { hideModifiers: true },
    // What stands behind a published type without a name of its own is shown where it is used.
    validation: { notExported: false },
  });
  const project = await application.convert();
  if (!project || application.logger.hasErrors()) throw new Error('TypeDoc cannot read the declarations of the SDK.');
  return { application, project };
}

/**
 * @param root the repository, with the SDK built
 * @param workshop a folder for what lies between
 * @returns Markdown by name on the site
 */
export async function sdkReference(root, workshop) {
  const { application, project } = await readSdk(root, workshop);
  const out = mkdtempSync(join(workshop, 'typedoc-'));
  application.options.setValue('out', out);
  await application.generateOutputs(project);
  const entries = sdkEntries(root);
  const texts = new Map(entries.map((entry) => [entry.page, pageOf(entry, readFileSync(join(out, `${entry.module}.md`), 'utf8'), entries)]));
  const exported = new Map([...texts].map(([page, text]) => [page, exportedAnchors(text)]));
  const pages = [...texts].map(([page, text]) => [`${FOLDER}/${page}`, text.replaceAll(TYPE_LINK, (whole, quote, name, target) => {
    const anchor = exported.get(target === '' ? page : target.slice('./'.length))?.get(name);
    return anchor === undefined ? whole : `[${quote}${name}${quote}](${target}#${anchor})`;
  })]);
  rmSync(out, { recursive: true });
  return new Map(pages);
}

/** Classes that only the SDK makes: what is left of their constructors in the published types says nothing. */
const HIDDEN_CONSTRUCTOR = /#### Constructors\n\n##### Constructor\n\n> \*\*new \w+\*\*\(\): [^]*?(?=^#### |^\*\*\*$|(?![^]))/gm;

/** TypeDoc counts names that the page does not show, so where a type stands is looked up. */
const TYPE_LINK = /\[(`?)(\w+)\1\]\(([^)#]*)#[\w-]+\)/g;

/** The anchors of what an entry exports, by name: as headings are numbered where names come again. */
function exportedAnchors(text) {
  const seen = new Map();
  const anchors = new Map();
  outsideCode(text, (part) => {
    for (const [, level, heading] of part.matchAll(/^(#+) (.*)$/gm)) {
      const anchor = anchorOf(heading);
      const times = seen.get(anchor) ?? 0;
      seen.set(anchor, times + 1);
      if (level === '###') anchors.set(heading.replace(/\W.*/, ''), times === 0 ? anchor : `${anchor}-${times}`);
    }
    return part;
  });
  return anchors;
}

function pageOf(entry, text, entries) {
  const renamed = entries.reduce((result, { module, page }) => result.replaceAll(new RegExp(String.raw`\]\(${module}\.md(#[^)]*)?\)`, 'g'), `](./${page}$1)`), text.replaceAll(HIDDEN_CONSTRUCTOR, '').replaceAll(' | - |', ' | |'));
  return renamed.replace(/^# .*\n/, `# ${entry.name}\n\nEverything that \`${entry.name.split(' ')[0]}\` exports${entry.module === 'node' ? ' on Node' : ''}, made from its published types.\n`);
}
