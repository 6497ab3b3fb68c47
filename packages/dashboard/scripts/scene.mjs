// An installation as it might be: a week of messages behind it, people at it. Everything goes through the interfaces that others have.
import { connect } from '@talaria/sdk';
import { connectAdmin } from '@talaria/sdk/admin';

const HOUR_MS = 3_600_000;
const BEAT_MS = 400;
/** So many people are connected in the end; one comes in so many beats. */
const CONNECTED = 16;
const EVERY_BEATS = 6;
const PEOPLE = [
  'Amara Okafor', 'Bram de Vries', 'Chiara Conti', 'Dev Patel', 'Elif Kaya', 'Fatou Diallo', 'Greta Lind', 'Hugo Martin', 'Ines Silva', 'Jonas Weber', 'Kaori Sato', 'Liam Byrne',
  'Maya Cohen', 'Noor Haddad', 'Oskar Nowak', 'Priya Nair', 'Quentin Roy', 'Rosa Vega', 'Sven Holm', 'Tala Reyes',
];
const GROUPS = ['Harbour office', 'Night shift', 'Route planning', 'Ferry 12', 'Cold chain', 'Customs desk', 'Weather watch', 'Spring launch'];
const LINES = [
  'The 6:40 is ten minutes late, tell the crew.', 'Who has the keys for gate 4?', 'I have them, be there in five.', 'Customs wants the manifest again, as a PDF this time.', 'Sent.', 'Thank you!', 'Can somebody take my shift on Thursday?',
  'I can, if you take Sunday.', 'Deal.', 'Two pallets are missing from the cold chain report.', 'Found them, they were booked on Ferry 11.', 'Wind is up to 7 from noon on.', 'Then we load the light ones first.', 'Lunch?', 'At one, the usual place.',
  'The new scanner does not like wet labels.', 'Dry them.', 'Very funny.', 'Route 3 is open again.', 'Good, I am turning around.', 'Please confirm when Ferry 12 has left.', 'Left at 14:05.', 'Numbers for the week are in the folder.', 'Looks better than last week.',
];
const MISTAKE = 'The code of the safe is on the board.';

/** A generator of numbers that are the same each time, so that pictures differ by what has changed alone. */
function numbers(seed) {
  let state = seed;
  const next = () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
  return { below: (limit) => Math.floor(next() * limit), of: (list) => list[Math.floor(next() * list.length)], next };
}

const pause = (ms) => new Promise((resolve) => {
  setTimeout(resolve, ms);
});

const idOf = (name) => name.toLowerCase().replaceAll(/[^a-z]+/g, '-');

/**
 * Two customers with apps, people and conversations, and a week in which they wrote.
 *
 * @param setBack sets the time of day back, in ms; at the end it is the machine's again
 */
export async function tellWeek(server, adminKey, setBack) {
  const random = numbers(7);
  const admin = connectAdmin({ url: server.url, key: adminKey });
  setBack(7 * 24 * HOUR_MS);
  const { id: tenant } = await admin.tenants.create({ name: 'Northwind Ferries' });
  const { id: other } = await admin.tenants.create({ name: 'Lumen Clinics' });
  const app = await admin.apps.create({ tenant_id: tenant, name: 'Crew chat' });
  await admin.apps.update({ app_id: app.id, link_previews: true });
  await admin.apps.create({ tenant_id: tenant, name: 'Passenger help' });
  await admin.apps.create({ tenant_id: other, name: 'Ward messages' });
  const { secret } = await admin.keys.create({ app_id: app.id, name: 'roster server' });
  const backend = connectAdmin({ url: server.url, key: secret });
  const people = await Promise.all(PEOPLE.map(async (name) => ({ name, external: idOf(name), id: (await backend.users.create({ external_id: idOf(name), name, data: { team: random.of(['bridge', 'deck', 'office']) } })).id })));
  const groups = [];
  for (const [at, name] of GROUPS.entries()) {
    const members = people.filter((_, index) => (index * 7 + at * 3) % 5 < 3 || at === 0);
    const { conversation_id: id } = await backend.conversations.create({ name, member_ids: members.map((one) => one.id), as_user_id: members[0].id });
    groups.push({ id, name, members });
  }
  for (let at = 0; at < 6; at += 1) await backend.conversations.create({ kind: 'direct', member_ids: [people[at].id, people[at + 7].id] });

  for (let hour = 7 * 24; hour > 0; hour -= 1) {
    setBack(hour * HOUR_MS);
    const time = new Date(Date.now());
    const share = Math.max(0, Math.sin(((time.getUTCHours() - 5) / 16) * Math.PI)) * (time.getUTCDay() % 6 === 0 ? 0.4 : 1);
    const sends = Array.from({ length: 3 + Math.round(share * (220 + random.below(160))) }, () => {
      const group = random.of(groups);
      return { conversation_id: group.id, text: random.of(LINES), as_user_id: random.of(group.members).id };
    });
    await Promise.all(sends.map((input) => backend.messages.send(input)));
  }
  setBack(0);
  // What works on the log is to have done so before the server goes.
  while ((await admin.consumers.list({})).items.some(({ lag }) => lag > 0)) await pause(200);
  return { adminKey, appKey: secret, app, people, groups };
}

/** What somebody would look into: a message that was edited, liked and read, one that was erased, and a key that ends soon. */
export async function tellStory({ admin, backend, app, groups }) {
  const [group] = groups;
  const [one, two, three, four] = group.members;
  const send = async (text, by) => (await backend.messages.send({ conversation_id: group.id, text, as_user_id: by.id })).id;
  const edited = await send('Ferry 12 leaves at 14:00 from pier 3.', one);
  await send('Noted, crew is on its way.', two);
  const erased = await send(MISTAKE, three);
  await backend.messages.edit({ message_id: edited, text: 'Ferry 12 leaves at 14:30 from pier 5.', as_user_id: one.id });
  for (const [by, reaction] of [[two, '♥'], [three, '♥'], [four, '+1']]) await backend.reactions.add({ message_id: edited, reaction, as_user_id: by.id });
  await backend.messages.delete({ message_id: erased, as_user_id: three.id });
  await admin.keys.create({ app_id: app.id, name: 'token server', scopes: ['tokens:write'], expires_ms: Date.now() + 30 * 24 * HOUR_MS });
  return { edited };
}

/** Most members have a message, some have read it. */
export async function markRead(backend, group, seq) {
  for (const [at, by] of group.members.entries()) {
    if (at % 4 !== 3) await backend.marks.set({ conversation_id: group.id, delivered_seq: seq, ...(at % 3 === 1 && { read_seq: seq }), as_user_id: by.id });
  }
}

/** By keys that were made before, on a server that has been started again. */
export function withServer({ adminKey, appKey, ...scene }, server) {
  return { ...scene, admin: connectAdmin({ url: server.url, key: adminKey }), backend: connectAdmin({ url: server.url, key: appKey }) };
}

/** People at their devices, who come one by one, and write until they are stopped, now more and now less. */
export function startLife(server, { backend, app, people, groups }) {
  const random = numbers(11);
  const clients = [];
  let beats = 0;
  const come = async (person) => {
    const { token } = await backend.auth.token({ external_id: person.external });
    const client = connect({ url: server.url, app: app.public_key, token });
    await client.ready();
    clients.push({ ...person, client });
  };
  const beat = () => {
    if (beats % EVERY_BEATS === 0 && beats / EVERY_BEATS < CONNECTED) come(people[beats / EVERY_BEATS]).catch(fail);
    beats += 1;
    const wave = 2 + 1.1 * Math.sin(beats / 40) + 0.6 * Math.sin(beats / 11);
    for (let left = Math.round(wave * random.next() * 2); left > 0; left -= 1) {
      const group = random.of(groups);
      const writers = clients.filter(({ id }) => group.members.some((one) => one.id === id));
      if (writers.length > 0) random.of(writers).client.conversations.open(group.id).send(random.of(LINES)).sent.catch(fail);
    }
    // Somebody whose app asks for what is not there.
    if (beats % 37 === 0) clients[0].client.call('messages.get', { message_id: 'm_06aqx7m4e5v2k8r0d1f3g5h7j80000000000a' }).catch(() => undefined);
  };
  const timer = setInterval(beat, BEAT_MS);
  return {
    clients,
    async stop() {
      clearInterval(timer);
      await Promise.all(clients.map(({ client }) => client.close()));
    },
  };
}

/** A picture of what did not work would be a lie. */
function fail(error) {
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
}
