/** Does something at least so many times, and again until the time is over. @param endMs by `performance.now` */
export async function rounds(endMs: number, least: number, round: (at: number) => Promise<void>): Promise<void> {
  for (let at = 0; at < least || performance.now() < endMs; at += 1) await round(at);
}
