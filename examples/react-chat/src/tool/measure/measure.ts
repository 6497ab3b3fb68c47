/** What the built page costs, and how fast it scrolls: measured by Chromium's own trace. */
import type { Page } from '@talaria/services';
import { availableParallelism, loadavg } from 'node:os';
import { fillConversation } from './long-conversation.js';
import { ARRIVED, framesOf, paintsOf, traced, type Frames, type Paints } from './trace.js';
import { gzipBytes } from './weight.js';
import { withStage, type Stage } from '../stage.js';

const MESSAGES = 10_000;
const LOADS = 7;
/** So few are on the first screen, and on the last one. */
const MARGIN = 100;
/** The seq at which it is there. */
const FIRST = 10;
const VIEWPORT = { viewport: { width: 1280, height: 800 } };
const SCROLL_PX_PER_S = 6_000;
/** One turn of the wheel; there are as many as it takes. */
const TURN_PX = 24_000;
const TURNS_MAX = 100;
const FRAMES_PER_S_MIN = 50;
const SCROLLER = '.messages-scroller';
const FLAGS = ['--limit-conversation-per-s', '1000000', '--limit-conversation-burst', '1000000', '--limit-app-per-s', '1000000', '--limit-app-burst', '1000000', '--limit-user-per-s', '1000000', '--limit-user-burst', '1000000', '--limit-address-per-s', '1000000', '--limit-address-burst', '1000000'];

export async function measure(): Promise<void> {
  await withStage(FLAGS, async (stage) => {
    process.stdout.write(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)} before it began\n`);
    process.stdout.write(`JavaScript: ${kb(gzipBytes(stage.folder, '.js'))} gzip; CSS: ${kb(gzipBytes(stage.folder, '.css'))} gzip\n`);
    const loads: Paints[] = [];
    for (let load = 0; load < LOADS; load += 1) loads.push(await firstVisit(stage));
    process.stdout.write(`First paint: ${median(loads.map((one) => one.first_paint_ms)).toFixed(0)} ms; first contentful paint: ${median(loads.map((one) => one.first_contentful_paint_ms)).toFixed(0)} ms (median of ${LOADS} first visits)\n`);
    const id = await fillConversation(stage.backend, MESSAGES);
    const scroll = await scrollThrough(stage, id);
    process.stdout.write(`Scrolling past ${scroll.passed} of ${MESSAGES} messages at ${SCROLL_PX_PER_S} px/s, for ${scroll.seconds.toFixed(0)} s: ${scroll.frames_per_s.toFixed(1)} frames/s, `
      + `${scroll.worst_frames_per_s} in the worst second, longest gap ${scroll.longest_gap_ms.toFixed(0)} ms, main thread at work for ${(scroll.main_thread * 100).toFixed(0)} % of the time, ${scroll.kept} messages in the page\n`);
    if (scroll.frames_per_s < FRAMES_PER_S_MIN) throw new Error(`It scrolls with less than ${FRAMES_PER_S_MIN} frames/s.`);
  });
}

/** A first visit: nothing is in the cache. */
async function firstVisit({ chromium, url }: Stage): Promise<Paints> {
  let close = async (): Promise<void> => undefined;
  const events = await traced(chromium, async () => {
    const { page, close: end } = await chromium.open(`${url}/`, VIEWPORT);
    close = end;
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  });
  await close();
  return paintsOf(events, url);
}

interface Scroll extends Frames {
  readonly passed: number;
  readonly kept: number;
}

/** The wheel is turned from the newest message on, until the first one is there. */
async function scrollThrough({ chromium, url, page: { demo: [person] } }: Stage, id: string): Promise<Scroll> {
  const { page, close } = await chromium.open(`${url}/`, VIEWPORT);
  await page.getByRole('button', { name: person?.name ?? '' }).click();
  await page.getByRole('navigation', { name: 'Conversations' }).waitFor();
  await page.goto(`${url}/#/${id}`);
  await page.locator('.message', { hasText: `${MESSAGES}. ` }).waitFor();
  const first = await firstShown(page);
  const session = await page.context().newCDPSession(page);
  const { x, y } = await middleOf(page);
  await page.evaluate(([selector, mark]) => {
    const scroller = document.querySelector(selector)!;
    scroller.addEventListener('scroll', () => {
      if (scroller.scrollTop === 0 && scroller.querySelector('.text')?.textContent.startsWith('1. ') === true) performance.mark(mark);
    });
  }, [SCROLLER, ARRIVED] as const);
  const events = await traced(chromium, async () => {
    for (let turns = 0; turns < TURNS_MAX && await firstShown(page) > FIRST; turns += 1) {
      await session.send('Input.synthesizeScrollGesture', { x, y, yDistance: TURN_PX, speed: SCROLL_PX_PER_S, gestureSourceType: 'mouse' });
    }
  });
  const passed = first - await firstShown(page);
  if (passed < MESSAGES - MARGIN) throw new Error(`Only ${passed} messages were passed.`);
  const kept = await page.locator(`${SCROLLER} [data-key]`).count();
  const pid = busiest(events.filter(({ name }) => name === 'DrawFrame').map((event) => event.pid));
  await close();
  return { ...framesOf(events, pid), passed, kept };
}

function middleOf(page: Page): Promise<{ readonly x: number; readonly y: number }> {
  return page.evaluate((selector) => {
    const { left, top, width, height } = document.querySelector(selector)!.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  }, SCROLLER);
}

/** The seq of the first message on the screen. */
function firstShown(page: Page): Promise<number> {
  return page.evaluate((selector) => {
    const scroller = document.querySelector(selector)!;
    const { top } = scroller.getBoundingClientRect();
    const first = [...scroller.querySelectorAll<HTMLElement>('[data-key]')].find((one) => one.getBoundingClientRect().bottom > top);
    return Number(first?.dataset['seq'] ?? 0);
  }, SCROLLER);
}

/** The process that has drawn most: that of the page. */
function busiest(pids: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const pid of pids) counts.set(pid, (counts.get(pid) ?? 0) + 1);
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0] ?? 0;
}

const median = (numbers: readonly number[]): number => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
const kb = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`;
