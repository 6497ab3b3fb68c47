import { nowUs } from '../clock.js';

/** Calls back so many times a second, whatever comes of it, and makes up for a timer that is late. @param call is told when it was due @returns how to stop */
export function pace(perS: number, call: (dueUs: number) => void): () => void {
  const startedUs = nowUs();
  const apartUs = 1e6 / perS;
  let called = 0;
  const timer = setInterval(() => {
    const due = (nowUs() - startedUs) / apartUs;
    for (; called < due; called += 1) call(startedUs + called * apartUs);
  }, 1);
  return () => clearInterval(timer);
}
