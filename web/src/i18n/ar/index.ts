/** Everything that the page says in Arabic. */
import type { Dictionary } from '../languages';
import { shell } from './shell';
import { talk } from './talk';

export const ar: Dictionary = { ...shell, ...talk };
