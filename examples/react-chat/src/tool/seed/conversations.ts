/** What has been said before the first visit. */
import type { Person } from './people.js';

export interface Line {
  readonly by: Person;
  readonly text: string;
  readonly reactions?: Readonly<Record<string, readonly Person[]>>;
  readonly replies?: readonly Line[];
  /** Which line before it it quotes, by its place. */
  readonly quotes?: number;
  readonly mentions?: readonly Person[];
  /** What it said at first. */
  readonly before?: string;
}

export interface SeedConversation {
  readonly kind: 'direct' | 'group';
  readonly name?: string;
  /** Everybody may join. */
  readonly open?: true;
  /** Who comes first is its owner. */
  readonly members: readonly Person[];
  readonly lines: readonly Line[];
  /** How many lines members have read; the others have read all. */
  readonly unread?: Readonly<Partial<Record<Person, number>>>;
  readonly pinnedBy?: readonly Person[];
  readonly mutedBy?: readonly Person[];
  readonly archivedBy?: readonly Person[];
}

const everybody: readonly Person[] = ['mira', 'jonas', 'aisha', 'tomas', 'noor', 'yuki'];

export const conversations: readonly SeedConversation[] = [
  {
    kind: 'group', name: 'Winter planning', members: ['mira', 'jonas', 'aisha'], archivedBy: ['mira', 'jonas'],
    lines: [{ by: 'aisha', text: 'All done here. See you next year!' }],
  },
  {
    kind: 'group', name: 'Deliveries', members: ['tomas', 'mira', 'jonas'], mutedBy: ['mira'], unread: { mira: 2 },
    lines: [
      { by: 'tomas', text: 'Flour and milk are in the cold room.' },
      { by: 'jonas', text: 'Thanks! The invoice is on the desk.' },
      { by: 'tomas', text: 'Next van on Thursday, around seven.' },
      { by: 'tomas', text: 'Thursday moved to half past six, sorry.' },
    ],
  },
  {
    kind: 'direct', members: ['mira', 'noor'],
    lines: [
      { by: 'noor', text: 'صباح الخير ميرا! هل طاولة الغد لستة أشخاص؟' },
      { by: 'mira', text: 'صباح النور، نعم — six by the window.' },
      { by: 'noor', text: 'ممتاز، شكراً جزيلاً 🌷', reactions: { '❤️': ['mira'] } },
    ],
  },
  {
    kind: 'direct', members: ['mira', 'aisha'], unread: { mira: 1 },
    lines: [
      { by: 'mira', text: 'Did the photographer write back?' },
      { by: 'aisha', text: 'Yes: Saturday at ten, before we open. The contract is at https://example.com/contracts/harbour-2026' },
    ],
  },
  {
    kind: 'group', name: 'Harbour Café', open: true, members: everybody, pinnedBy: ['mira'], unread: { mira: 3, jonas: 2 },
    lines: [
      { by: 'mira', text: 'Welcome to the Harbour Café! Whoever signs in joins this room, so that people find each other. Say hello 👋', reactions: { '👋': ['jonas', 'aisha', 'tomas', 'yuki'], '🎉': ['noor'] } },
      { by: 'jonas', text: 'Morning all. The new espresso machine is in, and it is a beauty.' },
      { by: 'aisha', text: 'How loud is it?' },
      { by: 'jonas', text: 'Quieter than Tomás before his first coffee.', reactions: { '😂': ['mira', 'aisha', 'yuki', 'noor'] } },
      { by: 'tomas', text: 'I heard that.', quotes: 3 },
      { by: 'yuki', text: 'May I play the piano on Saturday night?' },
      { by: 'mira', text: 'Yes, please! Everybody: Yuki plays on Saturday night.', reactions: { '🎹': ['noor', 'aisha', 'jonas'] } },
      {
        by: 'aisha', text: 'I made a draft of the summer menu. Three questions are left: the oysters, the second vegan main, and whether we keep the lemon tart. Please have a look until Friday: https://example.com/menus/summer-draft',
        before: 'I made a draft of the summer menu, please have a look.', reactions: { '👀': ['mira', 'tomas'] },
        replies: [
          { by: 'tomas', text: 'Oysters only if the price holds.' },
          { by: 'mira', text: 'The tart stays. People would riot.', reactions: { '🍋': ['aisha', 'jonas'] } },
          { by: 'jonas', text: 'Vegan main: the celeriac one from last year?' },
        ],
      },
      { by: 'tomas', text: 'Who opens on Sunday?' },
      { by: 'noor', text: 'يمكنني أن أفتح يوم الأحد، لا مشكلة.' },
      { by: 'aisha', text: '@Mira Okafor and @Jonas Lindqvist, can one of you close?', mentions: ['mira', 'jonas'] },
      { by: 'yuki', text: 'If not, I can.' },
    ],
  },
  {
    kind: 'direct', members: ['mira', 'jonas'], unread: { mira: 2 },
    lines: [
      { by: 'jonas', text: 'Do you have a minute later?' },
      { by: 'mira', text: 'Sure, after the lunch rush. About the rota?' },
      { by: 'jonas', text: 'No, about the boat! The harbour master says we may have the old pier for the party.' },
      { by: 'jonas', text: 'Forty people, a band, and lanterns on the water. What do you think?' },
    ],
  },
];
