/** Everything that the page says in English. */

import { shell } from './shell';
import { talk } from './talk';

export const en = { ...shell, ...talk };
