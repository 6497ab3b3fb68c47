import type { Page } from '@talaria/services';
import { createRequire } from 'node:module';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

interface Violation {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** @returns what axe finds on a page that is serious or critical */
export async function faults(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ path: AXE });
  // What fades in has its colours then.
  await page.waitForFunction('document.getAnimations().every((one) => one.playState !== "running" || one.effect.getTiming().iterations === Infinity)');
  const { violations } = await page.evaluate<{ violations: readonly Violation[] }>('axe.run(document)');
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary = '' }) => `${id}: ${html} ${failureSummary}`));
}
