// The domain's rules, with commands that go wrong on purpose: the text of a message says how. Plain JavaScript, so
// that a database thread can load it too.

const unavailable = (message) => ({ ok: false, refusal: { code: 'unavailable', message, retryAfterMs: 10 } });

/** Texts that stage something. */
export const STAGED = {
  /** Breaks after it has changed rows of the batch. */
  breaks: 'stage: break after a change',
  /** Is decided well and then violates a primary key when it is written. */
  constraint: 'stage: a key that is taken',
  /** Is refused retryably the first time. */
  refusedOnce: 'stage: unavailable once',
  /** The clock steps back an hour before it. */
  clockBack: 'stage: clock back',
  /** Fails like a disk, the first time. */
  diskOnce: 'stage: disk error once',
  /** Fails like a database that another process holds, the first time. */
  busyOnce: 'stage: busy once',
};

const failure = (code) => Object.assign(new Error('staged'), { code });

/** A clock that goes one second forward each time it is asked. */
export function stagedClock() {
  let nowMs = 1_800_000_000_000;
  return {
    now: () => (nowMs += 1_000),
    back: () => {
      nowMs -= 3_600_000;
    },
  };
}

/** Wraps the rules. What has happened once is remembered by client id. */
export function stagedRules({ decide, decideMark }, clock) {
  const seen = new Set();
  const first = (command) => seen.size !== seen.add(command.clientId).size;
  return {
    decideMark,
    decide(work, command) {
      if (command.kind !== 'message.send') return decide(work, command);
      const { text } = JSON.parse(command.payload);
      if (text === STAGED.refusedOnce && first(command)) return unavailable('staged');
      if (text === STAGED.diskOnce && first(command)) throw failure('SQLITE_IOERR_WRITE');
      if (text === STAGED.busyOnce && first(command)) throw failure('SQLITE_BUSY');
      if (text === STAGED.clockBack) clock.back();
      const outcome = decide(work, command);
      if (text === STAGED.breaks) throw new Error('staged');
      if (text === STAGED.constraint && outcome.ok) work.remember(command, outcome.place);
      return outcome;
    },
  };
}
