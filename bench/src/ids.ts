/** Numbers for what a load program sends: never used again, so that a late answer to one load is no answer to the next. */
let last = 0;

export function nextId(): number {
  last += 1;
  return last;
}
