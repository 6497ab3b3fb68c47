import { useMemo } from 'react';
import { markText, splitText, type Range } from './split-text.js';

const EMOJI_ONLY = /^(?:\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic}|\p{Emoji_Modifier})*\s?){1,3}$/u;

/** What somebody has written: never as markup. */
export function Text({ text, names }: { readonly text: string; readonly names?: readonly string[] }) {
  const pieces = useMemo(() => splitText(text, names), [text, names]);
  return (
    <p className={EMOJI_ONLY.test(text) ? 'text emoji-only' : 'text'} dir="auto">
      {pieces.map(({ kind, text: piece }, at) => {
        // Pieces have no names; the text is a whole, and never changes by halves.
        if (kind === 'link') return <a key={at} href={piece} target="_blank" rel="noopener noreferrer nofollow">{piece}</a>;
        return kind === 'mention' ? <strong key={at} className="mention">{piece}</strong> : piece;
      })}
    </p>
  );
}

/** A line of it, with what was searched for. */
export function Excerpt({ text, ranges }: { readonly text: string; readonly ranges: readonly Range[] }) {
  // What was found is to be seen, also far behind in a long text.
  const from = Math.max(0, (ranges[0]?.from ?? 0) - 40);
  const shown = ranges.map((range) => ({ from: range.from - from, to: range.to - from }));
  return (
    <span className="excerpt" dir="auto">
      {from > 0 && '…'}
      {markText(text.slice(from), shown).map(({ kind, text: piece }, at) => (kind === 'mark' ? <mark key={at}>{piece}</mark> : piece))}
    </span>
  );
}
