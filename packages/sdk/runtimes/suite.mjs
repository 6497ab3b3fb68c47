// What every runtime must do, without anything of Node: the SDK comes in, and so does a server with a proxy that can be cut.

/**
 * @param sdk the modules: { main, live, state, views, identity }
 * @param stage { url, direct, app, tokens: { alice, bob }, control }
 * @returns the name of each case with what failed in it, if anything did
 */
export async function runSuite(sdk, stage) {
  const results = [];
  for (const [name, run] of Object.entries(cases)) {
    const clients = [];
    const client = (user, options = {}) => {
      const made = sdk.main.connect({ url: stage.url, app: stage.app, token: () => Promise.resolve(stage.tokens[user]), ...options });
      clients.push(made);
      return made;
    };
    try {
      await withLimit(run({ sdk, stage, client }), 60_000);
      results.push({ name });
    } catch (error) {
      results.push({ name, failed: String(error?.stack ?? error) });
    }
    await Promise.all(clients.map((made) => made.close()));
  }
  return results;
}

const cases = {
  'connects, and knows who it is': async ({ client }) => {
    const alice = client('alice');
    await alice.ready();
    same(alice.status.state, 'connected');
    same(/^u_[0-9a-z]{26}$/.test(alice.userId), true);
    same(Math.abs(alice.now() - Date.now()) < 60_000, true);
  },
  '[SND4,ORD1] 200 messages at once arrive in order, once, and are acked so': async ({ client }) => {
    const { chat, seen } = await pair(client);
    const texts = numbered('message', 200);
    const acks = await Promise.all(texts.map((text) => chat.send(text).sent));
    same(acks.map(({ seq }) => seq), acks.map((_, at) => acks[0].seq + at));
    await until(() => seen.length >= texts.length);
    same(seen, texts);
  },
  '[SND2,ORD3] connections that are cut while messages are on their way lose and repeat nothing': async ({ client, stage }) => {
    const { chat, seen } = await pair(client);
    const texts = numbered('cut', 120);
    const sent = [];
    for (const [at, text] of texts.entries()) {
      sent.push(chat.send(text).sent);
      if (at % 40 === 20) await fetch(`${stage.control}/cut`, { method: 'POST' });
    }
    await Promise.all(sent);
    await until(() => seen.length >= texts.length);
    same(seen, texts);
  },
  '[ORD2] a consumer is given each fact once, from the start': async ({ client, sdk }) => {
    const { chat, bob } = await pair(client);
    const texts = numbered('consumed', 50);
    await Promise.all(texts.map((text) => chat.send(text).sent));
    const again = client('bob', { store: sdk.main.memoryStore() });
    const got = [];
    await again.consume('log', (fact) => {
      if (fact.stream === chat.id && fact.type === 'message.created') got.push(fact.body.text);
    }, { from: 'start' });
    await until(() => got.length >= texts.length);
    same(got, texts);
    await bob.close();
  },
  '[ORD5] what facts fold into is what history shows': async ({ client, sdk }) => {
    const { alice, chat } = await pair(client);
    const state = sdk.state.emptyConversation(chat.id, alice.userId);
    await alice.consume('state', (fact) => {
      if (fact.stream === chat.id) sdk.state.foldConversation(state, fact);
    }, { from: 'start' });
    const first = await chat.send('frist').sent;
    const second = await chat.send({ text: 'with data 𠀀 \u{1f600}', data: { n: 1.5, list: ['ä'] } }).sent;
    await chat.edit({ id: first.id }, { text: 'first' });
    await chat.react({ id: second.id }, '👍');
    const gone = await chat.send('gone').sent;
    const { seq } = await chat.remove({ id: gone.id });
    await until(() => state.head_seq >= seq);
    const { items } = await alice.call('messages.list', { conversation_id: chat.id });
    same([...state.messages.values()].filter(({ system }) => !system), items);
  },
  'a timeline shows a message at once, and with its place under the same key': async ({ client, sdk }) => {
    const { alice, chat } = await pair(client);
    const timeline = sdk.views.views(alice).timeline(chat.id);
    await until(() => timeline.get().loading === false);
    const { key, sent } = timeline.send('shown');
    await Promise.resolve();
    same(timeline.get().entries.some((entry) => entry.key === key && entry.status !== 'sent'), true);
    await sent;
    await until(() => timeline.get().entries.some((entry) => entry.key === key && entry.status === 'sent'));
    timeline.close();
  },
  '[SIG3] typing and presence': async ({ client, sdk }) => {
    const { alice, bob, chat } = await pair(client);
    const [here, there] = [sdk.live.live(alice), sdk.live.live(bob)];
    const watch = here.watch([bob.userId]);
    await until(() => watch.get(bob.userId)?.state === 'online');
    const typing = there.typing(bob.conversations.open(chat.id));
    const seen = here.typing(chat);
    typing.start();
    await until(() => seen.users.includes(bob.userId));
    typing.stop();
    await until(() => seen.users.length === 0);
    here.close();
    there.close();
  },
  'errors have codes, also over the boundary of an entry': async ({ client, sdk, stage }) => {
    const alice = client('alice');
    const error = await alice.call('conversations.get', { conversation_id: 'c_00000000000000000000000000' }).then(() => undefined, (thrown) => thrown);
    same([error instanceof sdk.main.TalariaError, error.code], [true, 'not_found']);
    const identity = sdk.identity.createIdentity({ url: stage.direct, app: stage.app });
    same(await identity.token().then(() => '', ({ code }) => code), 'unauthenticated');
  },
  'a guest of the built-in identity connects': async ({ client, sdk, stage }) => {
    const identity = sdk.identity.createIdentity({ url: stage.direct, app: stage.app });
    const { userId } = await identity.guest('somebody');
    const guest = client('alice', { token: identity.token });
    await guest.ready();
    same(guest.userId, userId);
    await identity.logout();
  },
};

/** Alice and Bob in a new group; `seen` is what Bob sees. */
async function pair(client) {
  const [alice, bob] = [client('alice'), client('bob')];
  await Promise.all([alice.ready(), bob.ready()]);
  const chat = await alice.conversations.create({ members: [bob.userId] });
  const seen = [];
  const theirs = bob.conversations.open(chat.id);
  theirs.on('message', ({ text }) => seen.push(text));
  await until(() => bob['core'].tracker.position(chat.id) !== undefined);
  return { alice, bob, chat, seen };
}

const numbered = (name, count) => Array.from({ length: count }, (_, at) => `${name} ${at}`);

function same(actual, wanted) {
  const [left, right] = [sorted(actual), sorted(wanted)].map((value) => JSON.stringify(value));
  if (left !== right) throw new Error(`is ${left.slice(0, 2_000)}, and should be ${right.slice(0, 2_000)}`);
}

/** With the fields of objects in one order. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function withLimit(work, ms) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not done within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
