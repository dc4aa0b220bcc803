import { testKills } from './kills.ts';

/** `npm run test:soak` goes on for longer, and differs each time. */
testKills(12, 1);
