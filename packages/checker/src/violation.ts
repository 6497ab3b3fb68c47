/** The rules that are judged; H12 is not among them. */
export type Rule = 'H1' | 'H2' | 'H3' | 'H4' | 'H5' | 'H6' | 'H7' | 'H8' | 'H9' | 'H10' | 'H11';

/** What a violation adds to in the verdict's counts. */
export type Effect = 'lost' | 'repeated' | 'reordered';

/** A rule that a history breaks. */
export interface Violation {
  readonly rule: Rule;
  /** One sentence that stands by itself, without a full stop. */
  readonly text: string;
  readonly client?: string;
  readonly stream?: string;
  readonly seq?: number;
  readonly effect?: Effect;
  /** How many facts it concerns; 1 when absent. */
  readonly facts?: number;
}
