/** Reactions that are offered, with their names for screen readers; the first six at once. */
export const emoji: readonly (readonly [sign: string, name: string])[] = [
  ['👍', 'thumbs up'], ['❤️', 'heart'], ['😂', 'tears of joy'], ['🎉', 'party'], ['😮', 'surprised'], ['🙏', 'thank you'],
  ['👋', 'wave'], ['👏', 'applause'], ['🔥', 'fire'], ['👀', 'eyes'], ['✅', 'done'], ['❌', 'no'],
  ['💯', 'hundred'], ['🤔', 'thinking'], ['😊', 'smile'], ['😢', 'crying'], ['😅', 'relieved'], ['😡', 'angry'],
  ['🚀', 'rocket'], ['☕', 'coffee'], ['🍋', 'lemon'], ['🎹', 'piano'], ['🌷', 'tulip'], ['🌊', 'wave of the sea'],
];

export const nameOfEmoji = (sign: string): string => emoji.find(([known]) => known === sign)?.[1] ?? sign;
