/** Writes the page anew from the results that are there. */
import { writeDerived } from './publish/pages.js';
import { readResults } from './publish/results.js';

writeDerived(readResults());
