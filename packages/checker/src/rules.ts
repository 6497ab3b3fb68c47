import type { History } from './history.js';
import { h1 } from './rules/h1.js';
import { h2 } from './rules/h2.js';
import { h3 } from './rules/h3.js';
import { h4 } from './rules/h4.js';
import { h5 } from './rules/h5.js';
import { h6 } from './rules/h6.js';
import { h7 } from './rules/h7.js';
import { h8 } from './rules/h8.js';
import { h9 } from './rules/h9.js';
import { h10 } from './rules/h10.js';
import { h11 } from './rules/h11.js';
import type { Rule, Violation } from './violation.js';

/** Judges one rule: pure, over the whole history. */
export type RuleCheck = (history: History) => Violation[];

/** Every rule that is judged, in the order in which violations are reported. */
export const RULES: Readonly<Record<Rule, RuleCheck>> = { H1: h1, H2: h2, H3: h3, H4: h4, H5: h5, H6: h6, H7: h7, H8: h8, H9: h9, H10: h10, H11: h11 };
